"""The columns that rows have beside the canonical ones once they were held against the rules."""

from __future__ import annotations

REASON = "reason"
"""0: the row is kept; −1: it holds no fact; otherwise 1 + the place of the rule for which it is set aside."""

NOTED = "noted"
"""One bit for each rule whose rows stay, in the order of the rules."""

DELIVERED_ID, DELIVERED_CELL = "delivered_id", "delivered_cell"
"""Of rows set aside: the identifier as delivered, and the cell that is the reason, where it could not be read."""
