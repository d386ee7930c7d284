"""What a run shows in a notebook: small tables, charts, and itself in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from riskset.microdata import as_html
from riskset.report.brief import (
    chart_curves,
    chart_forest,
    table_attrition,
    table_audit,
    table_characteristics,
    table_estimates,
)
from riskset.spec.words import both

if TYPE_CHECKING:
    from riskset.microdata import MicrodataTable
    from riskset.results.released import Released


class RunViews:
    """The small tables and charts of a run. All numbers are aggregated; not cleared for export by that."""

    released: Released
    sets: MicrodataTable
    failures: tuple[str, ...]

    def estimates(
        self,
        *,
        ratio: bool = True,
        all: bool = False,
        comparison: str | None = None,
        exposure: str | None = None,
        analysis: str | None = None,
    ) -> pa.Table:
        """What was estimated of the exposures, one row for each level and model.

        Parameters
        ----------
        ratio
            Whether ``ratio``, ``ratio_low`` and ``ratio_high`` stand beside the logarithm ``estimate`` and its
            ``std_error``; rows that are no ratios, such as medians, are then left out unless all are asked for. Else
            ``estimate``, ``std_error``, ``conf_low`` and ``conf_high`` are on the scale of the model.
        all
            Whether to give every row: covariates, subgroups, tests, and Firth's estimates beside those of maximum
            likelihood; with what each is adjusted for and its ``model_id``. Else Firth's stand where maximum likelihood
            has no finite estimate.
        comparison, exposure
            Only of these.
        analysis
            Only of this part of the study: ``risk``, ``prognosis``, ``decline`` or ``cohort``.

        Returns
        -------
        comparison, exposure, measure, level (in words), model, effect (OR, HR, …), the numbers, p_value, and
        how many of those at this level are cases, controls and events; informative_sets differ within.

        Raises
        ------
        SpecError
            The run has no such comparison, exposure or analysis.
        """
        return table_estimates(
            self.released, ratio=ratio, everything=all, comparison=comparison, exposure=exposure, analysis=analysis
        )

    def table_one(self, *, comparison: str | None = None) -> pa.Table:
        """Cases and controls on the index date: shares in [0, 1] or means, and their standardised difference.

        Returns
        -------
        comparison, variable (in words), exposure and measure (empty of covariates), level (in words), kind (share or
        mean), cases and controls (how many), cases_value and controls_value, cases_spread and controls_spread (standard
        deviations beside means), smd.
        """
        return table_characteristics(self.released, comparison=comparison)

    def attrition(self) -> pa.Table:
        """Each rule that removed people, in order and in words, with how many it removed and left, and of what."""
        return table_attrition(self.released)

    def audit(self, *, comparison: str | None = None, all: bool = False) -> pa.Table:
        """The checks of the matched sets that found something, or where asked for all of them, in words."""
        return table_audit(self.released, comparison=comparison, everything=all)

    def forest(self, *, comparison: str | None = None, exposure: str | None = None) -> Any:
        """The forest plot of a comparison, the first of the study unless named, as an Altair chart.

        Raises
        ------
        SpecError
            The run has no such comparison or exposure.
        DesignError
            There is nothing to draw.
        """
        return chart_forest(self.released, comparison=comparison, exposure=exposure)

    def curves(self, *, exposure: str | None = None) -> Any:
        """Survival of the cases by use before, with numbers at risk, as an Altair chart.

        Raises
        ------
        SpecError
            The study has no such exposure.
        DesignError
            Nobody was followed, or too few for a curve.
        """
        return chart_curves(self.released, exposure=exposure)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return as_html(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Run of {self.released.study.name!r} ({self.released.stamp})"
        yield f"  matched sets: {len(self.sets):,} rows of {', '.join(self.sets.column_names)}"
        sets = self.sets.to_arrow()
        if len(sets):
            counted = sets.group_by("comparison", use_threads=False).aggregate([("set_id", "count_distinct")])
            for row in counted.to_pylist():
                yield f"    {row['comparison']}: {row['set_id_count_distinct']:,} sets"
        yield f"  estimates: {self.released.table('estimates').num_rows:,} rows"
        if self.failures:
            yield f"  not fitted as asked: {len(self.failures):,}; see failures"
        yield f"  see {both([f'{name}()' for name in _VIEWS])}"


_VIEWS = ("estimates", "table_one", "attrition", "audit", "forest", "curves")
