"""The papers beside the code: the glossary names what exists, the site is whole and needs no network."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))


def rows() -> list[list[str]]:
    lines = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_every_word_of_the_glossary_has_one_line_and_a_name_in_the_code() -> None:
    words = [row[0] for row in rows()]
    assert len(words) == len(set(words))
    assert words == sorted(words, key=str.lower)
    for row in rows():
        (name,) = re.findall(r"`(\w+)`", row[2])
        assert re.search(rf"\b{name}\b", CODE), f"{row[0]}: {name} is not in the code"


def test_the_site_lists_every_page_and_loads_nothing_from_elsewhere() -> None:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"(\S+\.md)$", config, flags=re.MULTILINE))
    present = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert listed == present
    assert re.search(r"^  font: false\b", config, flags=re.MULTILINE)
    assert "analytics" not in config


def test_licence_and_citation_agree() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (version,) = re.findall(r'^version = "(.*)"$', project, flags=re.MULTILINE)
    assert f"version: {version}\n" in citation
    assert "license: Apache-2.0\n" in citation
