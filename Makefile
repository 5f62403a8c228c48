# Shorthands for developers; users need only `python3 manage.py up`.
PYTHON := .venv/bin/python
SOURCES := devices benchmarks fleet frontend tests manage.py

.DEFAULT_GOAL := help
.PHONY: help venv up test check fix bench nightly screenshots agent lock

help: ## print this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

venv:
	@python3 -c 'from fleet import bootstrap; bootstrap.ensure(bootstrap.TEST_LOCK)'

up: ## start a whole farm on this machine
	python3 manage.py up

test: ## run the whole suite on real parts
	python3 manage.py test

check: venv node_modules ## lint, types, contracts, migrations, spelling
	$(PYTHON) -m ruff check $(SOURCES)
	$(PYTHON) -m ruff format --check $(SOURCES)
	.venv/bin/codespell $(SOURCES) *.md
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	npm run --silent types

fix: venv ## repair what can be repaired by a machine
	$(PYTHON) -m ruff check --fix $(SOURCES)
	$(PYTHON) -m ruff format $(SOURCES)

bench: venv ## measure and print the figures of the README
	$(PYTHON) -m tests.performance

nightly: venv ## the tests that are too long for a commit
	$(PYTHON) -m pytest -m nightly
	$(PYTHON) -m pytest --hypothesis-profile=explore $$(grep -rl --include='test_*.py' hypothesis tests)

screenshots: venv ## photograph the pages at 390 and 1600 px, dark and light
	$(PYTHON) -m tests.frontend.screenshots

agent: venv ## check the agents that are pushed to devices
	$(PYTHON) -m pytest -q tests/conformance

lock: ## resolve the dependencies anew
	uv pip compile pyproject.toml $(LOCK_OPTIONS) -o requirements.lock
	uv pip compile pyproject.toml --group test -c requirements.lock $(LOCK_OPTIONS) -o requirements-test.lock

LOCK_OPTIONS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

node_modules: package-lock.json
	npm ci --no-audit --no-fund --silent
	@touch node_modules
