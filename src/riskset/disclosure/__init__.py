"""WHAT MAY LEAVE: which numbers are withheld so that none that may not be known follows from those that are shown.

The core knows nothing of tables: numbers and the sums that hold between them (`system`), what may not be known
(`policy`, `presets`), which numbers to withhold (`suppress`), what an attacker can still compute (`bounds`), and the
counts that a printed percentage gives away (`shares`). Theory and sources: docs/disclosure.md.
"""
