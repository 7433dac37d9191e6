PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo study test coverage mutation torture fuzz clean

$(VENV)/.installed: setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/mammo infer examples --output-dir demo-output
	@echo 'To look at films in a browser, run $(BIN)/mammo serve and open the address that it prints.'

study: $(VENV)/.installed
	$(BIN)/mammo run-study --output-dir study-output

test: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

coverage: $(VENV)/.installed
	$(BIN)/python -m pytest -n 2 --cov

mutation: $(VENV)/.installed
	$(BIN)/python tests/reliability/mutation_score.py --sample 600

torture: $(VENV)/.installed
	$(BIN)/python tests/reliability/torture.py --kills 50

fuzz: $(VENV)/.installed
	$(BIN)/pip install --quiet --editable '.[fuzz]'
	$(BIN)/python tests/reliability/fuzz.py --seconds 60

clean:
	rm -rf $(VENV) demo-output study-output mutants
