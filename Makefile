# Two commands: `make run` opens the command center, `make test` runs every test. Both set up .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test fast bench lint clean

run: $(VENV)/.ready-to-run
	@$(BIN)/python -m pipeline serve

# Every file is run by one process, in the order of tests/conftest.py: the long ones first.
IN_PROCESSES := -n auto --dist loadfile --no-loadscope-reorder

test: $(VENV)/.ready-to-test
	@$(BIN)/python -m pytest $(IN_PROCESSES)

fast: $(VENV)/.ready-to-test
	@$(BIN)/python -m pytest $(IN_PROCESSES) -m "not slow"

bench: $(VENV)/.ready-to-test
	@$(BIN)/python -m tests.benchmarks

lint: $(VENV)/.ready-to-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -c "import sys; sys.exit('MediPulse needs Python 3.11 or newer; this is ' + sys.version.split()[0] + '. Try: make run PYTHON=python3.12') if sys.version_info < (3, 11) else None"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-to-run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what running needs (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml $(VENV)/.ready-to-run
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.txt $$($(BIN)/python -c "import tomllib; print(' '.join(tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['test']))")
	@touch $@

clean:
	@rm -rf $(VENV) .pytest_cache .ruff_cache
