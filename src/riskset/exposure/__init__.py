"""TO WHAT: dispensings in windows before the index date, and covariates on it."""
