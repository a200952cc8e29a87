# Everything runs from .venv, which the first target that needs it makes.
PYTHON ?= python3
SERVE ?= 1
BIN := .venv/bin
CLASS := tests/data/class/bptt

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint book serve lab grade-demo bench setup system clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: grade-demo book  ## release, grade a sample class, build the book, show both (SERVE=0: do not serve)
	@if [ "$(SERVE)" = 1 ]; then $(BIN)/course serve; fi

test: system lint  ## every test: types, units, oracle, book, notebooks, grading, browser
	$(BIN)/pytest -n auto --dist loadfile

test-fast: setup  ## the tests that start no kernel, no browser and no book build
	$(BIN)/pytest -n auto --dist loadfile -m "not slow"

lint: setup  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

book: setup  ## build the book into _build/html; warnings are errors
	$(BIN)/jupyter-book build . -W --keep-going

serve: setup  ## serve the built book, and feedback if there is any, on localhost
	$(BIN)/course serve

lab: setup  ## open JupyterLab with the assignments and nbgrader's formgrader
	$(BIN)/jupyter lab --notebook-dir=.

grade-demo: setup system  ## release the assignment, grade the sample class, write its feedback
	@rm -rf _build/grade/bptt
	$(BIN)/course release bptt
	$(BIN)/course grade bptt --submitted $(CLASS) || test $$? = 3
	$(BIN)/course feedback bptt --submitted $(CLASS)

bench: setup  ## measure the layers against torch.nn: speed and memory, some minutes
	$(BIN)/python benchmarks/layers.py

clean:  ## remove everything that was built, keep .venv
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Could not make .venv: on Debian, apt install python3-venv"; exit 1; }
	@echo "Installing the course into .venv: a few minutes the first time"
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[book,grade,models,dev]'
	@touch $@

# Debian's names: the sandbox of the grader, and the browser of the tests.
system:
	@command -v bwrap >/dev/null && command -v chromium >/dev/null && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $$sudo apt-get update -q && $$sudo apt-get install -y -q bubblewrap chromium; \
	else echo "Please install bubblewrap and chromium (Debian: apt install bubblewrap chromium)"; fi
