# Builds the environment in .venv/ and runs things from it. Works with GNU make 3.81 (macOS) and later.
# The same commands without make stand in the README.

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint format types bench clean

help:
	@echo "make run      start the explorer on http://localhost:8501 (another port: make run PORT=8600)"
	@echo "make test     run every test; those in a browser need a Chromium"
	@echo "make lint     check style and format        make format  mend them"
	@echo "make types    check types"
	@echo "make bench    time the sweeps of the published figures"
	@echo "make clean    remove the environment and the tools' caches"

run: $(VENV)/.installed
	$(BIN)/streamlit run explorer/app.py $(if $(PORT),--server.port $(PORT))

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.installed-test
	$(BIN)/mypy

bench: $(VENV)/.installed
	$(BIN)/python -m core bench

# Leaves the cache of computed runs alone, which is not in this folder.
clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find core explorer tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An empty file marks a finished installation, so that one which broke off is done again. A stamp is older than the
# files that it depends on as soon as one of them changes.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(make-venv)
	$(BIN)/python -m pip install -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt
	$(make-venv)
	$(BIN)/python -m pip install -c constraints.txt -e '.[test]'
	@touch $(VENV)/.installed $@

define make-venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or later, and '$(PYTHON)' is not one. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' || { echo "'$(PYTHON)' cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
$(PYTHON) -m venv $(VENV)
endef
