"""riskset."""
