"""WHAT LEAVES: estimates, the run's folder and its manifest, what is released."""
