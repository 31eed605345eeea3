"""Python as data scientists write it: one call with the names of Optuna and scikit-learn, and estimators."""
