"""A country with known truth: people, families, disease, prescribing, the course of ALS, and how it is all delivered.

Start with `make_nation` for tables in memory and `write_delivery` for files as an authority would send them.
"""

from riskset.nation.delivery import write_delivery
from riskset.nation.mechanism import LiabilityPart, Mechanism
from riskset.nation.nation import Nation, make_nation
from riskset.nation.settings import DiseaseCourse, Effects, NationSettings

__all__ = [
    "DiseaseCourse",
    "Effects",
    "LiabilityPart",
    "Mechanism",
    "Nation",
    "NationSettings",
    "make_nation",
    "write_delivery",
]
