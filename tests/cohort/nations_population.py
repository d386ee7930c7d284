"""Population controls: nations with risk sets worked by hand."""

from __future__ import annotations

from datetime import date

from tests.cohort.worked import HOME, Conformance

POPULATION = [
    Conformance(
        "Immigration after, on and before the date",
        "Who enters on t is at risk on t; who enters the day after was not there to become a case.",
        """
        eve f 1950-01-01 lives 2015-06-02..2030-01-01
        fay f 1950-01-01 lives 2015-06-01..2030-01-01
        gia f 1950-01-01 lives 2015-05-31..2030-01-01
        """,
        {"ann": "fay gia"},
    ),
    Conformance(
        "Emigration before, on and after the date",
        "The second date of a spell is the day after the last: a spell to 2 June has 1 June as its last day, and who "
        "leaves on t is at risk on t. A spell to 1 June ended the day before.",
        """
        eve f 1950-01-01 lives 1990-01-01..2015-05-31
        fay f 1950-01-01 lives 1990-01-01..2015-06-01
        gia f 1950-01-01 lives 1990-01-01..2015-06-02
        hea f 1950-01-01 lives 1990-01-01..2015-06-03
        """,
        {"ann": "gia hea"},
    ),
    Conformance(
        "Emigrated and back",
        "A spell abroad that covers t excludes; one that ended before t does not.",
        """
        eve f 1950-01-01 lives 1990-01-01..2010-01-01 lives 2015-06-02..2030-01-01
        fay f 1950-01-01 lives 1990-01-01..2010-01-01 lives 2015-06-01..2030-01-01
        gia f 1950-01-01 lives 1990-01-01..2015-06-02 lives 2016-01-01..2030-01-01
        """,
        {"ann": "fay gia"},
    ),
    Conformance(
        "Death the day before and on the date",
        "Who dies on t is at risk on t.",
        f"""
        eve f 1950-01-01 {HOME} dies 2015-05-31
        fay f 1950-01-01 {HOME} dies 2015-06-01
        gia f 1950-01-01 {HOME} dies 2015-06-02
        """,
        {"ann": "fay gia"},
    ),
    Conformance(
        "A case who dies on the day of diagnosis",
        "A death on the day of diagnosis contributes that day: Ann is a case.",
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01 dies 2015-06-01
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "A case who is not under observation",
        "A diagnosis made abroad, or registered after emigration, makes no case.",
        f"""
        ann f 1950-03-01 {HOME} als 2015-06-01
        bea f 1950-03-01 lives 1990-01-01..2015-06-01 als 2015-06-01
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "Event on the date, for a candidate",
        "Candidates are free of the disease through t: two cases of one day are no controls of each other.",
        f"""
        bea f 1950-03-01 {HOME} als 2015-06-01
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve", "bea": "eve"},
    ),
    Conformance(
        "Future case, before its date and on it",
        "Bea is a control of Ann, because she was at risk and well; she is a case later, and Ann is then no candidate. "
        "Leaving out everyone who is ever a case would bias the odds ratio.",
        f"""
        bea f 1950-03-01 {HOME} als 2015-06-02
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "bea eve", "bea": "eve"},
    ),
    Conformance(
        "Prevalent patients",
        "A first event before the period makes no case at a later one, and no control: Bea had hers in 2009.",
        f"""
        bea f 1950-03-01 {HOME} als 2009-12-31 als 2015-01-01
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "First and last day of the period",
        "The period is half-open: its first day is in it, its stop is not.",
        f"""
        ann f 1950-03-01 {HOME} als 2010-01-01
        bea f 1950-03-01 {HOME} als 2019-12-31
        cia f 1950-03-01 {HOME} als 2020-01-01
        """,
        {"ann": "bea cia", "bea": "cia"},
    ),
    Conformance(
        "Free of a wider disease",
        "Left out, `free_of` is the case event without its restrictions: any diagnosis in the register counts, through "
        "t. Eve's came the day after.",
        f"""
        bea f 1950-03-01 {HOME} mnd 2014-01-01 PLS
        cia f 1950-03-01 {HOME} mnd 2015-06-01 PLS
        eve f 1950-01-01 {HOME} mnd 2015-06-02 PLS
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "Free of what another register knows",
        "Most patients are missing from a quality register: with G12 named in `free_of`, Bea's hospital diagnosis "
        "keeps her from being a control.",
        f"""
        bea f 1950-03-01 {HOME} diagnosis G122 2015-06-01 inpatient
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve"},
        {"cases": {"free_of": [{"registry": "mnd"}, {"icd10": ["G12"]}]}},
    ),
    Conformance(
        "Single-member stratum",
        "Nobody of Ann's sex and birth year is there: her risk set is empty, she is counted, and has no set.",
        f"""
        bea f 1951-03-01 {HOME} als 2015-06-01
        bob m 1950-03-01 {HOME}
        eve f 1951-01-01 {HOME}
        """,
        {"ann": "", "bea": "eve"},
    ),
    Conformance(
        "Fewer eligible than asked for",
        "All are taken, and the set is counted as short.",
        f"""
        eve f 1950-01-01 {HOME}
        fay f 1950-12-31 {HOME}
        """,
        {"ann": "eve fay"},
    ),
    Conformance(
        "The same control in two sets",
        "Eve is at risk on both dates and serves in both sets.",
        f"""
        bea f 1950-03-01 {HOME} als 2012-01-01
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve", "bea": "ann eve"},
    ),
    Conformance(
        "A case as control of an earlier case",
        "Ann, on 1 June 2015, and Bea, a year later, are at risk on Cia's date, and Bea on Ann's: three cases, each a "
        "control before her own date and never after.",
        f"""
        bea f 1950-03-01 {HOME} als 2016-06-01
        cia f 1950-03-01 {HOME} als 2014-06-01
        """,
        {"cia": "ann bea", "ann": "bea", "bea": ""},
    ),
    Conformance(
        "Emigration on the date, and the day after",
        "Eve's last day is t: she leaves on t and is at risk on it. Fay's last day is the day after, Gia's the day "
        "before.",
        """
        eve f 1950-01-01 lives 1990-01-01..2015-06-02 lives 2016-01-01..2030-01-01
        fay f 1950-01-01 lives 1990-01-01..2015-06-03
        gia f 1950-01-01 lives 1990-01-01..2015-06-01 lives 2016-01-01..2030-01-01
        """,
        {"ann": "eve fay"},
    ),
    Conformance(
        "A person delivered twice",
        "The second row of a person is set aside at import and counted: Eve is in the risk set once.",
        f"""
        eve f 1950-01-01 {HOME}
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "Overlapping spells",
        "A spell that overlaps an earlier one is set aside at import and counted: Eve is at risk once, not twice; "
        "Fay's residence ends with her first spell, before t. What was meant is for the data steward to say.",
        """
        eve f 1950-01-01 lives 1990-01-01..2030-01-01 lives 2010-01-01..2020-01-01
        fay f 1950-01-01 lives 1990-01-01..2015-05-01 lives 2015-04-01..2030-01-01
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "Born after the date",
        "Matched on nothing, a child born after t is no candidate, even in a study of all ages, and even if a spell of "
        "residence is delivered from before the birth. Born on t is at risk on t.",
        """
        eve f 2015-06-02 lives 2015-06-02..2030-01-01
        fay f 2015-06-01 lives 2015-06-01..2030-01-01
        """,
        {"ann": "fay"},
        {"eligibility": {"age": [0, 110]}, "controls": {"match": []}},
    ),
    Conformance(
        "Age, both ends included",
        "Eve turns 18 on t, Fay the day after; Gia turns 66 the day after, Hea on t.",
        f"""
        eve f 1997-06-01 lives 1997-06-01..2030-01-01
        fay f 1997-06-02 lives 1997-06-02..2030-01-01
        gia f 1949-06-02 {HOME}
        hea f 1949-06-01 {HOME}
        """,
        {"ann": "eve gia"},
        {"eligibility": {"age": [18, 65]}, "controls": {"match": ["sex"]}},
    ),
    Conformance(
        "Born on 29 February",
        "On 28 February 2014 Eve, born on 29 February 1996, is 17; on 1 March she is 18.",
        f"""
        ann f 1950-03-01 {HOME} als 2014-02-28
        bea f 1950-03-01 {HOME} als 2014-03-01
        eve f 1996-02-29 lives 1996-02-29..2030-01-01
        """,
        {"ann": "bea", "bea": "eve"},
        {"controls": {"match": []}},
    ),
    Conformance(
        "County as on the date",
        "Eve had moved to Ann's county by t, Fay had moved away on t, and Gia moved the day after.",
        f"""
        eve f 1950-01-01 lives 1990-01-01..2015-06-01 Umeå lives 2015-06-01..2030-01-01 Visby
        fay f 1950-01-01 lives 1990-01-01..2015-06-01 Visby lives 2015-06-01..2030-01-01 Umeå
        gia f 1950-01-01 lives 1990-01-01..2015-06-02 Visby lives 2015-06-02..2030-01-01 Umeå
        hea f 1950-01-01 {HOME} Umeå
        """,
        {"ann": "eve gia"},
        {"controls": {"match": ["sex", "birth_year", "county"]}},
    ),
    Conformance(
        "Unknown county",
        "A case without a known county has no stratum and is counted; a candidate without one is in nobody's.",
        f"""
        bea f 1950-03-01 {HOME} als 2015-06-01
        eve f 1950-01-01 {HOME} Visby
        fay f 1950-01-01 {HOME}
        """,
        {"ann": "eve", "bea": ""},
        {"controls": {"match": ["sex", "birth_year", "county"]}},
    ),
    Conformance(
        "Caliper on birth dates",
        "Ann was born on 1 March 1950. Thirty days before is 30 January, thirty days after 31 March; both are within.",
        f"""
        eve f 1950-01-29 {HOME}
        fay f 1950-01-30 {HOME}
        gia f 1950-03-31 {HOME}
        hea f 1950-04-01 {HOME}
        """,
        {"ann": "fay gia"},
        {"controls": {"match": ["sex"], "caliper": "30d"}},
    ),
    Conformance(
        "Length of history",
        "On t Ann has three completed years of observation, and will have four the day after: so have Fay and Gia; Eve "
        "has four, Hea two. Bea has more than ten, which count as ten: so have Ida and the others who came that early, "
        "and Joy has nine.",
        """
        ann f 1950-03-01 lives 2011-06-02..2030-01-01 als 2015-06-01
        bea f 1950-03-01 lives 1990-01-01..2030-01-01 als 2015-06-01
        eve f 1950-01-01 lives 2011-06-01..2030-01-01
        fay f 1950-01-01 lives 2011-06-02..2030-01-01
        gia f 1950-01-01 lives 2012-06-01..2030-01-01
        hea f 1950-01-01 lives 2012-06-02..2030-01-01
        ida f 1950-01-01 lives 2005-06-01..2030-01-01
        joy f 1950-01-01 lives 2005-06-02..2030-01-01
        kim f 1950-01-01 lives 1970-01-01..2030-01-01
        """,
        {"ann": "fay gia", "bea": "ida kim"},
        {"controls": {"match": ["sex", "history"]}},
    ),
    Conformance(
        "Moves are no gaps",
        "Spells that touch are one observation, so a move between counties does not break three years of residence; a "
        "month abroad does.",
        """
        eve f 1950-01-01 lives 1990-01-01..2014-01-01 Umeå lives 2014-01-01..2030-01-01 Visby
        fay f 1950-01-01 lives 1990-01-01..2014-01-01 lives 2014-02-01..2030-01-01
        gia f 1950-01-01 lives 2012-06-01..2030-01-01
        hea f 1950-01-01 lives 2012-06-02..2030-01-01
        """,
        {"ann": "eve gia"},
        {"eligibility": {"min_residence": "3y"}},
    ),
    Conformance(
        "The case, too, must have been resident",
        "One rule for cases and candidates: Ann came a year before, so she is no case of a study that asks for three.",
        f"""
        ann f 1950-03-01 lives 2014-06-01..2030-01-01 als 2015-06-01
        bea f 1950-03-01 {HOME} als 2015-06-01
        eve f 1950-01-01 {HOME}
        """,
        {"bea": "eve"},
        {"eligibility": {"min_residence": "3y"}},
    ),
    Conformance(
        "Washout with a length",
        "The window is [t − 1 year, t): its first day counts, the index day does not. Every date counts, so Hea's old "
        "diagnosis does not hide the recent one.",
        f"""
        eve f 1950-01-01 {HOME} diagnosis F32 2014-05-31
        fay f 1950-01-01 {HOME} diagnosis F32 2014-06-01
        gia f 1950-01-01 {HOME} diagnosis F32 2015-06-01
        hea f 1950-01-01 {HOME} diagnosis F321 2000-01-01 diagnosis F321 2015-05-31
        """,
        {"ann": "eve gia"},
        {"eligibility": {"washout": [{"event": {"icd10": ["F32"]}, "within": "1y"}]}},
    ),
    Conformance(
        "Washout at any time before",
        "Without a length, any date before t excludes; the date itself and later ones do not.",
        f"""
        bea f 1950-03-01 {HOME} als 2015-06-01 takes N05BA01 2008-01-01
        eve f 1950-01-01 {HOME} takes N05BA01 2015-05-31
        fay f 1950-01-01 {HOME} takes N05BA01 2015-06-01
        """,
        {"ann": "fay"},
        {"eligibility": {"washout": [{"event": {"atc": ["N05B"]}}]}},
    ),
    Conformance(
        "Run-in",
        "Dispensings are known from 1 July 2012 and fills of the first 18 months may be prevalent use: index dates "
        "start on 1 January 2014.",
        f"""
        ann f 1950-03-01 {HOME} als 2013-12-31
        bea f 1950-03-01 {HOME} als 2014-01-01
        eve f 1950-01-01 {HOME}
        """,
        {"bea": "eve"},
        starts=date(2012, 7, 1),
    ),
    Conformance(
        "History of one year",
        "A person's history begins with the later of the register's start and the entry: Fay came 364 days before t.",
        """
        eve f 1950-01-01 lives 2014-06-01..2030-01-01
        fay f 1950-01-01 lives 2014-06-02..2030-01-01
        """,
        {"ann": "eve"},
        {"eligibility": {"min_history": "1y", "run_in": "0d"}},
        starts=date(2012, 7, 1),
    ),
    Conformance(
        "Twin",
        "A twin of the same sex is a candidate like anyone else; of the other sex, not when matched on sex.",
        f"""
        eve f 1950-03-01 {HOME} mother mia
        tom m 1950-03-01 {HOME} mother mia
        mia f 1920-01-01
        """,
        {"ann": "eve"},
    ),
    Conformance(
        "No matching",
        "Without matching keys everyone at risk is in one stratum.",
        f"""
        bob m 1980-03-01 {HOME}
        eve f 1950-01-01 {HOME}
        """,
        {"ann": "bob eve"},
        {"controls": {"match": []}},
    ),
]
