# `make run` brings the product up; `make test` proves it. Each does its own set-up.
PYTHON ?= python3
RUN = .venv/bin/python
TEST = .venv-test/bin/python

.PHONY: run run-lan run-cluster test setup-run setup-test bench-push bench-video bench-storm faults faults-mutants \
  soak clean

run: setup-run
	@$(RUN) -m app run

run-lan: setup-run
	@$(RUN) -m app run-lan

run-cluster: setup-run
	@$(RUN) -m ops.debian nginx-light postgresql
	@$(RUN) -m app run-cluster

test: setup-test
	$(TEST) -m ruff check .
	$(TEST) -m ruff format --check .
	$(TEST) -m mypy
	.venv-test/bin/lint-imports
	$(TEST) -m pytest

bench-video: setup-test
	@$(TEST) -m tests.bench.video

bench-push: setup-test
	@$(TEST) -m tests.bench.push

bench-storm: setup-test
	@$(TEST) -m tests.bench.storm

# COUNT=100 for fewer schedules; docs/promise.md says what else it takes.
faults: setup-test
	@$(TEST) -m tests.faults $(COUNT)

faults-mutants: setup-test
	@$(TEST) -m tests.faults.mutants

# HOURS=8 for longer than ten minutes.
soak: setup-test
	@$(TEST) -m tests.bench.soak $(HOURS)

setup-run:
	@$(PYTHON) -m ops.setup run

setup-test:
	@$(PYTHON) -m ops.setup test

# What set-up and runs made here. It does not touch a city folder or a store of your own.
clean:
	rm -rf .venv .venv-test node_modules assets/vendor var
