"""Spouses: nations with sets worked by hand; ``worked.py`` says how to add one."""

from __future__ import annotations

from tests.cohort.worked import HOME, Conformance

ANN = f"ann f 1950-03-01 {HOME} als 2015-06-01"


def _couple(name: str, why: str, people: str, members: dict[str, str]) -> Conformance:
    return Conformance(name, why, people, members, kind="spouses")


SPOUSES = [
    _couple(
        "The partner on the date",
        "Bo has been Ann's partner since 1980. Carl was it before.",
        f"""
        {ANN} with carl 1970-01-01..1979-01-01 with bo 1980-01-01..2030-01-01
        bo m 1944-01-01 {HOME}
        carl m 1944-01-01 {HOME}
        """,
        {"ann": "bo"},
    ),
    _couple(
        "Divorced the day before",
        "The second date of a spell is the day after the last: the couple's last day was 31 May.",
        f"""
        {ANN} with bo 1980-01-01..2015-06-01
        bo m 1944-01-01 {HOME}
        """,
        {"ann": ""},
    ),
    _couple(
        "Divorced on the date or the day after",
        "The couple's last day is t: it covers t.",
        f"""
        {ANN} with bo 1980-01-01..2015-06-02
        bo m 1944-01-01 {HOME}
        """,
        {"ann": "bo"},
    ),
    _couple(
        "Married on the date",
        "The spell's first day is t.",
        f"""
        {ANN} with bo 2015-06-01..2030-01-01
        bo m 1944-01-01 {HOME}
        """,
        {"ann": "bo"},
    ),
    _couple(
        "Widowed",
        "Bo died before t. Whether the delivered spell ends with him or goes on, he was not at risk.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        bo m 1944-01-01 {HOME} dies 2010-01-01
        """,
        {"ann": ""},
    ),
    _couple(
        "Widowed on the date",
        "Who dies on t is at risk on t.",
        f"""
        {ANN} with bo 1980-01-01..2015-06-02
        bo m 1944-01-01 {HOME} dies 2015-06-01
        """,
        {"ann": "bo"},
    ),
    _couple(
        "Remarried",
        "Of a widow's two husbands the second is the partner on t.",
        f"""
        {ANN} with carl 1970-01-01..2001-01-01 with bo 2005-01-01..2030-01-01
        bo m 1944-01-01 {HOME}
        carl m 1944-01-01 {HOME} dies 2000-12-31
        """,
        {"ann": "bo"},
    ),
    _couple(
        "A partner who is a case",
        "Bo falls ill after Ann: he is her control, and she is not his.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        bo m 1944-01-01 {HOME} als 2017-01-01
        """,
        {"ann": "bo", "bo": ""},
    ),
    _couple(
        "A couple of one sex",
        "The couple is what counts.",
        f"""
        {ANN} with eve 1980-01-01..2030-01-01
        eve f 1944-01-01 {HOME}
        """,
        {"ann": "eve"},
    ),
    _couple(
        "A partner who lives abroad",
        "Bo emigrated before t.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        bo m 1944-01-01 lives 1990-01-01..2014-01-01
        """,
        {"ann": ""},
    ),
    _couple(
        "A partner outside the ages",
        "Eligibility is one rule for cases and partners: nobody of 111 years is a case.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        bo m 1904-01-01 {HOME}
        """,
        {"ann": ""},
    ),
    _couple(
        "Two partners at once",
        "Ann is delivered with two partners at once. What the import sets aside of her own rows stands in Carl's: he "
        "is her partner as much as Bo, so that nobody is taken, and the case is counted.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        bo m 1944-01-01 {HOME}
        carl m 1944-01-01 {HOME} with ann 1990-01-01..2030-01-01
        """,
        {"ann": ""},
    ),
    _couple(
        "A partner with two partners at once",
        "Ann's row and Carl's each name Bo. Which of the two was his partner is not known: Bo is no control of either.",
        f"""
        {ANN} with bo 1980-01-01..2030-01-01
        carl m 1944-01-01 {HOME} als 2016-01-01 with bo 1990-01-01..2030-01-01
        bo m 1944-01-01 {HOME}
        """,
        {"ann": "", "carl": ""},
    ),
    _couple(
        "A partner with two partners one after the other",
        "Bo was Carl's partner until the day before: on t he is Ann's alone.",
        f"""
        {ANN} with bo 2015-06-01..2030-01-01
        carl m 1944-01-01 {HOME} als 2016-01-01 with bo 1990-01-01..2015-06-01
        bo m 1944-01-01 {HOME}
        """,
        {"ann": "bo", "carl": ""},
    ),
]
