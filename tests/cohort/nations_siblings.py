"""Siblings: nations with sets worked by hand; ``worked.py`` says how to add one."""

from __future__ import annotations

from datetime import date

from tests.cohort.worked import HOME, Conformance

OF_BOTH = "mother mum father dad"
PARENTS = """
mum f 1920-05-01
dad m 1918-02-01
"""
ANN = f"ann f 1950-03-01 {HOME} als 2015-06-01 {OF_BOTH}"


def _family(name: str, why: str, people: str, members: dict[str, str], **more: object) -> Conformance:
    """Ann and her parents are added."""
    lines = "\n".join(line.strip() for line in people.strip().splitlines())
    return Conformance(name, why, f"{PARENTS}{ANN}\n{lines}", members, kind="siblings", **more)  # type: ignore[arg-type]


HALF, ONLY_HALF = {"controls": {"half": True}}, {"controls": {"half": "only"}}
SAME_AGE = {"controls": {"at": "same age"}}

SIBLINGS = [
    _family(
        "Full siblings, of any age and sex",
        "All who share mother and father are taken, whether older or younger. A cousin, or who shares nobody, is none.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH}
        bob m 1957-09-09 {HOME} {OF_BOTH}
        ida f 1950-03-01 {HOME} mother una
        una f 1925-01-01
        """,
        {"ann": "bob eve"},
    ),
    _family(
        "A twin", "A sibling born on the same day is a sibling.", f"tim m 1950-03-01 {HOME} {OF_BOTH}", {"ann": "tim"}
    ),
    _family(
        "A half-sibling, not asked for",
        "Eve has another father: she is no full sibling.",
        f"""
        don m 1919-01-01
        eve f 1948-01-01 {HOME} mother mum father don
        """,
        {"ann": ""},
    ),
    _family(
        "A half-sibling, asked for",
        "With `half = true` half-siblings by the mother or the father are taken beside full ones.",
        f"""
        don m 1919-01-01
        lil f 1925-01-01
        bob m 1957-09-09 {HOME} {OF_BOTH}
        eve f 1948-01-01 {HOME} mother mum father don
        fay f 1955-01-01 {HOME} mother lil father dad
        """,
        {"ann": "bob eve fay"},
        study=HALF,
    ),
    _family(
        "Half-siblings alone",
        'With `half = "only"` full siblings are left out.',
        f"""
        don m 1919-01-01
        bob m 1957-09-09 {HOME} {OF_BOTH}
        eve f 1948-01-01 {HOME} mother mum father don
        """,
        {"ann": "eve"},
        study=ONLY_HALF,
    ),
    _family(
        "A sibling never registered",
        "Eve is known by her parents and never lived in the country: she was never at risk in it.",
        f"eve f 1948-01-01 {OF_BOTH}",
        {"ann": ""},
    ),
    Conformance(
        "Unknown father of the case",
        "Eve and Ann share a mother; whether they share the father is not known. She is neither full nor half.",
        f"""
        mum f 1920-05-01
        dad m 1918-02-01
        ann f 1950-03-01 {HOME} als 2015-06-01 mother mum
        eve f 1948-01-01 {HOME} mother mum
        bob m 1957-09-09 {HOME} {OF_BOTH}
        """,
        {"ann": ""},
        HALF,
        kind="siblings",
    ),
    _family(
        "Unknown father of a sibling",
        "Eve may be a full or a half-sibling, so that she is left out of both; Bob is known to be full.",
        f"""
        eve f 1948-01-01 {HOME} mother mum
        bob m 1957-09-09 {HOME} {OF_BOTH}
        """,
        {"ann": "bob"},
        study=HALF,
    ),
    _family(
        "An adopted child",
        "The register has the legal parents: Eve, adopted by Ann's, is a sibling; Bob, given to others, is none.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH} born-in Korea
        una f 1925-01-01
        ulf m 1925-01-01
        bob m 1957-09-09 {HOME} mother una father ulf
        """,
        {"ann": "eve"},
        study=HALF,
    ),
    _family(
        "Emigrated before, on and after the date",
        "A sibling abroad on t is not at risk; who leaves on t is, and so is who has come back.",
        f"""
        eve f 1948-01-01 lives 1990-01-01..2015-06-01 {OF_BOTH}
        bob m 1957-09-09 lives 1990-01-01..2015-06-02 {OF_BOTH}
        fay f 1953-09-09 lives 1990-01-01..2001-01-01 lives 2015-06-01..2030-01-01 {OF_BOTH}
        """,
        {"ann": "bob fay"},
    ),
    _family(
        "Death the day before and on the date, for siblings",
        "Who dies on t is at risk on t.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH} dies 2015-05-31
        bob m 1957-09-09 {HOME} {OF_BOTH} dies 2015-06-01
        """,
        {"ann": "bob"},
    ),
    _family(
        "A sibling who was a case earlier",
        "Eve fell ill before Ann: Ann is a control in her set, and she is none in Ann's.",
        f"eve f 1948-01-01 {HOME} {OF_BOTH} als 2012-01-01",
        {"eve": "ann", "ann": ""},
    ),
    _family(
        "A sibling who is a case later, and two affected siblings",
        "Two sets: Eve is Ann's control, because she falls ill later; on that day Ann is ill. Bob is in both.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH} als 2018-01-01
        bob m 1957-09-09 {HOME} {OF_BOTH}
        """,
        {"ann": "bob eve", "eve": "bob"},
    ),
    _family(
        "A sibling who is a case the same day",
        "Through t means t included: neither is a control of the other.",
        f"eve f 1948-01-01 {HOME} {OF_BOTH} als 2015-06-01",
        {"ann": "", "eve": ""},
    ),
    _family(
        "A sibling with the wider disease",
        "Eve has another motor neuron disease and is no case; she is not free of it either.",
        f"eve f 1948-01-01 {HOME} {OF_BOTH} mnd 2012-01-01 PLS",
        {"ann": ""},
    ),
    _family(
        "A sibling outside the ages",
        "Eligibility is one rule for cases and siblings: Eve is 67 on t, and Bob 57.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH}
        bob m 1957-09-09 {HOME} {OF_BOTH}
        """,
        {"ann": "bob"},
        study={"eligibility": {"age": [18, 66]}},
    ),
    _family(
        "The same age",
        "Ann was 23,833 days old. Eve was so 790 days before t, on 2013-04-02; Tim, a twin, on t itself; Bob would be "
        "so in 2022, after the period.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH}
        tim m 1950-03-01 {HOME} {OF_BOTH}
        bob m 1957-09-09 {HOME} {OF_BOTH}
        """,
        {"ann": "eve@2013-04-02 tim"},
        study=SAME_AGE,
    ),
    _family(
        "The same age, at the bounds of the period",
        "The days on which they were as old as Ann: Eve on 1 January 2010, the period's first day; Una the day before; "
        "Bob on 31 December 2019, the last; Tim the day after. Una and Tim could not have been cases of the study on "
        "theirs, as Ann was on hers.",
        f"""
        eve f 1944-10-01 {HOME} {OF_BOTH}
        una f 1944-09-30 {HOME} {OF_BOTH}
        bob m 1954-09-30 {HOME} {OF_BOTH}
        tim m 1954-10-01 {HOME} {OF_BOTH}
        """,
        {"ann": "bob@2019-12-31 eve@2010-01-01"},
        study=SAME_AGE,
    ),
    _family(
        "The same age, at risk then",
        "On 2013-04-02, when they were as old as Ann, Eve lived here and Fay, her twin, was abroad; that Eve left in "
        "2014 does not matter.",
        f"""
        eve f 1948-01-01 lives 1990-01-01..2014-01-01 {OF_BOTH}
        fay f 1948-01-01 lives 2014-01-01..2030-01-01 {OF_BOTH}
        """,
        {"ann": "eve@2013-04-02"},
        study=SAME_AGE,
    ),
    _family(
        "The same age, two affected siblings",
        "Eve fell ill in 2012, younger than Ann did. Ann at that age, in 2014, was still free; Eve at Ann's age was "
        "ill.",
        f"eve f 1948-01-01 {HOME} {OF_BOTH} als 2012-01-01",
        {"eve": "ann@2014-03-01", "ann": ""},
        study=SAME_AGE,
    ),
    _family(
        "The same age, born on 29 February",
        "Age is counted in days: on t Ann was 23,833 days old, 92 days past a birthday. Fay was so 92 days past hers. "
        "Eve, a day older than Fay, has her birthdays of common years on the same day, 1 March, and was as old as Ann "
        "the day before.",
        f"""
        eve f 1948-02-29 {HOME} {OF_BOTH}
        fay f 1948-03-01 {HOME} {OF_BOTH}
        """,
        {"ann": "eve@2013-05-31 fay@2013-06-01"},
        study=SAME_AGE,
    ),
    Conformance(
        "The same age, on a birthday of 29 February",
        "t is Ann's 65th birthday, after 23,741 days. So is Fay's day hers; Eve's is 28 February 2013, the last on "
        "which she was 64, because who is born on 29 February completes a year on 1 March of other years.",
        f"""{PARENTS}
        ann f 1950-03-01 {HOME} als 2015-03-01 {OF_BOTH}
        eve f 1948-02-29 {HOME} {OF_BOTH}
        fay f 1948-03-01 {HOME} {OF_BOTH}
        """,
        {"ann": "fay@2013-03-01"},
        SAME_AGE | {"eligibility": {"age": [65, 110]}},
        kind="siblings",
    ),
    Conformance(
        "The same age, the case born on 29 February",
        "On t Ann was 65 for the first day, and 23,742 days old: 17 leap days lie before it, that of her birth among "
        "them. In Bob's first 65 years there were 16, so that he was as old the day after his birthday.",
        f"""{PARENTS}
        ann f 1948-02-29 {HOME} als 2013-03-01 {OF_BOTH}
        bob m 1950-03-01 {HOME} {OF_BOTH}
        """,
        {"ann": "bob@2015-03-02"},
        SAME_AGE | {"eligibility": {"age": [65, 110]}},
        kind="siblings",
    ),
    _family(
        "The same age, before the dispensing register",
        "The run-in of 18 months is judged on the sibling's own day: Eve's lies in it, Fay's after it.",
        f"""
        eve f 1948-01-01 {HOME} {OF_BOTH}
        fay f 1949-01-01 {HOME} {OF_BOTH}
        """,
        {"ann": "fay@2014-04-03"},
        study=SAME_AGE,
        starts=date(2012, 1, 1),
    ),
]
