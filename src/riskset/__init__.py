"""riskset: nationwide-register studies of medicines, from the delivered registers to the released report.

>>> from riskset import Study, Registers, run_study

Names are loaded when first used, so that `riskset --help` stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Study": "riskset.spec.study",
    "Registers": "riskset.registers.registers",
    "run_study": "riskset.run",
    "write_run": "riskset.run",
    "RisksetError": "riskset.errors",
}

__all__ = ["Registers", "RisksetError", "Study", "__version__", "run_study", "write_run"]

if TYPE_CHECKING:
    from riskset.errors import RisksetError
    from riskset.registers.registers import Registers
    from riskset.run import run_study, write_run
    from riskset.spec.study import Study


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'riskset' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
