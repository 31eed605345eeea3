"""Models and samples in the formats of other tools: ONNX, torch.export, the Hugging Face Hub, WebDataset."""
