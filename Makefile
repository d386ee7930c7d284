# Everything starts here: `make demo`, `make test`. Needs Python 3.11 or newer, pip and make.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml

.PHONY: demo test test-demo test-narrow check slow thorough docs bench bench-quick engines test-engines lock clean

demo: .env-stamp ## a synthetic nation, a study, a report
	$(BIN)/riskset demo --out demo

test: .dev-stamp ## the default tests
	$(BIN)/pytest -n 2 -q

test-demo: .dev-stamp ## the demo prints and finds what is stored; `python -m tests.demo write` stores it anew
	$(BIN)/python -m tests.demo check

# What hangs on the nation, the kernels and the demo of test-demo, as on a processor without AVX-512.
test-narrow: .dev-stamp ## a second time, with fewer of the processor's instructions
	setting="$$($(BIN)/python -m tests.instruction_sets)" && \
	env $$setting $(BIN)/pytest -n 2 -q tests/nation tests/stats tests/truth tests/results tests/simulation/test_family.py && \
	env $$setting $(BIN)/python -m tests.demo again

check: .dev-stamp ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: .dev-stamp ## simulations against planted truth; tens of minutes
	$(BIN)/pytest -n 2 -q -m slow

thorough: .dev-stamp ## the default tests, each property on ten times as many invented examples
	RISKSET_EXAMPLES=5 $(BIN)/pytest -n 2 -q

engines: .engines-stamp ## Spark and the client of PostgreSQL, into the same environment

test-engines: .engines-stamp ## the tests on PostgreSQL and Spark; needs Java 17 and PostgreSQL's server
	RISKSET_REQUIRE_ENGINES=1 $(BIN)/pytest -q -m "postgres or spark"

docs: .dev-stamp ## the documentation site, into site/
	$(BIN)/mkdocs build --strict

bench: .dev-stamp ## benchmarks against named peers; needs R with survival for some of them
	$(BIN)/python -m benchmarks

bench-quick: .dev-stamp ## what takes more than a quarter longer than it did, in a minute or two
	$(BIN)/python -m benchmarks.quick

lock: .dev-stamp ## pin every dependency anew
	$(BIN)/$(COMPILE) --group dev -o requirements-dev.lock
	$(BIN)/$(COMPILE) --group build -c requirements-dev.lock -o requirements.lock
	$(BIN)/$(COMPILE) --extra spark --extra postgres -c requirements-dev.lock -o requirements-engines.lock

clean:
	rm -rf .venv .env-stamp .dev-stamp .engines-stamp demo site

.env-stamp: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "riskset needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch .env-stamp

# What a demo does not need: tests, types, style, documentation and the peers of benchmarks.
.dev-stamp: .env-stamp requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch .dev-stamp

.engines-stamp: .dev-stamp requirements-engines.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements-engines.lock
	touch .engines-stamp
