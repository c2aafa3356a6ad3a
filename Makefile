# Every target works from a bare checkout that has Python 3.11+, make, git and a C library.
PYTHON ?= python3
BIN := .venv/bin
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)
SAMPLE_SOURCES := $(shell find src/bookreader/sample -type f -not -name '*.epub' 2>/dev/null)
STATIC := src/bookreader/static/index.html
SAMPLE := src/bookreader/sample/sample.epub
TESTS ?= tests
# Modules are compiled once, also where the surroundings forbid it: a start takes half as long.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup up test check check-deep bench lint format lock api browser clean
help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

setup: .venv/.run $(STATIC) $(SAMPLE)  ## virtual environment, web build and sample: everything that `make up` needs

up: setup  ## run the app on http://127.0.0.1:8000 (BOOKREADER_PORT, BOOKREADER_DATA_DIR)
	@exec $(BIN)/bookreader serve

test: setup .venv/.dev browser  ## all tests: unit, integration on the embedded PostgreSQL, browser
	$(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

check: setup .venv/.dev browser  ## what CI runs: format, lint, types, contracts, migrations, then all tests on both servers
	$(BIN)/python -m tests.check

check-deep: setup .venv/.dev browser  ## the same with full counts
	BOOKREADER_DEEP=1 $(BIN)/python -m tests.check

bench: setup .venv/.dev browser  ## the benchmarks, printed as ratios
	$(BIN)/python -m benchmarks

lint: .venv/.dev  ## ruff, mypy and the import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev  ## rewrite the Python sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev  ## write the hash-locked requirements anew from the .in files
	@for name in requirements requirements-build requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header $$name.in -o $$name.txt || exit 1; done

api: .venv/.run  ## write the web app's types anew from the OpenAPI document
	$(BIN)/python web/build.py types

browser: .venv/.dev  ## make sure that a browser for the tests is there
	@$(BIN)/python -m tests.browser.install

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: requirements-build.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(STATIC): $(WEB_SOURCES) | .venv/.run
	$(BIN)/python web/build.py

$(SAMPLE): $(SAMPLE_SOURCES) | .venv/.run
	$(BIN)/python -m bookreader.sample.build

clean:  ## remove what the targets made (never your books)
	rm -rf .venv web/node_modules src/bookreader/static $(SAMPLE)
