"""The protocol of any study: a page and Markdown that name all of it, safe to open, and the study read back."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from markupsafe import Markup

from riskset.errors import SpecError
from riskset.report.protocol import TextTable, ToWrite, protocol_chapters
from riskset.report.protocol_pages import FORMATS, protocol_html, protocol_markdown, write_protocol
from riskset.results.protocol_file import read_protocol
from riskset.spec import Study
from riskset.spec.from_toml import parse_toml
from riskset.spec.wording import label_of
from tests.examples import examples
from tests.spec.strategies import studies
from tests.spec.studies import STUDY

ALS = Study.load(Path(__file__).parents[2] / "examples/als/study.toml")


def texts_of(study: Study) -> str:
    """All that the protocol says of a study, without the description in full."""
    said = []
    for chapter in protocol_chapters(study):
        for block in chapter.blocks:
            if isinstance(block, TextTable):
                assert block.rows
                assert {len(row) for row in block.rows} == {len(block.head)}
                said += [text for row in block.rows for text in row]
            elif isinstance(block, str):
                said.append(block)
    return "\n".join(said)


class Page(HTMLParser):
    """What a page opens, closes and says."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies())
def test_the_protocol_of_any_study(study: Study) -> None:
    said = texts_of(study)
    for exposure in study.exposures:
        assert label_of(exposure) in said
    for covariate in study.covariates:
        assert label_of(covariate) in said
    for model in study.models:
        assert model.key.replace("_", " ").replace("ddd", "DDD") in said.replace("ddd", "DDD")
    for controls in study.controls:
        assert controls.comparison in said
    assert study.fingerprint in said
    page, text = protocol_html(study), protocol_markdown(study)
    assert (page, text) == (protocol_html(study), protocol_markdown(study))
    read = Page(page)
    assert not read.open
    assert {"script", "img", "link", "iframe", "svg"}.isdisjoint(read.tags)
    assert all(value is not None and value.startswith("#") for name, value in read.attributes if name == "href")
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
    numbers = [chapter.number for chapter in protocol_chapters(study)]
    assert re.findall(r"^#{2,3} ([\d.]+) ", text, re.MULTILINE) == numbers


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(study=studies())
@pytest.mark.parametrize("end", FORMATS)
def test_the_study_is_read_back(end: str, study: Study, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = write_protocol(study, tmp_path_factory.mktemp("protocol") / f"protocol{end}")
    protocol = read_protocol(path)
    assert protocol.study == study
    assert protocol.fingerprint == study.fingerprint


def test_the_chapters_are_harper_s() -> None:
    titles = [chapter.title for chapter in protocol_chapters(ALS)]
    assert titles == sorted(titles, key=titles.index)
    for word in ("Title", "Amendments", "Milestones", "Rationale", "Research question", "Design diagram", "time zero"):
        assert [title for title in titles if word in title], word
    for word in (
        "Eligibility",
        "Exposure",
        "Outcome",
        "Follow-up",
        "Covariates",
        "Statistical",
        "Sensitivity",
        "Data s",
    ):
        assert [title for title in titles if word in title], word
    for word in ("Study size", "Limitations", "Protection of persons", "References"):
        assert [title for title in titles if word in title], word


def test_what_a_description_cannot_know_is_the_authors() -> None:
    wanted = [block for chapter in protocol_chapters(ALS) for block in chapter.blocks if isinstance(block, ToWrite)]
    assert protocol_markdown(ALS).count("> **For the authors:**") == len(wanted) >= 12
    assert protocol_html(ALS).count('<p class="author">') == len(wanted)


def test_windows_have_both_ends() -> None:
    (grid,) = (
        b for c in protocol_chapters(ALS) if c.title == "Design diagram" for b in c.blocks if isinstance(b, TextTable)
    )
    rows = {what: rest for what, *rest in grid.rows}
    assert rows["Index dates"] == ["calendar", "January 1, 2015", "July 1, 2023"]
    assert rows["hypnotics, first use: 1-5y"] == ["index date", "5 years before", "1 year before"]
    assert rows["hypnotics, first use: >5y"] == ["index date", "the start of the register", "5 years before"]
    assert rows["psychiatric diagnosis"] == ["index date", "the start of the register", "1 year before"]
    assert rows["Run-in: since the start of the dispensing register"] == ["index date", "18 months before", "day 0"]


def test_a_picture_of_the_design_stands_above_its_words() -> None:
    page = protocol_html(ALS, diagram=Markup("<svg><title>design</title></svg>"))
    assert page.index('<figure id="design"><svg>') < page.index("Each window, and the day")
    assert "<figure" not in protocol_html(ALS)


def test_what_a_study_says_is_no_markup() -> None:
    hostile = '</pre><script>alert("1")</script> ``` | *x* <!--'
    study = ALS.model_copy(update={"title": hostile, "description": hostile, "name": hostile})
    assert "<script" not in protocol_html(study)
    text = protocol_markdown(study)
    assert text.splitlines()[0] == r'# </pre><script>alert("1")</script> ``` | *x* <!--'.translate(
        {ord(sign): f"\\{sign}" for sign in "`*<>|"}
    )


def test_authors_may_go_on_with_it(tmp_path: Path) -> None:
    path = write_protocol(ALS, tmp_path / "protocol.md")
    before = read_protocol(path)
    path.write_text(path.read_text(encoding="utf-8").replace("> **For the authors:** ", "We think: "), encoding="utf-8")
    after = read_protocol(path)
    assert (after.study, after.fingerprint) == (before.study, before.fingerprint)
    assert after.sha256 != before.sha256
    write_protocol(ALS, path)
    assert read_protocol(path) == before


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("protocol.txt", None, "end its name in .html or .md"),
        ("nowhere/protocol.md", None, "there is no such folder"),
        ("notes.md", "# My notes\n", "this file is no protocol and would be replaced"),
        ("notes.html", "\xff", "this file is no protocol and would be replaced"),
    ],
)
def test_a_protocol_is_not_written_there(name: str, content: str | None, what: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="latin-1")
    with pytest.raises(SpecError, match=what):
        write_protocol(ALS, path)
    assert content is None or path.read_text(encoding="latin-1") == content


@pytest.mark.parametrize(
    ("instead_of", "written", "what"),
    [
        (None, "", "there is no such file"),
        ("## Appendix", "## The end", "no description of a study is in this file"),
        ("Fingerprint of the description:", "Fingerprint", "no description of a study is in this file"),
        ("seed = 20", 'seed = "x"', "protocol.md seed: this must be a whole number"),
    ],
)
def test_what_is_no_protocol(instead_of: str | None, written: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "protocol.md"
    if instead_of is not None:
        path.write_text(protocol_markdown(ALS).replace(instead_of, written), encoding="utf-8")
    with pytest.raises(SpecError, match=what):
        read_protocol(path)


def test_limitations_follow_from_the_description() -> None:
    def limits(text: str) -> str:
        (chapter,) = (c for c in protocol_chapters(parse_toml(Study, text)) if c.title == "Limitations")
        return "\n".join(block for block in chapter.blocks if isinstance(block, str))

    assert "Comparing siblings" not in limits(STUDY)
    assert "Comparing siblings" in limits(STUDY + '[[controls]]\nkind = "siblings"\n')
    assert "approximate the hazard ratio only" in limits(STUDY.replace("ratio = 5", "replacement = false"))
    assert "counts up to the index date" not in limits(STUDY)
    assert "Use of anxiolytics counts up to" in limits(
        STUDY.replace('{ kind = "ever", lag = "1y" }', '{ kind = "ever" }')
    )
    assert "Use of anxiolytics counts up to" in limits(
        STUDY.replace('kind = "ever", lag', 'kind = "any_use", lookback').replace(
            'measure = "ever"', 'measure = "any_use"'
        )
    )
    assert "adjust for nothing" in limits(STUDY.replace('adjust = ["education", "psychiatric"]', ""))
