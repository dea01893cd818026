# Each target does all its own set-up: a virtual environment, uv in it, the packages of requirements.lock.
# A mirror is your choice: uv reads UV_DEFAULT_INDEX, pip reads PIP_INDEX_URL.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
HALFLIFE := $(BIN)/halflife

.DEFAULT_GOAL := help
.PHONY: help setup demo board test check bench screenshots lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Expected Python 3.11 or newer, got $$($(PYTHON) --version 2>&1). Run: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8,<1'
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)  ## the environment alone

demo: $(READY)  ## generate, score, rank and route the embedded contenders
	$(HALFLIFE) demo

board: $(READY)  ## the leaderboard in a browser, on 127.0.0.1
	$(HALFLIFE) board

test: $(READY)  ## all tests
	$(BIN)/python -m pytest

check: $(READY)  ## all that CI checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(READY)  ## the benchmarks, each against what one would do otherwise
	$(BIN)/python -m benchmarks

screenshots: $(READY)  ## docs/screenshots, made again from the demo's observatory
	HALFLIFE_SCREENSHOTS=1 $(BIN)/python -m pytest tests/leaderboard -k screenshot

lock: $(READY)  ## requirements.lock, made again: versions and hashes, no index
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-header --no-annotate pyproject.toml -o requirements.lock

clean:  ## the environment away; the observatory stays
	rm -rf .venv
