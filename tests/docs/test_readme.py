"""The README shows what the demo prints; `make test-demo` holds the demo to the stored copy."""

from __future__ import annotations

from tests.demo import OUTPUT, README, SHOWN, sample_in, sample_of


def test_the_sample_in_the_readme_is_what_the_demo_prints() -> None:
    stored = OUTPUT.read_text(encoding="utf-8")
    sample = sample_in(README.read_text(encoding="utf-8"))
    assert sample == sample_of(stored)
    printed = {line.rstrip() for line in stored.splitlines()}
    assert {line for line in sample.splitlines() if line != " …"} <= printed
    for name, when in SHOWN:
        assert any(line.split()[:2] == [name, when] for line in sample.splitlines())
    assert stored.count("intervals hold the planted ratio") == 3
