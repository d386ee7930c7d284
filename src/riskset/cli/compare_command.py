"""The command ``riskset compare``."""

from __future__ import annotations

import sys
from pathlib import Path

DIFFERENT = 3
"""The exit code where two runs are not alike."""

AT_MOST = 30
"""Lines of one part that are printed; a file has all."""


def compare(before: Path, after: Path, *, out: Path | None = None) -> None:
    """Say what changed from one run to another: description, data, software, sizes and numbers.

    Ends with 0 when nothing did and with 3 when something did. Numbers that agree to the digits that are promised are
    alike.

    Parameters
    ----------
    before
        Folder of a finished run.
    after
        Folder of another one.
    out
        File for every change, as CSV.
    """
    import pyarrow as pa
    from rich.console import Console
    from rich.table import Table

    from riskset.errors import SpecError
    from riskset.report.two_runs import change_lines
    from riskset.results.files import write_csv
    from riskset.results.run_changes import compare_runs

    if out is not None and (out.suffix.lower() != ".csv" or not out.parent.is_dir() or out.is_dir()):
        raise SpecError("no CSV file can be written here", where="--out", remedy="name a file ending in .csv")
    lines = list(change_lines(compare_runs(before, after)))
    if out is not None:
        columns = ("part", "what", "change", "before", "after")
        write_csv(
            out, pa.table({name: pa.array([str(getattr(x, name)) for x in lines], pa.string()) for name in columns})
        )
    if not lines:
        print(f"{before} and {after} are alike: description, data, software and numbers.")
        return
    for part in dict.fromkeys(line.part for line in lines):
        of_part = [line for line in lines if line.part == part]
        print(f"{part}: {len(of_part):,} change{'' if len(of_part) == 1 else 's'}")
        if part == "description":
            print("\n".join(f"  {line.what}" for line in of_part))
            continue
        table = Table(box=None, show_header=False)
        for line in of_part[:AT_MOST]:
            table.add_row("", line.what, str(line.change), line.before, line.after)
        Console(markup=False, highlight=False).print(table)
        if len(of_part) > AT_MOST:
            print(f"  … and {len(of_part) - AT_MOST:,} more; --out has all.")
    sys.exit(DIFFERENT)
