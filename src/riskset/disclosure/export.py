"""The files of a release: tables in which withheld differs from missing, the log, the pages."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from riskset.disclosure.checker import checkers_page
from riskset.disclosure.door import Cleared
from riskset.disclosure.ledger import PastRelease
from riskset.disclosure.rounding_functions import DIGITS
from riskset.errors import DisclosureError
from riskset.report.document import write_report
from riskset.report.public import write_public
from riskset.report.scripts import write_scripts
from riskset.results.dictionary import DATA_PACKAGE, data_package
from riskset.results.files import write_csv
from riskset.results.ratio_columns import with_ratios
from riskset.results.released import Released
from riskset.storage.atomic import replacing, write_text

MANIFEST = "release.json"
"""Names the policy and each file with its digest; written last."""
LOG, CHECKER = "disclosure_log.csv", "checker.html"
COLUMN = "withheld"
"""The column of every exported table that names the columns whose numbers are withheld in a row."""
_MEANING = "columns of this row whose numbers disclosure control has withheld; another empty cell is a missing number"


def refuse_other_folder(folder: Path) -> None:
    """Refuse a place where writing a release would replace something else.

    Raises
    ------
    DisclosureError
        The place is a file, or a folder that holds no release.
    """
    if folder.is_file():
        raise DisclosureError("this is a file", where=str(folder), remedy="name a folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise DisclosureError("this folder holds no release", where=str(folder), remedy="name another one")


def write_export(
    cleared: Cleared,
    folder: Path,
    note: Callable[[Mapping[str, str]], None] = lambda files: None,
    earlier: Sequence[PastRelease] = (),
) -> None:
    """Write a release in one piece: the folder is there whole or not at all; one that is there is replaced.

    Parameters
    ----------
    earlier : the releases of the ledger, for who checks
    note : is given the files, relative to the folder, each with its SHA-256, before the folder is there

    Raises
    ------
    DisclosureError
        The results have not been cleared, or the folder holds something else.
    """
    refuse_internal(cleared.released)
    refuse_other_folder(folder)
    with replacing(folder) as partial:
        partial.mkdir(parents=True)
        try:
            write_released(cleared, partial, earlier)
            files = digests(partial)
            policy = {"name": cleared.policy.name, **cleared.policy.parameters()}
            facts = {"policy": policy, "stamp": cleared.released.stamp, "files": files}
            write_text(partial / MANIFEST, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
            note(files)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def write_released(cleared: Cleared, folder: Path, earlier: Sequence[PastRelease] = ()) -> None:
    """Write tables, dictionary, log, report, scripts and the checker's page into a folder."""
    released = cleared.released
    for name in released.tables:
        marks = _marks(released, name)
        pq.write_table(_marked(released.tables[name], marks), folder / f"{name}.parquet")
        write_csv(folder / f"{name}.csv", _marked(with_ratios(released.tables[name]), marks))
    package = data_package(list(released.tables))
    for resource in package["resources"]:
        resource["schema"]["fields"].append({"name": COLUMN, "type": "string", "description": _MEANING})
    write_text(folder / DATA_PACKAGE, json.dumps(package, indent=1, ensure_ascii=False) + "\n")
    write_csv(folder / LOG, log_table(cleared))
    write_text(folder / "study.toml", released.study.to_toml())
    write_report(released, folder, png=True)
    write_public(released, folder)
    write_scripts(released, folder, digits=DIGITS)
    write_text(folder / CHECKER, checkers_page(cleared, digests(folder), earlier))


def refuse_internal(released: Released) -> None:
    """Refuse to export what has not been cleared.

    Raises
    ------
    DisclosureError
        It carries the stamp of internal results.
    """
    if released.is_internal:
        raise DisclosureError("these results are internal and have not been cleared", remedy="use riskset release")


def log_table(cleared: Cleared) -> pa.Table:
    """The log as it leaves: each cell that was emptied, by table, row and column, with its rule."""
    columns: dict[str, list[str]] = {
        "table": [one.table for one in cleared.log],
        "key": [one.key for one in cleared.log],
        "column": [one.column for one in cleared.log],
        "rule": [one.rule.in_public for one in cleared.log],
    }
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))


def digests(folder: Path) -> dict[str, str]:
    """Each file below a folder with its SHA-256, but for the manifest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _marks(released: Released, name: str) -> Sequence[str]:
    """For each row the names of its emptied columns."""
    marks: defaultdict[int, list[str]] = defaultdict(list)
    for i, cells in released.withheld.get(name, {}).items():
        marks[i] = sorted(cells)
    return [", ".join(marks[i]) for i in range(released.tables[name].num_rows)]


def _marked(table: pa.Table, marks: Sequence[str]) -> pa.Table:
    field: Any = pa.field(COLUMN, pa.string(), metadata={"meaning": _MEANING})
    return table.append_column(field, pa.array(marks, pa.string()))
