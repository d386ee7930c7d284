"""A score over time, deaths left aside: the linear mixed model."""
