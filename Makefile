# `make` lists the commands. GNU make 3.81 (macOS) is enough; nothing but Python 3.11 to 3.13 is needed beside it.

PYTHON ?= python3
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
COURSE := $(BIN)/crm-course
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations 10
UNIT := $(PYTEST) --doctest-modules tests crm_course
CODE := $(wildcard crm_course tests benchmarks exercises) $(wildcard notebooks/*.py notebooks/*/*.py)
CHECKS := lint formatted types fresh
unexport COLUMNS # pandas prints the examples in docstrings as wide as it says
unexport PYTHONDONTWRITEBYTECODE # hundreds of processes would compile the package again, one after the other

.NOTPARALLEL:
.PHONY: help demo quick test test-long proofs $(CHECKS) unit long books bench lab lock clean

help:
	@echo "make demo       the whole way: a store, its chapter, an exercise for three trainees, their marks and reports"
	@echo "make quick      the tests that need no simulation, no kernel and no sandbox"
	@echo "make test       all checks and tests"
	@echo "make test-long  the same with the long forms of the tests"
	@echo "make proofs     the studies over many stores"
	@echo "make bench      measurements against peers, as JSON"
	@echo "make lab        JupyterLab on the course"
	@echo "make lock       requirements.lock from pyproject.toml (needs uv)"
	@echo "make clean      remove what these commands made, .venv included"

# --- the environment: made when missing, brought up to date when what it is made from changed ---

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "$(PYTHON) is missing: install Python 3.11 to 3.13, or name one with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "`$(PYTHON) --version` does not do: Python 3.11 to 3.13 is needed; name one with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@echo "== making $(VENV) (once; some minutes)"
	@base='import sys; print(sys.base_prefix, sys.version)'; \
	  [ "`$(BIN)/python -c "$$base" 2>/dev/null`" = "`$(PYTHON) -c "$$base"`" ] || $(PYTHON) -m venv --clear $(VENV)
	@echo "== installing what requirements.lock names"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "== installing the course"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# --- demo ---

demo: $(READY)
	@$(COURSE) demo -o build/demo

# --- checks and tests ---

test: $(CHECKS) unit books

test-long: $(CHECKS) long books

lint: $(READY)
	@echo "== ruff check"
	@$(BIN)/ruff check --quiet $(CODE)

formatted: $(READY)
	@echo "== ruff format --check"
	@$(BIN)/ruff format --quiet --check $(CODE)

types: $(READY)
	@echo "== mypy"
	@$(BIN)/mypy
	@for folder in exercises/*/; do $(BIN)/mypy --no-error-summary $$folder*.py || exit 1; done

fresh: $(READY)
	@echo "== notebooks are built from their sources"
	@$(COURSE) build --check

unit: $(READY)
	@echo "== pytest, with the examples in docstrings"
	@$(UNIT) -m "not long and not proof"

quick: $(READY)
	@echo "== pytest, without what simulates or starts a kernel or a sandbox"
	@$(UNIT) -m "not long and not proof" --quick -rfE

long: $(READY)
	@echo "== pytest, with the long forms"
	@$(UNIT) -m "not proof"

proofs: $(READY)
	@echo "== pytest, the studies over many stores"
	@$(UNIT) -m proof

books: $(READY)
	@echo "== notebooks give the outputs that they show"
	@PYTHONPATH=tests $(PYTEST) -p early -p nbval.plugin --nbval --nbval-current-env notebooks/*.ipynb

# --- the rest ---

bench: $(READY)
	@mkdir -p build/bench
	@for file in benchmarks/[a-z]*.py; do \
	  name=`basename $$file .py`; echo "== $$name"; \
	  $(BIN)/python $$file --json > build/bench/$$name.json || exit 1; cat build/bench/$$name.json; \
	done

lab: $(READY)
	@$(BIN)/jupyter lab

lock:
	@command -v uv >/dev/null 2>&1 || { echo "uv is missing: pip install uv"; exit 1; }
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
