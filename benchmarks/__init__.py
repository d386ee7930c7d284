"""Benchmarks against named peers, in one run, as ratios: ``python -m benchmarks``, or one by name."""
