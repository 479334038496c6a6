# `make` alone lists the targets. Each sets up what it needs, in .venv and .local.

PYTHON ?= python3
N ?= 100000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
# Two processes, each with a stack and browsers of its own, take one file of tests after the other. More of them make
# two processors so busy that functions and browsers run into their time-outs. Files with many tests come first. That
# mixes files with browsers and files without; in the order of folders, both processes have browsers at the same time.
PARALLEL := $(PYTEST) -n 2 --dist loadfile
END_TO_END := tests/e2e/service tests/e2e/dashboard tests/e2e/element

.DEFAULT_GOAL := help

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(READY) ## The whole stack on this machine, with a demo page; Ctrl-C stops it, the votes are kept
	@exec $(BIN)/python -m local

.PHONY: test
test: lint unit ## Everything CI runs: lint, types, imports, template, unit, contract, chaos, end to end
	$(PARALLEL) tests/chaos tests/contract $(END_TO_END)

.PHONY: lint
lint: $(READY) ## Lint and format checks, types, import contracts, the OpenAPI document, the packaged template
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=line types checks

# mypy takes longer than all the others together, and has one processor.
.PHONY: types
types: $(READY)
	$(BIN)/mypy

.PHONY: checks
checks: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m local.typescript
	$(BIN)/python -m local.tools lint
	$(BIN)/cfn-lint infra/data.yaml "$$($(BIN)/python -m local.package)/sam.yaml"

.PHONY: unit
unit: $(READY) ## The fast tests, on fakes, and those of the element's pure parts
	$(BIN)/python -m local.browser
	$(BIN)/node --test --test-reporter=dot tests/browser/*.test.js
	$(PYTEST) -n 2 --dist worksteal tests/unit

.PHONY: contract
contract: $(READY) ## The store's contract, emulator facts, chaos and black holes, on DynamoDB Local
	$(PYTEST) tests/contract tests/chaos

.PHONY: e2e
e2e: $(READY) ## The deployed stack over HTTP, its pages in every browser engine that is here
	$(PARALLEL) $(END_TO_END)

.PHONY: browsers
browsers: $(READY) ## Which browser engines the tests can use here, and how to install the others
	@$(BIN)/python -m local.browsers

.PHONY: chaos
chaos: $(READY) ## A long storm of N requests over a faulty network (make chaos N=100000)
	$(BIN)/python -m tests.chaos.storm --requests $(N)

.PHONY: mutants
mutants: $(READY) ## Small changes in the core: how many do the tests notice? (up to 20 minutes; SEED=7 repeats a run)
	$(BIN)/python -m local.browser
	$(BIN)/python -m local.mutants $(if $(SEED),--seed $(SEED))

.PHONY: screenshots
screenshots: $(READY) ## The demo's pages as pictures, into docs/images
	$(BIN)/python -m local.screenshots

.PHONY: bench
bench: $(READY) ## Cost over raw calls, capacity, growth, cold start: each as a ratio within the run
	$(BIN)/python -m bench

.PHONY: format
format: $(READY) ## Format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m local.tools format

.PHONY: lock
lock: $(READY) ## Pin requirements*.in, with hashes
	$(BIN)/uv pip compile -q --system-certs --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --system-certs --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

.PHONY: clean
clean: ## Remove everything made here, the demo's votes included
	rm -rf $(VENV) .local chalicelib/static/build .chalice/deployments .hypothesis .mypy_cache .ruff_cache .import_linter_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.txt
	@test "$$(uname -sm)" = "Linux x86_64" || { echo "This needs Linux on x86-64 (here: $$(uname -sm)): the package has Lambda's libraries, and the local stack runs them." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV); the first time takes about a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --no-deps --no-compile --require-hashes -r requirements-dev.txt
	@touch $@
