# `make run` makes the quickstart benchmark, `make test` runs the tests, `make test-fast` those that
# are not marked slow, `make docs` builds the site in site/; all install first.
PYTHON ?= python3
# Each Python that is named has an environment of its own: .venv-3.12, beside .venv.
ifeq ($(origin PYTHON),file)
VENV := .venv
else
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
# Compiled tests are kept, or each process compiles all of them at each run.
unexport PYTHONDONTWRITEBYTECODE
# One process per core; each takes work from the other when it has none left. More threads than one
# in each would wait for each other: the tests of networks would take twice the time.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --dist worksteal
INSTALLED := $(VENV)/installed

.PHONY: run test test-fast lint docs clean

run: $(INSTALLED)
	$(BIN)/tembench run recipes/quickstart.toml

test: $(INSTALLED)
	$(PYTEST) --doctest-modules

test-fast: $(INSTALLED)
	$(PYTEST) -m "not slow"

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(INSTALLED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

# The mark is written last, so that an interrupted installation starts over.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "tembench needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	@test ! -L $(VENV) || { echo '$(VENV) is a link, and what it leads to would be emptied: remove the link' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,dev,docs]'
	@touch $@

clean:
	rm -rf .venv .venv-* runs
