"""The founding study spelled in Python: the same study as study.toml, with an equal fingerprint."""

from __future__ import annotations

from datetime import date

from riskset.spec import (
    AtcCodes,
    Cases,
    ConditionalLogistic,
    DiagnosisCovariate,
    Eligibility,
    Event,
    Ever,
    Exposure,
    FirstUse,
    Period,
    PopulationControls,
    Prognosis,
    Published,
    PublishedSets,
    SiblingControls,
    SpouseControls,
    Study,
    Subgroup,
    explain,
)

CLASSES = {"anxiolytics": "N05B", "hypnotics": "N05C", "antidepressants": "N06A"}
LAY = {
    "anxiolytics": "medicines for worry",
    "hypnotics": "sleeping pills",
    "antidepressants": "medicines for low mood",
}
EDUCATION = {"primary": "primary school", "secondary": "upper secondary school", "tertiary": "university"}
BIRTHPLACES = {
    "Sverige": "Sweden",
    "Norden utom Sverige": "other Nordic country",
    "Övriga Europa": "other European country",
    "Asien": "Asia",
    "Afrika": "Africa",
    "Nord- och Sydamerika": "North or South America",
}
SOURCE = "Chourpiliadis et al., JAMA Netw Open 2025;8(6):e2514437"
PUBLISHED = [
    ("anxiolytics", "ever", "ever", 1.34, 1.12, 1.60),
    ("hypnotics", "ever", "ever", 1.21, 1.02, 1.43),
    ("antidepressants", "ever", "ever", 1.26, 1.06, 1.49),
    ("anxiolytics", "first_use", "1-5y", 1.60, 1.15, 2.23),
    ("hypnotics", "first_use", "0-1y", 6.10, 3.77, 9.88),
    ("antidepressants", "first_use", ">5y", 1.21, 1.02, 1.44),
]
WIDTH = "an interval as wide as 300 to 340 events give"
PUBLISHED_COURSE = [
    ("anxiolytics", 1.52, 1.12, 2.05, WIDTH),
    ("hypnotics", 1.23, None, None, "CI not reported in the source"),
    ("antidepressants", 1.72, 1.30, 2.29, WIDTH),
]

study = Study(
    name="Psychiatric medication and ALS",
    title="Psychiatric medication and the risk and prognosis of ALS",
    subtitle="A nationwide register-based case-control study with follow-up of the patients",
    description="""\
Are people who have been dispensed anxiolytics, hypnotics and sedatives, or antidepressants diagnosed with ALS more
often than others of their age and sex, and what becomes of them afterwards?""",
    seed=20,
    primary="mutually adjusted",
    period=Period(start=date(2015, 1, 1), stop=date(2023, 7, 1)),
    eligibility=Eligibility(age=(18, 110), run_in="18m"),
    cases=Cases(
        first=Event(registry="mnd", diagnosis=("ALS",)),
        free_of=(Event(icd10=("G12.2",)), Event(registry="mnd")),
        label="ALS",
        lay="the disease ALS",
    ),
    controls=(
        PopulationControls(ratio=5, match=("sex", "birth_year")),
        SiblingControls(),
        SpouseControls(),
    ),
    exposures=tuple(
        Exposure(
            name=name,
            lay=LAY[name],
            codes=AtcCodes(atc=(code,)),
            at_least=2,
            measures=(Ever(lag="1y", lag_only="reference"), FirstUse(cuts=("1y", "5y"))),
        )
        for name, code in CLASSES.items()
    ),
    covariates=(
        DiagnosisCovariate(name="psychiatric_diagnosis", icd10=("F",), lag="1y", label="psychiatric diagnosis"),
    ),
    models=tuple(
        ConditionalLogistic(
            measure=measure,
            classes=("each", "together"),
            adjust=("education", "country_of_birth", "psychiatric_diagnosis"),
            subgroups=(Subgroup(by="sex"), Subgroup(by="age", cuts=(65,))),
        )
        for measure in ("ever", "first_use")
    ),
    prognosis=Prognosis(
        endpoint=("death", "invasive_ventilation"),
        marker="alsfrs_r",
        marker_label="ALSFRS-R",
        adjust=("age", "sex", "bmi", "onset_site", "diagnostic_delay"),
        entry="registration",
        curves_from="3m",
    ),
    values={"education": EDUCATION, "country_of_birth": BIRTHPLACES},
    published_sets=tuple(
        PublishedSets(comparison=comparison, cases=cases, controls=controls, source=SOURCE)
        for comparison, cases, controls in (
            ("population", 1057, 5281),
            ("siblings", 709, 1418),
            ("spouses", None, 871),
        )
    ),
    published=tuple(
        Published(
            exposure=exposure,
            measure=measure,
            level=level,
            estimate=estimate,
            low=low,
            high=high,
            source=SOURCE,
        )
        for exposure, measure, level, estimate, low, high in PUBLISHED
    )
    + tuple(
        Published(
            exposure=exposure,
            analysis="prognosis",
            measure="ever",
            level="ever",
            estimate=estimate,
            low=low,
            high=high,
            source=SOURCE,
            note=note,
        )
        for exposure, estimate, low, high, note in PUBLISHED_COURSE
    ),
)

if __name__ == "__main__":
    print(explain(study))
