# The commands people type. Each works as the first one on a machine with Python 3.11+ and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

# What pytest makes of the asserts is kept: else each worker of each part makes it anew, 6 s of a processor.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: sandbox test long suite check coverage lint audit fuzz attack lock bench crash soak
.DEFAULT_GOAL := check

sandbox: .venv/runtime  ## the bot, a Slack workspace and a Vobiz account on this machine; PORT=8901 DATA=folder
	$(BIN)/python -m bot sandbox $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA))

test: .venv/development  ## the tests but the long ones; those that measure time run last, alone
	$(BIN)/pytest -n 4 --dist worksteal -m "not long and not serial" $(COVER)
	$(BIN)/pytest -m "serial and not long" $(call marked,serial)

long: .venv/development  ## kills, floods, several processes, a browser
	$(BIN)/pytest -n 3 --dist worksteal -m long $(call marked,long)

# The files that have tests of a mark: each worker that reads all of them takes seconds for that.
marked = $(shell grep -rlE 'mark\.$(1)\b' tests --include='test_*.py')

# Not as prerequisites, which -j would run at once: the long tests would disturb those that measure time.
suite: .venv/development
	@$(MAKE) --no-print-directory coverage
	@$(MAKE) --no-print-directory long

check: .venv/development  ## what .ci/run runs: lint and audit beside the tests
	@$(MAKE) --no-print-directory -j2 $(SYNC) suite lint audit
# Each command's output in one piece, where make can (4.0 and newer).
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)

coverage: .venv/development  ## what `make test` runs, and whether it takes 95 % of the lines and branches
	@$(MAKE) --no-print-directory test COVER="--cov --cov-report="
	$(BIN)/coverage report --format=total --fail-under=95

lint: .venv/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

audit: .venv/development  ## known vulnerabilities in what is deployed, where the index tells of them
	$(BIN)/python -m tests.advisories

fuzz: .venv/development  ## 200,000 mutated requests into the front door
	$(BIN)/python -m tests.fuzz --requests 200000

attack: .venv/development  ## ten minutes of hostile clients beside people, into docs/fuzzing.md
	$(BIN)/python -m tests.fuzz --attack --minutes 10 --write docs/fuzzing.md

bench: .venv/development  ## all figures, beside a stock Bolt app and a bare ASGI floor, into docs/benchmarks.md
	$(BIN)/python -m tests.bench --write docs/benchmarks.md

crash: .venv/development  ## the long crash test: 100 kills on SQLite, 60 on Postgres with two instances, the control
	$(BIN)/python -m tests.crash --kills 100 --write docs/crash-test.md
	$(BIN)/python -m tests.crash --kills 60 --database postgres --instances 2 --write docs/crash-test.md
	$(BIN)/python -m tests.crash --kills 40 --control --write docs/crash-test.md

soak: .venv/development  ## ten minutes at 20 commands a second with faults on both sides, into docs/soak.md
	$(BIN)/python -m tests.soak --minutes 10 --rate 20 --write docs/soak.md

lock: .venv/development  ## refresh the locked requirements after a change in pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK) --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile $(LOCK) --output-file requirements-dev.txt --group dev pyproject.toml
LOCK := --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --quiet --upgrade

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3 --version)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/development: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
