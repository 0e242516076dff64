# A thin layer over the command `nnkit`, which sets itself up in .venv. On Windows use `nnkit` directly, see README.md.

PYTHON  ?= python3
NETWORK ?=
SEED    ?=
DATA    ?=
FORCE   ?=

STAGES := stage-1 stage-2 stage-3 stage-4 stage-5 stage-6 stage-7 stage-8
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
# NNKIT_MAKE tells nnkit to name make targets where it says what to type next.
NNKIT  := NNKIT_MAKE=1 $(BIN)/python -m nnkit
RUN     = run $(if $(NETWORK),"$(NETWORK)") $(if $(SEED),--seed "$(SEED)") $(if $(DATA),--data-dir "$(DATA)") \
          $(if $(filter-out 0 no,$(FORCE)),--force)

.PHONY: help all-stages $(STAGES) test lint bench clean
# Two installations into one environment at once would break it, and two climbs would wait for each other anyway.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

help:
	@echo 'make all-stages          climb all eight stages; pages in reports/index.html'
	@echo 'make stage-1 .. stage-8  climb to one stage; what still has a valid pass is not run again'
	@echo '     NETWORK=my_network.py:build  the network under test (default: the one in nnkit/);'
	@echo '                                  its pages in reports/my_network/index.html'
	@echo '     SEED=0  DATA=folder/of/mnist  FORCE=1 (run again what has a valid pass, too)'
	@echo 'make test                the tests'
	@echo 'make lint                style, types, direction of imports'
	@echo 'make bench               how fast, beside other libraries'
	@echo 'make clean               remove results, pages and caches'
	@echo 'Each sets up .venv first where that is needed (PYTHON=python3.12 chooses the Python for it).'

all-stages: $(VENV)/.run-installed
	@$(NNKIT) $(RUN)

$(STAGES): $(VENV)/.run-installed
	@$(NNKIT) $(RUN) --until $(@:stage-%=%)

test: $(VENV)/.dev-installed
	@$(BIN)/python -m pytest -q -n 2

lint: $(VENV)/.dev-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.bench-installed
	@$(BIN)/python -m benchmarks

clean:
	@find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@find nnkit stages tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -rf build dist .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache .coverage

$(VENV)/.run-installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'nnkit needs Python 3.11 or newer, and $(PYTHON) is none: name one with make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'setting up $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev-installed: pyproject.toml $(VENV)/.run-installed
	@echo 'installing what the tests need ...'
	@$(PIP) -e '.[dev]'
	@touch $@

$(VENV)/.bench-installed: pyproject.toml $(VENV)/.run-installed
	@echo 'installing what the benchmarks need ...'
	@$(PIP) -e '.[bench]'
	@touch $@
