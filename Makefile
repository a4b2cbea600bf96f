# One command a chore. `make app` and `make check` set up what they need first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
# Two processes side by side, whoever is free takes a test: most of them wait for others anyway.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

.PHONY: app setup check lint test fast browser

app: $(VENV)/.app-ready  ## set up and open the app
	$(BIN)/streamlit run app.py

setup: $(VENV)/.dev-ready  ## set up for development

check: lint test  ## everything a change must pass

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(VENV)/.dev-ready  ## all tests, the browser's included
	$(PYTEST)

fast: $(VENV)/.dev-ready  ## the tests that need no browser
	$(PYTEST) -m "not browser"

browser: $(VENV)/.dev-ready
	$(PYTEST) -m browser

$(VENV)/.app-ready: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.dev-ready: requirements.txt requirements-dev.txt $(VENV)/.app-ready
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@
