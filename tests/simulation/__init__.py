"""Planted effects, and whether the program finds them: minutes to tens of minutes, run with ``make slow``."""
