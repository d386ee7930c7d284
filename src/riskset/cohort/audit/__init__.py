"""Whether matched sets are what they should be: ours, relatives as found, or an authority's."""

from riskset.cohort.audit.matched_sets import audit_sets, estimand, refuse_violations

__all__ = ["audit_sets", "estimand", "refuse_violations"]
