"""A study in a few lines, with everything that the tests need to break."""

STUDY = """
name = "A study"
seed = 1

[period]
start = 2015-01-01
stop = 2020-01-01

[eligibility]
age = [18, 110]

[cases]
first = { registry = "mnd", diagnosis = ["ALS"] }

[[controls]]
kind = "population"
ratio = 5
match = ["sex", "birth_year"]

[[exposures]]
name = "anxiolytics"
codes = { atc = ["N05B"] }
measures = [
  { kind = "ever", lag = "1y" },
  { kind = "first_use", cuts = ["1y", "5y"] },
  { kind = "count", lag = "1y", lookback = "5y", bands = [1, 2, 4] },
]

[[covariates]]
kind = "diagnosis"
name = "psychiatric"
icd10 = ["F"]
lag = "1y"

[[models]]
kind = "conditional logistic"
measure = "ever"
adjust = ["education", "psychiatric"]
subgroups = [{ by = "age", cuts = [65] }]
"""
