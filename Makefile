# Every command of the project; `make help` prints them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
DATA ?=
MODEL ?=
URL ?= https://api.openai.com/v1
LOCKING := --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
ROUNDS ?= 10
EVENTS ?= 10000000
.PHONY: help setup system demo test soak lint format bench bench-repair bench-review docs lock wheel clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# The stamp is newer than the lock file once everything in it is installed.
.venv/.installed: requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Milepost and its tools into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -qq .venv/lib server || true
	@touch $@

setup: .venv/.installed

system:
	@scripts/system-packages bubblewrap

demo: setup system ## set up and run the main job: a wrong program, its report, its fix, what was stored
	@$(BIN)/milepost demo --data-dir .milepost-demo

test: setup system ## set up and run every test
	@scripts/system-packages rabbitmq-server openssl docker-compose
	@scripts/system-packages tmux vim vim-ale emacs-nox elpa-eglot elpa-lsp-mode
	@scripts/set-up-editors neovim vscode
	@scripts/set-up-model
	@scripts/run-tests

soak: setup system ## the long versions of the tests of trust (ROUNDS=500)
	@scripts/system-packages rabbitmq-server openssl
	@scripts/set-up-model
	MILEPOST_SOAK=1 MILEPOST_ROUNDS=$(ROUNDS) $(BIN)/pytest -n 2 tests

lint: setup ## style, types, floors, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## write the code as the formatter wants it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: setup system ## speed beside other servers, in one run
	@scripts/system-packages rabbitmq-server openssl
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-bench.lock
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/archive.py --events $(EVENTS)
	$(BIN)/python benchmarks/events.py
	@scripts/set-up-editors vscode
	$(BIN)/python benchmarks/editors.py

bench-repair: setup system ## quality of fixes on a data set: make bench-repair DATA=folder
	$(BIN)/python benchmarks/repair.py $(DATA)

bench-review: setup system ## what a model's reviews cost; with MODEL=name and URL=address how good they are
	$(BIN)/python benchmarks/review.py
	@if [ -n "$(MODEL)" ]; then MILEPOST_MODEL="$(MODEL)" MILEPOST_MODEL_URL="$${MILEPOST_MODEL_URL:-$(URL)}" \
		$(BIN)/python benchmarks/review.py --quality; fi

docs: setup ## write the generated pages
	$(BIN)/python -m milepost.settings.page > docs/settings.md
	$(BIN)/python clients/vscode/generate_settings.py

lock: ## pin the dependencies anew
	$(BIN)/uv pip compile $(LOCKING) --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile $(LOCKING) --extra dev --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

wheel: setup ## build the wheel
	$(BIN)/python -m build --wheel --no-isolation

clean: ## remove what the other commands made
	rm -rf .venv .editors .milepost-demo dist .mypy_cache .ruff_cache .hypothesis clients/vscode/node_modules clients/vscode/dist
