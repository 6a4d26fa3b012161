# One entry point for every task. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCES := src tests bench demo packaging
SCRIPTS := .ci/run demo/demo.sh scripts/packages.sh scripts/install.sh scripts/arm64.sh
# What failed beside the others, once more and one by one: a fault fails again. What passes alone is named by both runs.
AGAIN := $(BIN)/pytest -x -n 0 --last-failed --last-failed-no-failures=none

.DEFAULT_GOAL := help
.PHONY: help demo install wheel deb arm64 test check lint unit forge format bench docs tools picture schema transcripts clean

help:  ## list the tasks
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/stentor: pyproject.toml requirements/run.lock
	@PYTHON=$(PYTHON) TASK="$(MAKECMDGOALS)" scripts/packages.sh install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/run.lock
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/dev: $(BIN)/stentor requirements/dev.lock
	$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/docs: $(BIN)/stentor requirements/docs.lock
	$(PIP) --require-hashes -r requirements/docs.lock
	@touch $@

# The chezmois that the tests use; STENTOR_TEST_CHEZMOI names a folder with others.
$(VENV)/tools/built: $(BIN)/stentor tests/tools/build.py $(wildcard tests/tools/*/go.mod tests/tools/*/go.sum)
	nice $(BIN)/python tests/tools/build.py $(VENV)/tools
	@touch $@

demo:  ## a practice fleet of real sshds, and what stentor does with it
	@bash demo/demo.sh

install:  ## stentor for this user, with all extras: by pipx or uv, else under ~/.local
	@PYTHON=$(PYTHON) scripts/install.sh

wheel: $(BIN)/stentor  ## a wheel in dist/, which pip installs on another machine
	$(PIP:install=wheel) --no-deps --wheel-dir dist .

deb: requirements/deb.lock  ## a Debian package in dist/, with man pages and completion
	@PYTHON=$(PYTHON) scripts/packages.sh deb
	$(MAKE) $(BIN)/stentor
	$(PIP) --require-hashes -r requirements/deb.lock
	$(BIN)/python packaging/deb.py dist

arm64: $(BIN)/stentor  ## show that every dependency has a wheel for arm64, by the package index
	@scripts/arm64.sh

check: $(VENV)/dev  ## format, lint, types, layers, unit tests: under a minute
	$(MAKE) -j 2 lint unit

lint: $(VENV)/dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache

unit: $(VENV)/dev
	$(BIN)/pytest -q -n auto tests/unit || $(AGAIN) -q tests/unit

format: $(VENV)/dev  ## format and fix by ruff
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

test:  ## everything: check, the site, real sshds, the documents' commands (MISSING=skip: without what only root can install)
	@PYTHON=$(PYTHON) scripts/packages.sh test || test "$(MISSING)" = skip
	$(MAKE) $(VENV)/dev $(VENV)/docs
	$(MAKE) -j 4 lint unit docs tools
	$(BIN)/pytest -n auto tests/integration tests/transcripts tests/docs || $(AGAIN) tests/integration tests/transcripts tests/docs

# A real Gitea for the webhooks: only here, since building it takes five minutes of processor, Go and a C compiler.
GITEA := $(VENV)/gitea
$(GITEA)/gitea: tests/forge/go.mod tests/forge/go.sum
	mkdir -p $(GITEA)
	cd tests/forge && CGO_ENABLED=1 GOFLAGS=-mod=readonly nice go build -tags 'sqlite sqlite_unlock_notify' \
	  -ldflags '-s -w' -o $(CURDIR)/$(GITEA)/gitea code.gitea.io/gitea
	ln -sfn "$$(cd tests/forge && go list -m -f '{{.Dir}}' code.gitea.io/gitea)" $(GITEA)/module

forge: $(VENV)/dev tools $(GITEA)/gitea  ## webhooks of a real Gitea, which is built from its module first
	$(BIN)/pytest -n auto tests/forge

bench: $(BIN)/stentor  ## stentor beside its peers, as ratios (BENCH=--quick for a minute)
	$(BIN)/python -m bench $(BENCH)

docs: $(VENV)/docs  ## the documentation as a site, in site/
	$(BIN)/zensical build --strict --config-file mkdocs.yml

tools: $(if $(STENTOR_TEST_CHEZMOI),,$(VENV)/tools/built)  ## build the chezmois that the tests use, once

transcripts: $(VENV)/dev  ## record the output of the command line again; read the difference
	UPDATE_TRANSCRIPTS=1 $(BIN)/pytest -q -n auto tests/transcripts tests/unit/cli/test_help.py

schema: $(VENV)/dev  ## write docs/json.schema.json and the tables of docs/json.md from the records
	$(BIN)/python -m tests.json_docs

picture: $(VENV)/dev  ## draw the pictures of README, shell, top and the page again, from real runs
	$(BIN)/python -m demo.draw_picture
	$(BIN)/python -m demo.draw_screens
	$(BIN)/python -m demo.draw_web

clean:  ## remove everything that the tasks made
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/stentor-bare"
