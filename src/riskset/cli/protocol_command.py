"""The command ``riskset protocol``."""

from __future__ import annotations

from pathlib import Path

from riskset.cli.terminal import refuse_swapped


def protocol(study: Path, *, out: Path | None = None) -> None:
    """Write the protocol of a study from its description alone, in the chapters of HARPER.

    What a description cannot know is marked for the authors.

    Parameters
    ----------
    study
        study.toml
    out
        File to write, ending in .html or .md; Markdown is printed when left out.
    """
    from riskset.report.protocol_pages import protocol_markdown, write_protocol
    from riskset.spec.study import Study

    refuse_swapped(study)
    described = Study.load(study)
    if out is None:
        print(protocol_markdown(described), end="")
        return
    path = write_protocol(described, out)
    print(f"The protocol: {path} (fingerprint {described.fingerprint[:12]})")
