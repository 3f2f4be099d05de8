# Everything a newcomer needs. Each target brings its own set-up: `make demo` and `make test` work in a fresh clone.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
IMAGE_LOCK := deploy/container/requirements.lock

.PHONY: help setup demo up test bench bench-full lint format docs lock licences audit sbom clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## the environment: a virtual environment with every package pinned by hash

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=/path/to/it")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## the main job: a story for each level, then 200 real complaints, months in seconds
	@$(BIN)/complaints demo

up: $(READY) ## the embedded server with its UI and a worker, kept running; data in ./var
	@$(BIN)/complaints up

test: lint ## every test, and the checks of style, types and structure before them
	@$(BIN)/pytest -n auto --dist worksteal
	@echo "The stories once more, another worker before whatever happens: complaints are replayed from their histories."
	@$(BIN)/pytest -n auto --dist worksteal --fresh-workers -m "not slow"

bench: $(READY) ## how much of Temporal's own speed a complaint keeps, in ratios; under five minutes
	@$(BIN)/python -m tests.benchmarks.run $(BENCH)

bench-full: $(READY) ## every part of it, or BENCH='--parts growth,burst --sizes 1000,5000 --burst 1000 --report FILE'
	@$(BIN)/python -m tests.benchmarks.run --parts rounds,letters,killed,growth,burst $(BENCH)

lint: $(READY) ## style, types, structure
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo 2>/dev/null || { $(BIN)/lint-imports; exit 1; }

format: $(READY) ## rewrite the code in the house style
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

docs: $(READY) ## print the pages that come from the code
	@$(BIN)/python -m starter.pages

lock: $(READY) ## pin every package again, newest allowed versions, with hashes and no addresses; the image's too
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --upgrade --group dev pyproject.toml \
		--custom-compile-command 'make lock' --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --group build pyproject.toml \
		--constraint requirements.lock --custom-compile-command 'make lock' --output-file $(IMAGE_LOCK)

licences: $(READY) ## print docs/licences.md from the packages of the image's lock
	@$(BIN)/python -m deploy.supply.licences

audit: $(READY) ## known vulnerabilities of the image's packages; fails when the database cannot be asked
	@$(BIN)/python -m deploy.supply.audit $(AUDIT)

sbom: $(READY) ## the image's bill of materials, CycloneDX: dist/sbom.cdx.json
	@$(BIN)/python -m deploy.supply.sbom

clean: ## remove the environment and what running left behind
	rm -rf $(VENV) var dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
