# One door to every task. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench docs clean

help:  ## list the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/stentor: pyproject.toml requirements/run.lock
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. Paste: sudo apt-get install -y python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: $(BIN)/stentor requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

check: $(VENV)/dev  ## format, lint, types, floors, unit tests: under a minute
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n 2 tests/unit

format: $(VENV)/dev  ## let ruff format and mend
	$(BIN)/ruff check --fix-only src tests bench
	$(BIN)/ruff format src tests bench

test: $(VENV)/dev  ## everything
	$(MAKE) check
	$(BIN)/pytest -n 2 tests/integration tests/transcripts tests/docs

clean:  ## remove what the tasks made
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis
