# Needs Python 3.11 or newer and make. uv is used where it is installed, and is
# not needed: without it, venv and pip install the same hashed lock files.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PEERS := .peers
VDIRSYNCER := vdirsyncer==0.21.0

# Asked, not looked up: a pyenv shim is on PATH even where its Python has no uv.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
# Not 3.11 by name alone: Debian's python3 may come without venv.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $$python && break; done)

INSTALL = $(if $(UV),uv pip install --quiet --compile-bytecode --python $(BIN)/python,\
	$(BIN)/python -m pip install --quiet --disable-pip-version-check)
# --no-build-isolation: the build backend comes from the lock, hash-checked too.
INSTALL_PROJECT = $(INSTALL) --no-deps --no-build-isolation --editable .

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-header --no-emit-index-url --no-emit-find-links
DEV_PARTS = --group dev --extra serve --extra postgres --extra notify --extra fleet
IMAGE_PARTS = --group build --group image --extra serve --extra postgres --extra notify --extra fleet

PYTEST = $(BIN)/python -m pytest
# Empty is off: without what pytest keeps of the tests' modules, each of its processes
# makes them anew, which takes longer than to collect them.
export PYTHONDONTWRITEBYTECODE :=
# The names that tests/browser/conftest.py looks for. A build machine has to have one.
BROWSER := $(if $(CI),required,$(shell command -v chromium-headless-shell \
	|| command -v chromium || command -v google-chrome))
ON_SERVER = tests/state tests/faults/test_on_a_server.py tests/providers/test_pace.py \
	tests/connector/test_state_schema.py tests/connector/test_database_password.py
QUICK = not slow and not bench$(if $(BROWSER),, and not browser)

.DEFAULT_GOAL := help
.PHONY: help one mutants picture pages docs dist audit sbom demo test test-all test-server bench bench-fleet \
	fleet-day fleet-tables cover check lint format types imports \
	lock-in-step fmt lock clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

demo: $(RUNTIME)  ## run the main job on the sandbox
	@$(BIN)/partnero-tolt demo

test: $(DEV)  ## the tests without the slow ones, some minutes on two cores
	$(if $(BROWSER),,@echo "No Chromium here: the browser tests are left out." \
		"On Debian: apt-get install chromium-headless-shell")
	$(PYTEST) -n 3 -m "$(QUICK)"

one: $(DEV)  ## the tests of one file: make one T=tests/reports/test_words.py
	$(PYTEST) --quiet $(T)

test-all: $(DEV)  ## all tests
	$(PYTEST) -n 2 -m "not bench"

# On another server than the newest that is here: PARTNERO_TOLT_POSTGRES_BIN=DIR, the
# folder with its programs, or PARTNERO_TOLT_POSTGRES_ADDRESS=HOST:PORT of one that runs.
test-server: $(DEV)  ## the tests of a state on PostgreSQL
	PARTNERO_TOLT_POSTGRES=required $(PYTEST) -n 2 $(ON_SERVER)

bench: $(DEV) $(PEERS)/.asked  ## the measurements, one at a time, into docs/benchmarks.md
	BENCH_OUT=docs BENCH_VDIRSYNCER=$$(ls $(PEERS)/bin/vdirsyncer 2>/dev/null) $(PYTEST) -m bench \
		-o faulthandler_timeout=580 tests/benchmarks

# Options: make bench-fleet FLEET="--pairs 200 --passes 100" (docs/benchmarks-fleet.md).
bench-fleet: $(DEV)  ## a fleet under trouble, and beside its floor, in some twenty minutes
	$(BIN)/python -m tests.benchmarks.fleet.bench --into docs/benchmarks-fleet.md $(FLEET)

fleet-day: $(DEV)  ## a day of a fleet with the real state, and the size of it
	$(BIN)/python -m tests.benchmarks.fleet.state_day --into docs/benchmarks-fleet.md $(FLEET)

fleet-tables: $(DEV)  ## simulate a day of 100 to 100,000 pairs, into docs/fleet.md
	$(BIN)/python -m tests.benchmarks.fleet.simulation --into docs/fleet.md

# A peer that is compared with and no dependency: in an environment of its own, and done
# without where it cannot be had.
$(PEERS)/.asked: | $(BIN)/python
	@$(BIN)/python -m venv $(PEERS)
	-$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(VDIRSYNCER)
	@touch $@

cover: $(DEV)  ## the tests of `make test`, with the lines and branches they miss
	$(PYTEST) -n 2 -m "$(QUICK)" --cov

check: lint format types imports lock-in-step  ## everything but the tests

lint: $(DEV)
	$(BIN)/ruff check

format: $(DEV)
	$(BIN)/ruff format --check

types: $(DEV)
	$(BIN)/mypy

imports: $(DEV)
	$(BIN)/lint-imports

# --noconftest: it reads three files and needs nothing of the other tests.
lock-in-step: $(DEV)
	$(PYTEST) --quiet --noconftest tests/test_lock.py

mutants: $(DEV)  ## change guards, merge and money: does a test notice? (long)
	$(BIN)/mutmut run
	$(BIN)/mutmut results

picture: $(DEV)  ## photograph the report and the desk for the docs
	$(BIN)/python docs/picture.py
	$(BIN)/python docs/desk_pictures.py

pages: $(RUNTIME)  ## make the pages that are made from the code
	$(BIN)/python docs/table.py > docs/table.md
	$(BIN)/python docs/configuration.py > docs/configuration.md
	$(BIN)/python docs/fields.py > docs/fields.md
	$(BIN)/python docs/words.py > docs/words.md
	$(BIN)/python docs/decisions/index.py > docs/decisions/index.md

# -W: a link that leads nowhere, or a page in no list, is an error.
docs: $(DEV) pages  ## build the documentation site into site/
	$(BIN)/python -m sphinx -q -W --keep-going -b html -c docs . site
	@echo "site/index.html"

dist: $(DEV)  ## build the wheel and the sdist into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build

# --strict: a package that the service does not know was not looked at, and is no pass.
AUDIT = $(BIN)/pip-audit --strict --require-hashes --disable-pip

audit: $(DEV)  ## look for known weaknesses in what the locks name (network)
	$(AUDIT) -r requirements.lock
	$(AUDIT) -r requirements-image.lock
	$(AUDIT) -r requirements-dev.lock

# An environment with what the lock of the image names, and nothing else: no pip either,
# which differs from Python to Python. sbom/ is for a release.
SBOM_PYTHON = sbom/.venv/bin/python
INTO_SBOM = $(if $(UV),uv pip install --quiet --python $(SBOM_PYTHON),\
	$(BIN)/python -m pip --python $(SBOM_PYTHON) install --quiet --disable-pip-version-check)

sbom:  ## what is in a release: SBOM (CycloneDX) and licences, into sbom/
	$(MAKE) --no-print-directory $(DEV)
	rm -rf sbom && mkdir sbom
	$(if $(UV),uv venv --quiet --python $(BIN)/python,$(BIN)/python -m venv --without-pip) sbom/.venv
	$(INTO_SBOM) --require-hashes -r requirements-image.lock
	$(INTO_SBOM) --no-deps --no-build-isolation .
	$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
		--of JSON -o sbom/partnero-tolt.cdx.json $(SBOM_PYTHON)
	$(BIN)/python tools/licences.py sbom/partnero-tolt.cdx.json requirements-image.lock \
		> sbom/LICENCES.md
	rm -rf sbom/.venv

fmt: $(DEV)  ## let ruff format, and mend what it can
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

# Keeps the pins that still fit; LOCKFLAGS=--upgrade takes the newest.
lock:  ## write the lock files anew (needs uv and the network)
	$(if $(UV),,$(error make lock needs uv))
	$(LOCK) $(LOCKFLAGS) pyproject.toml --group build -o requirements.lock >/dev/null
	$(LOCK) $(LOCKFLAGS) pyproject.toml $(DEV_PARTS) -c requirements.lock \
		-o requirements-dev.lock >/dev/null
	$(LOCK) $(LOCKFLAGS) pyproject.toml $(IMAGE_PARTS) -c requirements-dev.lock \
		-o requirements-image.lock >/dev/null

clean:  ## remove the environment and all caches
	rm -rf $(VENV) $(PEERS) dist sbom site htmlcov mutants .coverage .coverage.* .hypothesis \
		.schemathesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installs into what is there: the environment is only ever added to.
$(BIN)/python:
	$(if $(UV)$(PYTHON),,$(error no Python 3.11 or newer that has venv: make PYTHON=...))
	$(if $(UV),uv venv --quiet --allow-existing --python "$(or $(PYTHON),>=3.11)",\
		$(PYTHON) -m venv) $(VENV)

$(RUNTIME): pyproject.toml requirements.lock | $(BIN)/python
	$(if $(UV),,@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL_PROJECT)
	@touch $@

# The dev lock holds the runtime one, pin for pin (tests/test_lock.py).
$(DEV): pyproject.toml requirements-dev.lock | $(BIN)/python
	$(if $(UV),,@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null)
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL_PROJECT)
	@touch $(RUNTIME) $@
