"""Sets that an authority drew: nations with sets and violations worked by hand; ``worked.py`` says how to add one."""

from __future__ import annotations

from typing import Any

from tests.cohort.worked import HOME, Conformance


def _given(name: str, why: str, people: str, members: dict[str, str], **more: Any) -> Conformance:
    return Conformance(name, why, people, members, kind="given", **more)


ANN = f"ann f 1950-03-01 {HOME} als 2015-06-01 given A case 2015-06-01"
BEA = f"bea f 1950-03-01 {HOME} als 2016-06-01 given B case 2016-06-01"

GIVEN = [
    _given(
        "Sets as they were drawn",
        "`given A case` is a row of the set A. Nothing is sampled: the sets are taken over, and the audit finds "
        "nothing wrong.",
        f"""
        {ANN}
        bea f 1950-03-01 {HOME} als 2016-06-01 given B case 2016-06-01 given A control 2015-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2016-06-01
        """,
        {"ann": "bea eve", "bea": "eve"},
    ),
    _given(
        "The date on the case's row alone",
        "A row without a date has that of its set's case.",
        f"""
        {ANN}
        eve f 1950-01-01 {HOME} given A control
        """,
        {"ann": "eve"},
    ),
    _given(
        "No date at all",
        "A case without a date has that of its event.",
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 given A case
        eve f 1950-01-01 {HOME} given A control
        """,
        {"ann": "eve"},
    ),
    _given(
        "Pairs of a case and a control",
        "Delivered as pairs, the case comes once for each control. Equal rows of the case are one.",
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 given A case 2015-06-01 given A case 2015-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01
        fay f 1950-01-01 {HOME} given A control 2015-06-01
        """,
        {"ann": "eve fay"},
    ),
    _given(
        "A control twice in a set",
        "Equal rows of a control are one, as those of a case are: a repeat contradicts nothing. The import counts the "
        "set and tells of it; Eve may serve in Bea's, too.",
        f"""
        {ANN}
        {BEA}
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given A control 2015-06-01 given B control 2016-06-01
        """,
        {"ann": "eve", "bea": "eve"},
    ),
    _given(
        "A case among its own controls",
        "Whether Ann was a case or a control is not known: the import sets the set aside.",
        f"""
        {ANN} given A control 2015-06-01
        {BEA}
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2016-06-01
        """,
        {"ann": "", "bea": "eve"},
    ),
    _given(
        "A control who is a case later",
        "Bea is at risk as Ann falls ill, and a case a year later: both sets stay.",
        f"""
        {ANN}
        {BEA} given A control 2015-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2016-06-01
        """,
        {"ann": "bea eve", "bea": "eve"},
    ),
    _given(
        "Two dates in a set",
        "Members are compared on one day; which of the two it was is not known, and the import sets the set aside.",
        f"""
        {ANN}
        {BEA}
        eve f 1950-01-01 {HOME} given A control 2015-06-02 given B control 2016-06-01
        """,
        {"ann": "", "bea": "eve"},
    ),
    _given(
        "A control who is not at risk",
        "Eve had emigrated; Fay had the disease on the day; Gus is of another sex. They stay in the set, for the audit "
        "to find.",
        f"""
        {ANN}
        eve f 1950-01-01 lives 1990-01-01..2015-06-01 given A control 2015-06-01
        fay f 1950-01-01 {HOME} mnd 2015-06-01 PLS given A control 2015-06-01
        gus m 1950-01-01 {HOME} given A control 2015-06-01
        """,
        {"ann": "eve fay gus"},
        violations={"not under observation": 1, "control with the disease": 1, "sex differs": 1},
    ),
    _given(
        "A case whom the study leaves out",
        "Bea's event came before the period. The authority drew controls for more cases than the study has: her set is "
        "left out and counted, and breaks nothing.",
        f"""
        {ANN}
        bea f 1950-03-01 {HOME} als 2009-06-01 given B case 2009-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2009-06-01
        """,
        {"ann": "eve"},
    ),
    _given(
        "A case who is none",
        "Bea has no such event, and Cia had hers on another day: the authority's definition of a case is not the "
        "study's.",
        f"""
        {ANN}
        bea f 1950-03-01 {HOME} given B case 2016-06-01
        cia f 1950-03-01 {HOME} als 2016-07-01 given C case 2016-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2016-06-01 given C control 2016-06-01
        """,
        {"ann": "eve", "bea": "eve", "cia": "eve"},
        violations={"not a case of the study": 2},
    ),
    _given(
        "A set without a case",
        "Nobody is known to be compared with Eve in the set B: the import sets it aside.",
        f"""
        {ANN}
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given B control 2015-06-01
        """,
        {"ann": "eve"},
    ),
    _given(
        "A case alone",
        "A set without a control says nothing: it is left out and counted, and Bea is noted as a case without a set.",
        f"""
        {ANN}
        bea f 1950-03-01 {HOME} als 2016-06-01 given B case 2016-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01
        """,
        {"ann": "eve", "bea": ""},
    ),
    _given(
        "Two sets of one case",
        "A case is counted once: two sets of Ann's break the design, each being as it should.",
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 given A case 2015-06-01 given B case 2015-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01
        fay f 1950-01-01 {HOME} given B control 2015-06-01
        """,
        {"ann": "eve / fay"},
        violations={"case in several sets": 1},
    ),
    _given(
        "Two cases in one set",
        "Each case needs a set of its own: the import sets aside the one that has two.",
        f"""
        {ANN}
        bea f 1950-03-01 {HOME} als 2015-06-01 given A case 2015-06-01
        cia f 1950-03-01 {HOME} als 2015-06-01 given C case 2015-06-01
        eve f 1950-01-01 {HOME} given A control 2015-06-01 given C control 2015-06-01
        """,
        {"ann": "", "bea": "", "cia": "eve"},
    ),
]
