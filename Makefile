SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help: ## print this help
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(READY) ## create .venv with the pinned dependencies

$(READY): pyproject.toml requirements/uv.txt requirements/dev.txt
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

generate: $(READY) ## write generated/ from the specification
	$(BIN)/openapi-spec-validator openapi/autoshares.yaml
	$(BIN)/python openapi/generate.py

drift: $(READY) ## fail when generated/ is not what the specification gives
	$(BIN)/openapi-spec-validator openapi/autoshares.yaml
	$(BIN)/python openapi/generate.py --check

lint: $(READY) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy strict and pyright
	$(BIN)/mypy
	$(BIN)/pyright

test: $(READY) ## the whole suite
	$(BIN)/python -m pytest

clean: ## remove everything that can be made again
	rm -rf $(VENV) .cache build dist .hypothesis .coverage

.PHONY: help setup generate drift lint types test clean
