# Each target does all its own set-up: a virtual environment, uv in it, the packages of requirements.lock.
# A mirror is your choice: uv reads UV_DEFAULT_INDEX, pip reads PIP_INDEX_URL.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
HALFLIFE := $(BIN)/halflife
GATEWAYS := .venv-gateways
GATEWAYS_READY := $(GATEWAYS)/.ready
# The workers share the cores: more threads in each would wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Where a shell forbids bytecode, uv's --compile-bytecode keeps none, and every process compiles torch and diffusers.
export PYTHONDONTWRITEBYTECODE :=

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup gateways demo board test test-gateways check bench figures screenshots lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Expected Python 3.11 or newer, got $$($(PYTHON) --version 2>&1). Run: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8,<1'
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)  ## the environment alone

$(GATEWAYS_READY): tests/gateways/requirements.lock | $(READY)
	@test -x $(GATEWAYS)/bin/python || $(BIN)/python -m venv --without-pip $(GATEWAYS)
	$(BIN)/uv pip install --quiet --python $(GATEWAYS)/bin/python --compile-bytecode --require-hashes -r $<
	@touch $@

gateways: $(GATEWAYS_READY)  ## the environment of the gateways that the tests drive

demo: $(READY)  ## generate, score, rank and route the embedded contenders
	$(HALFLIFE) demo

board: $(READY)  ## the leaderboard in a browser, on 127.0.0.1
	$(HALFLIFE) board

test: $(READY) $(GATEWAYS_READY)  ## all tests, on all cores, and where the time went
	$(ONE_THREAD) $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations=15

test-gateways: $(READY) $(GATEWAYS_READY)  ## LiteLLM's proxy and Portkey's gateway too; needs node and npm
	$(BIN)/uv pip install --quiet --python $(GATEWAYS)/bin/python --require-hashes -r tests/gateways/proxy.lock
	npm install --silent --no-audit --no-fund --no-save --prefix $(GATEWAYS)/node @portkey-ai/gateway@1.15.2
	HALFLIFE_GATEWAYS=1 $(BIN)/python -m pytest tests/gateways

check: $(READY)  ## all that CI checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(READY)  ## the benchmarks, each against what one would do otherwise
	$(BIN)/python -m benchmarks

figures: $(READY)  ## the sizes, names and arrows of the code, measured
	$(BIN)/python -m benchmarks.figures

screenshots: $(READY)  ## docs/screenshots, made again from the demo's observatory
	HALFLIFE_SCREENSHOTS=1 $(BIN)/python -m pytest tests/leaderboard -k screenshot

lock: $(READY)  ## the locks, made again: versions and hashes, no index
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate tests/gateways/requirements.in -o tests/gateways/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --constraints tests/gateways/requirements.lock tests/gateways/proxy.in -o tests/gateways/proxy.lock

clean:  ## the environments away; the observatory stays
	rm -rf .venv $(GATEWAYS)
