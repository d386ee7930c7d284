"""Survival and incidence without a model: curves, tests between groups, restricted means and rates."""
