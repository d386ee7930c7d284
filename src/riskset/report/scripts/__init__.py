"""Scripts in R and Stata that fit a run's models again. They hold no data, and of results what may be shown."""

from riskset.report.scripts.script_files import write_scripts

__all__ = ["write_scripts"]
