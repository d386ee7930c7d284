"""The front of the report: what a paper would hold, made for any study by rules."""
