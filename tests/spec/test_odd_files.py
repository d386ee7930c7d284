"""Descriptions of odd kinds: each ends in a sentence, soon, and never in a fault of ours."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from riskset.errors import AT_MOST, SpecError
from riskset.spec import Study
from riskset.spec.from_toml import LARGEST, parse_toml
from tests.spec.studies import STUDY

DEEP = "brackets or sections lie in each other too deeply; close them earlier."
ODD = {
    "brackets": ("a = " + "[" * 20_000 + "]" * 20_000, DEEP),
    "brackets that stay open": ("a = " + "[" * 500_000, DEEP),
    "braces": ("a = " + "{a = " * 20_000 + "}" * 20_000, DEEP),
    "a little too deep": ("a = " + "[" * 120 + "]" * 120, DEEP),
    "a long key": ("a" + ".a" * 400_000 + " = 1", DEEP),
    "a long section": ("[a" + " . a" * 200_000 + "]", DEEP),
    "many long keys": ("".join("a" + ".b" * 900 + f".c{i} = 1\n" for i in range(500)), DEEP),
    "a seed of 5,000 digits": (STUDY.replace("seed = 1", "seed = " + "9" * 5_000), "a number has too many digits; "),
    "a year of 5,000 digits": ("a = " + "1" * 5_000 + "-01-01", "a number has too many digits; "),
    "a seed of 200 digits": (STUDY.replace("seed = 1", "seed = " + "9" * 200), "seed: the number is out of range; it"),
    "a seed in hexadecimal": (STUDY.replace("seed = 1", "seed = 0x" + "f" * 9_000), "seed: the number is out of range"),
    "an infinite ratio": (STUDY.replace("ratio = 5", "ratio = inf"), "controls[0].ratio: this must be a whole number"),
    "a huge name": (STUDY.replace("anxiolytics", "a" * 300_000), f"'{'a' * 59}…' cannot be a name; a letter comes"),
    "a huge key": (f"{'k' * 300_000} = 1\n" + STUDY, f"'{'k' * 59}…': unknown key; there are name,"),
    "a control character": (
        STUDY.replace("A study", "A\x1b[31m study"),
        "line 2: a control character stands in a text; remove it.",
    ),
    "a written control character": (STUDY.replace("anxiolytics", "\\u001b[31m"), "name: '\\x1b[31m' cannot be a name;"),
    "no key of ours": ("password = 'Svensson'\n[server]\nx = 1", "none of its keys is one of this description's; such"),
    "many keys": ("".join(f"k{i} = 1\n" for i in range(60_000)) + STUDY, "unknown key; there are name, seed,"),
    "many sections": ("[[controls]]\n" * 60_000, "controls[0].kind: the kind is missing; add kind = one of population"),
    "many names": (STUDY.replace('"education"', '"education", ' * 50_000 + '"sex"'), "name is there twice"),
    "year 0": (STUDY.replace("2015-01-01", "0000-01-01"), "line 6: there is no such date; write a day of the"),
    "the last year": (STUDY.replace("2020-01-01", "9999-12-31"), ""),
    "a NUL": (STUDY.replace("A study", "A\0study"), "a control character stands in a text; remove it."),
    "a path of Windows": (
        STUDY.replace("A study", "C:\\data"),
        "line 2: a backslash in a text begins no sign that TOML",
    ),
    "half a surrogate": (STUDY.replace("A study", "\\ud800"), "line 2: this sign is no letter of Unicode; mend it."),
}


@pytest.mark.parametrize(("text", "says"), ODD.values(), ids=ODD)
def test_one_sentence_soon(text: str, says: str) -> None:
    started = time.process_time()
    if not says:
        parse_toml(Study, text)
        return
    with pytest.raises(SpecError) as told:
        parse_toml(Study, text, where="study.toml")
    assert time.process_time() - started < 15
    assert says in str(told.value)
    assert all(len(line) < 2_000 and line.isprintable() for line in str(told.value).split("\n"))
    assert len(str(told.value).splitlines()) <= AT_MOST + 2


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("#" * (LARGEST + 1))
    with pytest.raises(SpecError, match=r"the file is larger than 1 MB; give the path of a TOML file"):
        Study.load(path)
    path.write_text(STUDY + "#" * (LARGEST - len(STUDY)))
    assert Study.load(path).name == "A study"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.symlink("loop", tmp_path / "loop")
    (tmp_path / "file").touch()
    for name, says in {
        "pipe": "this is no plain file; give the path of a TOML file.",
        "/dev/zero": "this is no plain file; give the path of a TOML file.",
        "loop": "the file cannot be read; the system says: too many levels of symbolic links.",
        "file/inside": "there is no such file; give the path of a TOML file.",
        "a\0b": "there is no such file; give the path of a TOML file.",
        "~nobody/study.toml": "there is no such file; give the path of a TOML file.",
        "x" * 5_000: "the file cannot be read; the system says: file name too long.",
    }.items():
        with pytest.raises(SpecError) as told:
            Study.load(tmp_path / name)
        assert str(told.value).endswith(says), name
        assert len(str(told.value)) < 1_000


def test_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"study_\xe5.toml")
    path.write_text(STUDY.replace("ratio", "ratoi"))
    with pytest.raises(SpecError) as told:
        Study.load(path)
    assert str(told.value).startswith("study_\\udce5.toml controls[0].ratoi: unknown key")


BYTES = {
    "UTF-16": (STUDY.encode("utf-16"), "the file is not UTF-8 text; save it as UTF-8."),
    "UTF-16 without a mark": (STUDY.encode("utf-16-le"), "the file is not UTF-8 text; save it as UTF-8."),
    "UTF-16, the other way round": (STUDY.encode("utf-16-be"), "the file is not UTF-8 text; save it as UTF-8."),
    "Latin-1": (b"# \xe5\n" + STUDY.encode(), "the file is not UTF-8 text; save it as UTF-8."),
    "compressed": (gzip.compress(STUDY.encode()), "this is no text file; give the path of a TOML file."),
    "zeros at its end": (
        STUDY.encode() + bytes(40),
        "this text holds bytes of zero, which no text has; it was damaged",
    ),
}


@pytest.mark.parametrize(("content", "says"), BYTES.values(), ids=BYTES)
def test_what_is_no_text_is_called_that(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(SpecError) as refused:
        Study.load(tmp_path / "study.toml")
    assert str(refused.value).startswith(f"{tmp_path}/study.toml: {says}")


@pytest.mark.parametrize("mark", ["\x1a", "\x1a\x1a\r\n", "\r\n\x1a"])
def test_a_final_control_z_is_the_end(tmp_path: Path, mark: str) -> None:
    (tmp_path / "study.toml").write_bytes((STUDY + mark).encode())
    assert Study.load(tmp_path / "study.toml") == parse_toml(Study, STUDY)
