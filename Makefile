# Two commands on a fresh machine do everything: `make demo` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check mutants soak serve bench bench-story bench-consent bench-watermark lock clean

help:  ## what there is to call
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY)  ## .venv with pinned packages, and the Debian packages that are needed

$(READY): requirements.lock requirements-torch.lock pyproject.toml scripts/debian_packages.sh
	@bash scripts/debian_packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-torch.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: setup  ## the whole story on this machine: demo/report.json, demo/clip.mp4, demo/withdrawn.mp4
	@$(BIN)/cameo demo --out demo

test: setup  ## the whole test suite
	$(BIN)/pytest -n 2 --dist loadscope

check: setup  ## lint, types, contracts, dependencies, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	@bash scripts/check_migrations.sh

mutants: setup  ## seed one fault at a time into a copy; an assertion must notice each
	@$(BIN)/python scripts/mutants.py

soak: setup  ## 2,000 random consent lives, and a minute of many processes that get killed
	@PYTHONPATH=. $(BIN)/python scripts/soak.py

serve: setup  ## the service on http://127.0.0.1:8000
	$(BIN)/cameo serve

bench: bench-story bench-consent bench-watermark  ## all benchmarks, one JSON line a figure

bench-story: setup  ## the whole story, split by step
	$(BIN)/cameo bench story

bench-consent: setup  ## the gate on PostgreSQL, the decision beside its peers, log, bundle
	$(BIN)/cameo bench consent

bench-watermark: setup  ## the marks: what they live through, cost and do not stop, beside their peers
	$(BIN)/cameo bench watermark

lock:  ## write requirements.lock anew from what is installed (needs uv on PATH)
	$(BIN)/pip freeze --all --exclude-editable | grep -viE '^(pip|wheel|opencv-python|torch)==' \
	  | uv pip compile --quiet --no-deps --generate-hashes --no-header --no-annotate --python-version 3.11 - -o requirements.lock

clean:  ## remove what was built; never touches CAMEO_HOME
	rm -rf $(VENV) demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
