# Everything needs Python 3.11 or later and make, nothing else; `make test` uses Java and PostgreSQL where they are installed.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BENCH_VENV := .venv-bench
LOCK_VENV := build/lock
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev demo test bench chaos check format docs lock clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

demo: install ## half a simulated year through the whole service (ARGS="--seed 3", ARGS=--json, ARGS=--keep)
	@$(VENV)/bin/bellwether demo $(ARGS)

test: install-dev ## all tests (ARGS="-k lot"); BELLWETHER_REQUIRE_SERVICES=1 fails where Kafka or PostgreSQL is missing
	@$(VENV)/bin/python -m pytest $(ARGS)

bench: install-dev $(BENCH_VENV)/.installed ## the ledger beside Kafka Streams, Quix, Bytewax and Faust (ARGS=--quick)
	@$(VENV)/bin/python -m tests.benchmarks.run $(ARGS)

chaos: install-dev ## workers, broker and database killed under load (ARGS=--short)
	@$(VENV)/bin/python -m tests.chaos $(ARGS)

check: install-dev ## style, types and the direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/basedpyright
	$(VENV)/bin/lint-imports

format: install-dev ## put the style right where a tool can
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

docs: install ## write the pages that are made from the code
	$(VENV)/bin/bellwether schema metrics > docs/metrics.md
	$(VENV)/bin/bellwether schema events | $(VENV)/bin/python -m json.tool > docs/events.schema.json
	$(VENV)/bin/bellwether schema rulebook | $(VENV)/bin/python -m json.tool > docs/rulebook.schema.json
	$(VENV)/bin/bellwether schema alerting | $(VENV)/bin/python -m json.tool > docs/alerting.schema.json
	for name in default snc; do $(VENV)/bin/bellwether rules page $$name > docs/rulebooks/$$name.md || exit 1; done

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "make: no python3.11 or python3 found: install Python 3.11 or later, or give PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than Python 3.11: give PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

$(BENCH_VENV)/.installed: tests/benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(LOCK_VENV)/bin/uv:
	$(PYTHON) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv

# setuptools is pinned too, so that the package itself is built with what the lock names and nothing newer.
LOCKING = echo 'setuptools>=77' | $(LOCK_VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -

lock: $(LOCK_VENV)/bin/uv ## pin what pyproject.toml asks for (ARGS=--upgrade for newer versions)
	$(LOCKING) --extra embedded --output-file requirements.lock $(ARGS)
	$(LOCKING) --extra embedded --extra dev --constraints requirements.lock --output-file requirements-dev.lock $(ARGS)

clean: ## away with what was made
	rm -rf $(VENV) $(BENCH_VENV) build dist *.egg-info .pytest_cache .hypothesis .ruff_cache .import_linter_cache tests/benchmarks/target
