"""Hazards compared: the partial likelihood, what is checked of a fit and what it predicts, and Fine-Gray."""
