.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
unexport PYTHONDONTWRITEBYTECODE  # dozens of tests start a Python, which would compile everything again
DOCS := .cache/docs/venv
# The files with this mark, because pytest would collect ten thousand other tests, too.
marked = $$(grep -rlE --include='test_*.py' 'mark\.$(1)\b' tests)
COMPILE := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

help: ## print this help
	@echo "autoshares-cancel: make TARGET"; grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 22

setup: $(READY) ## create .venv with the pinned dependencies

$(READY): pyproject.toml requirements/uv.txt requirements/dev.txt requirements/generate.txt
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/uv venv --quiet --python $(BIN)/python $(VENV)/generate && $(BIN)/uv pip install --quiet --compile-bytecode --python $(VENV)/generate/bin/python --require-hashes -r requirements/generate.txt
	@touch $@

generate: $(READY) ## write generated/ from the specification
	$(BIN)/openapi-spec-validator openapi/autoshares.yaml && $(BIN)/python openapi/generate.py
drift: $(READY) ## fail when generated/ is not what the specification gives
	$(BIN)/openapi-spec-validator openapi/autoshares.yaml && $(BIN)/python openapi/generate.py --check
watch: $(READY) ## compare a page of the vendor's with what we know of it (PAGE="page.md other.md", or - for standard input)
	@$(BIN)/python openapi/watch.py $(PAGE)
compat: $(READY) ## rate what changed in specification and Python interface since the last release, or since BASE=file-or-commit
	@$(BIN)/python openapi/compat.py $(if $(BASE),"$(BASE)")
rehearse: $(READY) ## change the vendor's page in twelve ways, and show where each leads, up to mypy and pyright
	@PYTHONPATH=tests:openapi $(BIN)/python -m rehearsal

lint: $(READY) ## ruff: rules and formatting; import-linter: which room imports which
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter
types: $(READY) ## mypy strict and pyright, and what pyright finds in callers and after a change of the specification
	$(BIN)/mypy && $(BIN)/pyright && $(BIN)/python -m pytest -q -m types tests/typing
test: $(READY) ## the whole suite
	$(BIN)/python -m pytest -n auto --dist worksteal

sweeps: $(READY) ## sweeps on PostgreSQL: their tests, and 25 kills of workers
	$(BIN)/python -m pytest -n auto --dist worksteal -m sweeps $(call marked,sweeps)

tables: $(READY) ## the cases of large tables that `make test` leaves out
	$(BIN)/python -m pytest -n auto --dist worksteal -m table

tools: $(READY) ## the tests of generator, mutants, builds, watch and contract suite that `make test` leaves out
	$(BIN)/python -m pytest -n auto --dist worksteal -m tools $(call marked,tools)

steady: $(READY) ## the suite beside four busy loops: RUNS=10 times, with one worker, and in random order (SEED=1)
	@$(BIN)/python tests/steady.py $(if $(RUNS),--runs "$(RUNS)") $(if $(SEED),--seed "$(SEED)")
pythons: $(READY) ## the unit tests on every other Python that is found (QUICK=1: what needs no mock server)
	@PYTHONPATH=tests $(BIN)/python -m pythons $(if $(QUICK),--quick)

versions: $(READY) ## the tests of every dependency, with its lowest and its newest version
	$(BIN)/python -m pytest -n 2 -m versions tests/packaging/test_versions.py

contract: $(READY) ## judge the mock in every way, or a running server: BASE_URL=http://host/api
	@PYTHONPATH=tests $(BIN)/python -m contract.judge $(BASE_URL)
fuzz: $(READY) ## look for counterexamples that nobody has found yet (SECONDS=60, SEED=1 to replay)
	@$(BIN)/python tests/contract/fuzz.py --seconds "$(or $(SECONDS),60)" $(if $(SEED),--seed "$(SEED)")

mutants: $(READY) ## plant faults, see that something notices (KIND=server, ONLY=text, SHARD=1/8, SINCE=main, QUICK=1, FRESH=1)
	@PYTHONPATH=tests $(BIN)/python -m faults.mutants $(if $(KIND),--kind $(KIND)) $(if $(QUICK),--quick) $(if $(FRESH),--fresh) \
	$(if $(ONLY),--only "$(ONLY)") $(if $(SHARD),--shard "$(SHARD)") $(if $(SINCE),--since "$(SINCE)")

soak: $(READY) ## cancel by the thousand while everything fails; no outcome may be a lie (CALLS=100000, BATCH=10000, SEED=1)
	@PYTHONPATH=tests $(BIN)/python -m faults.soak $(if $(CALLS),--calls $(CALLS)) $(if $(BATCH),--batch $(BATCH)) $(if $(SEED),--seed $(SEED))

bench: $(READY) ## measure against peers: table, chart and figures in .cache/bench/ (ONLY=one,many, QUICK=1, RECORD=1)
	@PYTHONPATH=tests $(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(RECORD),--record)

demo: $(READY) ## cancel an order at the mock, and show what every documented status becomes
	@$(BIN)/python tests/demo.py
mock: $(READY) ## serve the mock exchange on port 8080 until Ctrl-C
	@$(BIN)/autoshares-cancel mock --port 8080

docs: $(DOCS)/.ready ## the site of docs/, in .cache/docs/html: every warning and every link to nowhere is an error
	$(DOCS)/bin/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -d .cache/docs/doctrees docs .cache/docs/html
	$(BIN)/python -m pytest -q -m site tests/documents
$(DOCS)/.ready: $(READY) requirements/docs.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(DOCS)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(DOCS)/bin/python --require-hashes -r requirements/docs.txt
	@touch $@

build: $(READY) ## wheel and source archive, into dist/
	rm -rf dist && $(BIN)/python -m build --no-isolation

release: $(READY) ## from a clean tree to a tag, and archives with their hashes in dist/ (BUMP=major|minor|patch, DRY=1)
	@PYTHONPATH=openapi $(BIN)/python -m releasing $(if $(BUMP),--bump "$(BUMP)") $(if $(DRY),--dry-run)

requirements: $(READY) ## compile requirements/ anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --group generate $(COMPILE) -o requirements/generate.txt
	for group in dev bench docs; do $(BIN)/uv pip compile --quiet --upgrade pyproject.toml --group $$group --all-extras $(COMPILE) -o requirements/$$group.txt || exit; done
	grep -E '^uv==' requirements/dev.txt | cut -d' ' -f1 | $(BIN)/uv pip compile --quiet - $(COMPILE) -o requirements/uv.txt

ci: lint types drift compat test tools sweeps docs build ## everything that CI runs
	$(MAKE) mutants pythons versions QUICK=1

clean: ## remove everything that can be made again
	rm -rf $(VENV) .cache .hypothesis .schemathesis dist

.PHONY: help setup generate drift watch compat rehearse lint types test sweeps tables tools versions steady pythons contract fuzz mutants soak bench demo mock docs build release requirements ci clean
