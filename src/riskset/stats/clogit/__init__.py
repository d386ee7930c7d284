"""Matched sets: who of a set is the case? The conditional likelihood, and conditional logistic regression."""
