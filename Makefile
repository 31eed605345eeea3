# The project's commands. Needs make and Python 3.11 or newer; everything else goes into .venv.
#   make demo   search generators of handwritten digits for 90 seconds, print the verdict
#   make test   all tests (30 to 40 minutes on two cores)
#   make quick  all but the slow ones (under two minutes)
#   make lint   style, types and spelling
#   make site   the documentation as a web site in site/
#   make locked installs what is pinned by the hashes of its files; make lock writes these anew
#   make audit  asks the package index for known weaknesses of what is pinned
#   make clean  back to a fresh clone; runs/ stays

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
BUDGET ?= 90s
JOBS   ?= 3
INSTALL = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
PIP     = $(INSTALL) -c constraints.txt
PYTEST  = OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: demo test quick lint site lock locked audit clean
.DELETE_ON_ERROR:

demo: $(VENV)/.ready
	@out=demo/$$(date +%Y%m%d-%H%M%S) && mkdir -p demo \
	  && $(VENV)/bin/autogen run digits --budget $(BUDGET) --out "$$out"

test: $(VENV)/.ready-dev
	$(PYTEST)

quick: $(VENV)/.ready-dev
	$(PYTEST) -m "not slow"

lint: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/codespell

# Strict: a link or an anchor that leads nowhere is an error. Docstrings are read, not imported.
site: $(VENV)/.ready-docs
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet --strict

# Constraints cannot hold hashes for pip: these are the same versions, with the hashes of all their files. Torch is
# not among them: its builds, for processors and for each kind of card, come from indexes that differ by machine.
lock: $(VENV)/bin/python
	$(INSTALL) uv
	grep -v '^torch==' constraints.txt | $(VENV)/bin/uv pip compile - --quiet --no-deps --generate-hashes \
	  --no-annotate --no-header --python-version 3.11 --output-file requirements.lock

locked: $(VENV)/bin/python
	$(INSTALL) --require-hashes --no-deps -r requirements.lock
	$(PIP) -e ".[parquet,dev]"
	@touch $(VENV)/.ready $(VENV)/.ready-dev

# Torch has no hashes in the lock, so its version is looked up by itself, by the number that the index knows.
audit: $(VENV)/bin/python
	$(INSTALL) pip-audit
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock
	grep '^torch==' constraints.txt > $(VENV)/torch.txt
	$(VENV)/bin/pip-audit --strict --disable-pip --no-deps --requirement $(VENV)/torch.txt

clean:
	rm -rf $(VENV) demo dist site .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A stamp that is older than the requirements makes its target install them again.
$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e ".[parquet]"
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e ".[parquet,dev]"
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-docs: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e ".[docs]"
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv --clear $(VENV)
