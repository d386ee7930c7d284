"""WHAT IS ASKED: the study as frozen, typed data."""
