"""Descriptions, deliveries and command lines with something odd put anywhere in them.

Whatever it is, riskset ends by itself with a documented code and sentences, none of them a fault of its own, and shows
no cell. ``RISKSET_MUTATIONS=5000 pytest tests/cli/test_mutated.py`` tries more of them.
"""

from __future__ import annotations

import copy
import os
import random
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from tests.cli import town
from tests.cli.conftest import Ended, riskset

TIMES = int(os.environ.get("RISKSET_MUTATIONS", "120"))
CODES = {0, 1, 2, 10, 11, 12, 13, 14}

STUDY = town.STUDY + (
    'adjust = ["early"]\nsubgroups = [{ by = "sex" }]\n[[covariates]]\nkind = "diagnosis"\nname = "early"\n'
    'icd10 = ["F"]\nlag = "1y"\n[[published]]\nexposure = "antidepressants"\nmeasure = "ever"\nlevel = "ever"\n'
    'estimate = 1.5\nsource = "x"\n'
)
VALUES: list[Any] = [
    *(0, -1, 1, 2**31, 2**63 - 1, 2**63, -(10**30), 0.5, -0.0, 1e308, float("nan"), float("inf"), True, False),
    *(date(1, 1, 1), date(9999, 12, 31), date(2015, 2, 28), datetime(2015, 1, 1, 12), time(12)),
    *("", " ", "x", "\0", "\x1b[31m", "\u202e", "\n", "å" * 50, "e\u0301", "x" * 100_000, "1y", "1e5y", "999999y"),
    *("*", "[", "[a]", "?", "**", "..", "/", "~", "/dev/zero", "/dev/null", "/etc/passwd", "person.csv", "study.toml"),
    *("F", "N05", "G12.2", "age", "sex", "ever", "population", "siblings", "utf-16", "%Y", "%", "native", "icd10"),
    *([], [[]], [""], ["sex", "sex"], [1, "a"], {}, {"kind": "ever"}, {"x": {"y": {}}}, [{}], ["x"] * 1_000),
]
TEXTS = [
    '"',
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "\\",
    "\0",
    "\r",
    "\ufeff",
    "\u2028",
    '"""',
    "e",
    "-",
    "9" * 60,
]
CELLS = [
    b"",
    b'"',
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"\r",
    b"\n\n",
    b";",
    b";;;;;;",
    b"9" * 40,
    b"NaN",
    b"\xef\xbb\xbf",
    b"'--",
]


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key and item of plain data."""
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield (*at, key)
        yield from places(data[key], (*at, key))


def odd_data(text: str, chance: random.Random) -> str:
    """A description with a value replaced, taken away, doubled or added."""
    data = tomllib.loads(text)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        *above, last = chance.choice(list(places(data)))
        holder: Any = data
        for key in above:
            holder = holder[key]
        match chance.randrange(5):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            case 2 if isinstance(holder, dict):
                holder[chance.choice((*(str(v) for v in VALUES[19:]), f"{last}x", str(last)[:-1]))] = holder[last]
            case _:
                holder[last] = copy.deepcopy(chance.choice(VALUES))
    return tomli_w.dumps(data)


def odd_text(text: str, chance: random.Random) -> str:
    """A text with something put in, cut out or moved."""
    at, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    lines = text.splitlines(keepends=True)
    match chance.randrange(6):
        case 0:
            return text[:at] + chance.choice(TEXTS) + text[at:]
        case 1:
            return text[:at] + text[min(to, at + 5) :]
        case 2:
            return text[:at]
        case 3:
            line = chance.choice(lines)
            return text.replace(line, line * 2, 1)
        case 4:
            chance.shuffle(lines)
            return "".join(lines)
        case _:
            return "\ufeff" + text.replace("\n", "\r\n")


def odd_bytes(content: bytes, chance: random.Random) -> bytes:
    """A delivered file with a cell or a line amiss."""
    at = chance.randrange(len(content))
    match chance.randrange(4):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + content[at + chance.randrange(1, 40) :]
        case 2:
            return content.replace(b"\n", chance.choice((b"\r", b"\r\n", b";\n", b"")), chance.choice((1, -1)))
        case _:
            return content[:at] + chance.choice(CELLS) + content[at:]


def well_ended(ended: Ended) -> None:
    told = "\n".join(ended.said)
    assert ended.code in CODES, told
    assert "fault of riskset" not in told
    assert "Traceback" not in told
    assert town.SECRET not in told + ended.out
    assert bool(ended.said) == (ended.code != 0)
    assert all(line.isprintable() for line in ended.said)
    assert len(told) < 60_000


@pytest.mark.parametrize("odd", [odd_data, odd_text])
def test_odd_descriptions(place: Path, odd: Any) -> None:
    town.build(place, study=STUDY)
    for number in range(TIMES):
        chance = random.Random(f"{odd.__name__} {number}")
        try:
            study, sources = STUDY, town.SOURCES
            if number % 2:
                sources = odd(sources, chance)
            else:
                study = odd(study, chance)
        except (TypeError, ValueError, KeyError):  # tomli_w writes no such thing
            continue
        (place / "study.toml").write_bytes(study.encode("utf-8", "surrogatepass"))
        (place / "sources.toml").write_bytes(sources.encode("utf-8", "surrogatepass"))
        well_ended(riskset("check", "study.toml", "sources.toml"))
        if number % 10 == 0:
            well_ended(riskset("explain", "study.toml"))


def test_odd_deliveries(place: Path) -> None:
    for number in range(max(TIMES // 6, 1)):
        chance = random.Random(f"delivery {number}")
        name = chance.choice(list(town.FILES))
        sources = "tolerance = 1.0\n" + town.SOURCES.replace("utf-8", chance.choice(("utf-8", "latin-1", "utf-16")))
        encoding = "utf-16" if "utf-16" in sources else "utf-8"
        files: dict[str, str | bytes | None] = {n: text.encode(encoding) for n, text in town.FILES.items()}
        files[name] = odd_bytes(town.FILES[name].encode(encoding), chance)
        town.build(place, sources=sources, **files)
        well_ended(riskset("import", "sources.toml", "--store", "store"))


WORDS = [
    *("check", "explain", "import", "audit", "nation", "schema", "run", "--help", "--version", "--", "-", "", " ", "*"),
    *(
        "study.toml",
        "sources.toml",
        "person.csv",
        ".",
        "..",
        "~",
        "/dev/null",
        "a\nb",
        "\x1b[31m",
        "\udce5.toml",
        "x" * 300,
    ),
    *("--store", "--out", "--memory", "--threads", "--engine", "--sets", "--comparison", "--truth", "--leave-out"),
    *("0", "-1", "1e9", "nan", "9" * 30, "9" * 5_000, "0GB", "3GB", "999999999999TB", "1KB", "siblings", "population"),
    *("duckdb", "mysql", "postgresql://", "postgresql://a:b@/c", "--persons", "--seed", "--incidence", "--format"),
]


def test_odd_command_lines(place: Path) -> None:
    town.build(place, study=STUDY)
    for number in range(TIMES):
        chance = random.Random(f"words {number}")
        typed = [chance.choice(WORDS[:6]), *(chance.choice(WORDS) for _ in range(chance.randrange(5)))]
        if "--persons" not in typed and typed[0] == "nation":
            typed += ["--persons", chance.choice(("99", "-1", "1e400", "100"))]
        well_ended(riskset(*typed))
