# The course's verbs; `make help` says what each does. Each of them works in a fresh clone.
# To use another Python:          make setup PYTHON=python3.12
# To install other extras:        make setup EXTRAS=lab,teach,test,browser
# To decide which PyTorch comes:  make lab TORCH=cpu, or TORCH=cuda
# To tell test-oldest, test-colab and gpu more:  make test-oldest OPTIONS='--torch 2.6.0+cpu'

PYTHON ?= python3
export TORCH
EXTRAS ?= lab,teach,test,dask,site
PY := .venv/bin/python
# -n auto is one worker a core; more than four only fight over memory bandwidth.
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup lab demo test test-browser test-oldest test-colab gpu lint site screenshots

help:
	@echo 'make setup   make .venv and install the course into it (again: quick and harmless)'
	@echo 'make lab     open JupyterLab on the course; one notebook: make lab NN=02'
	@echo 'make demo    a whole class in a few minutes: released, handed in, graded, with feedback'
	@echo 'make test    run the tests; ALL=1 those, too, whose turn comes with another commit'
	@echo 'make test-browser  open every notebook and a graded class in Chromium'
	@echo 'make test-oldest  the quick tests with the lowest versions that pyproject.toml allows'
	@echo 'make test-colab   the same with what Colab has; both in an environment of their own'
	@echo 'make gpu     measure a machine with a GPU, in eight minutes: what to commit is said at the end'
	@echo 'make lint    run the linter'
	@echo 'make site    the solved course and its guides as pages: build/site/html (QUICK=1 is quick)'
	@echo 'make screenshots  take the pictures of docs/images anew'

# install.py says what it does; called again it is quick. Here only what it cannot say itself.
setup:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo 'make setup: the course needs Python 3.10 or newer, and "$(PYTHON)" is not.' \
	       'Name one that is: make setup PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -I autograder/learning/install.py --extras '$(EXTRAS)'

# A learner needs no teacher's tools, and no menus of theirs.
lab: EXTRAS = lab
lab: setup
	@$(PY) -m autograder lab $(NN)

demo: setup
	@$(PY) -m autograder demo

test: setup
	COURSE_TESTS=$(if $(ALL),all,turns) $(PY) -m pytest $(PYTEST_ARGS) tests

# The extra holds what drives a browser; the browser is the system's own.
test-browser:
	@$(MAKE) --no-print-directory setup EXTRAS='$(EXTRAS),browser'
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	  else \
	    echo 'make test-browser: there is no Chromium here. On Debian and Ubuntu:' \
	         'sudo apt install chromium' >&2; exit 1; \
	  fi; }
	$(PY) -m pytest tests/browser
	$(PY) -m pytest tests/project/test_site_made.py

# Each is made anew in build/, and not by the .venv: PYTHON may name another Python.
test-oldest:
	@$(PYTHON) tests/environments/make.py oldest $(OPTIONS)

test-colab:
	@$(PYTHON) tests/environments/make.py colab $(OPTIONS)

# With a Python whose torch sees a GPU nothing is installed.
gpu:
	@if $(PYTHON) -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; \
	then python='$(PYTHON)'; \
	else $(MAKE) --no-print-directory setup && python=$(PY); fi && \
	$$python benchmarks/gpu.py $(foreach part,$(AGAIN),--again $(part)) $(OPTIONS)

lint: setup
	$(PY) -m ruff check .

site: setup
	@$(PY) docs/site/build.py $(if $(QUICK),--quick) $(NN)

screenshots:
	@$(MAKE) --no-print-directory setup EXTRAS='$(EXTRAS),browser'
	@$(PY) docs/screenshots.py
