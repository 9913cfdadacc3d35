# Each target makes its own environment from its own lock; nothing but git, make, python3 with venv and libcurl4 is assumed.
PYTHON ?= python3
PIP = bin/pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run test check bench faults lock clean

run: .venv/ready
	.venv/bin/python -m bot demo

# They wait more than they work: more run at once than there are cores. The acceptance tests kill processes and watch the clock: apart from the others.
test: .venv-test/ready
	.venv-test/bin/python -m pytest tests/unit tests/contract tests/integration -n 4 --dist loadfile
	.venv-test/bin/python -m pytest tests/acceptance -n 4
	.venv-test/bin/python -m pytest tests/browser -n 2 --dist loadfile

check: .venv-test/ready
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy
	.venv-test/bin/lint-imports --no-cache
	.venv-test/bin/python -m pytest tests/unit/test_docs.py tests/unit/test_wording_catalogue.py

# Kills, freezes, redelivers and rolls real processes, and counts: see docs/reliability.md. SCENARIOS: some only; WARM, COLD, IDS, FAILOVERS: how many.
WARM ?= 60
COLD ?= 3
IDS ?= 5000
FAILOVERS ?= 3
faults: .venv-test/ready
	.venv-test/bin/python -m tests.faults $(SCENARIOS) --warm $(WARM) --cold $(COLD) --ids $(IDS) --failovers $(FAILOVERS) $(if $(SEED),--seed $(SEED))

bench: .venv-bench/ready
	.venv-bench/bin/python -m bench --write

.venv/ready: requirements.lock
	$(PYTHON) -m venv .venv
	.venv/$(PIP) -r requirements.lock
	touch $@

.venv-test/ready: requirements-test.lock
	$(PYTHON) -m venv .venv-test
	.venv-test/$(PIP) -r requirements-test.lock
	touch $@

.venv-bench/ready: requirements-bench.lock
	$(PYTHON) -m venv .venv-bench
	.venv-bench/$(PIP) -r requirements-bench.lock
	touch $@

# Rewrites the locks from pyproject.toml: hashes, every platform, no address of an index.
LOCK = .venv-lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links --no-annotate pyproject.toml --extra embedded
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check uv
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --extra test -c requirements.lock -o requirements-test.lock
	$(LOCK) --extra bench -c requirements.lock -o requirements-bench.lock

clean:
	rm -rf .venv .venv-test .venv-bench .venv-lock .mypy_cache .ruff_cache .pytest_cache
