"""Studies shown in other tools while they run: Optuna, TensorBoard, MLflow, Weights & Biases, logging."""
