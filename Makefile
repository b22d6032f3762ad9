# Everything a person does with this repository. `make help` lists it.
SHELL := /bin/bash
# Debian's own Python where it will do: it is built with profiles of its use, and the cube server is a tenth faster on it.
DEBIAN := /usr/bin/python3
NEW_ENOUGH := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell $(DEBIAN) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(DEBIAN) || echo python3)
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
INSTALL_VENV := \
	if ! command -v apt-get >/dev/null; then echo "$(PYTHON) lacks the modules venv and ensurepip: install them, then run make again." >&2; exit 1; \
	elif [ "$$(id -u)" != 0 ]; then echo "python3-venv is missing. Install it, then run make again: sudo apt-get install python3-venv" >&2; exit 1; \
	else echo "python3-venv is missing: installing it with apt-get."; export DEBIAN_FRONTEND=noninteractive; \
	apt-get install -qq -y --no-install-recommends python3-venv >/dev/null 2>&1 || \
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv >/dev/null; }; fi
BIN := .venv/bin
STATE ?= state
PYTEST := $(BIN)/python -m pytest
ATTACKS := tests/attack tests/leakage tests/disclosure/test_attack.py tests/test_killed.py tests/test_storage.py

.PHONY: help run test test-slow soak test-clients lint types format docs docs-check bench lock sbom clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/run  ## simulate, receive, load, release and serve: ends with the addresses to open
	$(BIN)/flis demo --state $(STATE)

test: .venv/dev  ## the everyday tests
	$(PYTEST) -m "not slow and not client" -n 2

test-slow: .venv/dev  ## the slow tests: kill tests, fuzzing, long histories
	$(PYTEST) -m "slow and not client" -n 2

soak: .venv/dev  ## all attacks in their full numbers, which are too long for CI
	FLIS_SOAK=1 $(PYTEST) $(ATTACKS) -m "not client" -n 2 --durations=20

test-clients: .venv/clients  ## real clients against a served demo: ADOMD.NET, Chromium, pivot grids
	$(PYTEST) -m client

lint: .venv/dev  ## formatter and linter, no changes made
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev  ## strict types over source, tests and benchmarks
	$(BIN)/mypy

format: .venv/dev  ## put the code into the house layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/dev  ## write the reference pages from the code
	$(BIN)/python -m tools.docs

docs-check: .venv/dev  ## the reference pages are what the code says
	$(BIN)/python -m tools.docs --check

bench: .venv/dev  ## all benchmarks, results in bench/results
	$(BIN)/python -m bench

lock: .tools/bin/uv  ## resolve the dependencies again
	$(UV) pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url -o requirements/run.txt
	$(UV) pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url -o requirements/dev.txt -c requirements/run.txt

sbom: .venv/dev  ## the bill of materials of what FLIS runs on, from the lock: build/sbom.json (CycloneDX)
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json requirements/run.txt

clean:  ## remove what was installed and built here (not the state folder)
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache build dist

# Debian's Python comes without what makes environments: root installs that package, anybody else is told its name.
.tools/bin/uv:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(INSTALL_VENV); }
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv==$(UV_VERSION)

.venv/bin/python: | $(filter .tools/bin/uv,$(UV))
	$(UV) venv --quiet --python $(PYTHON) .venv

.venv/run: requirements/run.txt pyproject.toml | .venv/bin/python
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

.venv/clients: tests/clients/install.sh tests/clients/requirements.txt .venv/dev
	UV="$(UV)" PY="$(BIN)/python" bash tests/clients/install.sh
	@touch $@
