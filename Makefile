# What people do with Videoflix. `make help` lists it; make.ps1 is the same for Windows.
# Settings (ports, state folder) come from the environment or .env; .env.example explains them.

# one that really starts: a version manager's shim may stand for a Python that is not chosen here
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up down status logs dev test linted stacks advice units quick fuzz bench drill mutants audit lint style types rules format schema postman aws deploy destroy clean python

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

up: python ## start the stack and deploy what changed; returns when the demo film plays
	@$(PYTHON) -m localstack.environment --ports
	@$(VENV)/python -m localstack.up

down: python ## stop the stack; films and accounts stay
	@$(PYTHON) -m localstack.down

status: python ## say where the stack is and how it does
	@$(PYTHON) -m localstack.status

logs: python ## follow what the emulator and the functions log
	@$(PYTHON) -m localstack.logs

dev: python ## serve the API from the working tree, reloading, against the running stack
	@$(PYTHON) -m localstack.environment
	@$(VENV)/python -m localstack.dev

# where this is set, each process of the tests compiles everything anew, or installing compiles what nothing imports
WITH_BYTECODE := env -u PYTHONDONTWRITEBYTECODE

# Unit tests and hostile films run on moto, which takes a process for itself. The others talk to stacks, in the order of
# tests/conftest.py; they often wait, so there is one worker more than a small machine has processors, and what reads
# the code does so while they wait.
test: python ## lint, and run all tests
	@$(WITH_BYTECODE) $(PYTHON) -m localstack.environment --dev --tools
	@$(MAKE) --no-print-directory style
	@$(WITH_BYTECODE) $(MAKE) --no-print-directory units
	@$(WITH_BYTECODE) $(MAKE) --no-print-directory --jobs 2 linted stacks

stacks:
	@$(VENV)/pytest tests/integration tests/e2e --numprocesses 3 --dist loadfile --no-loadscope-reorder --durations 20

# its lines one after the other when it is done: beside it tests tell how far they are, and go first
linted:
	@said=$$(mktemp); nice -n 19 $(MAKE) --no-print-directory types rules advice >"$$said" 2>&1; result=$$?; echo; cat "$$said"; rm "$$said"; exit $$result

advice:
	@$(VENV)/python -m infra.audit --advise

units:
	@$(VENV)/pytest tests/unit tests/hostile -q --numprocesses auto -p tests.covered

quick: python ## the unit tests that call no AWS and start nothing: 20 seconds
	@$(PYTHON) -m localstack.environment --dev
	@$(WITH_BYTECODE) $(VENV)/pytest tests/unit -q --numprocesses auto -m "not moto and not slow"

fuzz: python ## upload many more damaged films (ROUNDS=20 of each container, from SEED=2 on)
	@$(PYTHON) -m localstack.environment --dev
	@$(VENV)/python layers/ffmpeg/build.py --unpack
	@FUZZ_ROUNDS=$(or $(ROUNDS),20) FUZZ_SEED=$(or $(SEED),2) $(VENV)/pytest tests/hostile \
		-q --numprocesses auto -k damaged

bench: python ## measure everything, alone on this machine (FILM=path, or the demo film)
	@$(PYTHON) -m localstack.environment --dev --tools
	@$(VENV)/python -m bench $(if $(FILM),--film '$(FILM)')

drill: python ## inject faults into a whole stack; writes docs/reliability.md
	@$(PYTHON) -m localstack.environment --proof --tools
	@$(VENV)/python -m drill

mutants: python ## change the code of accounts and planning, bit by bit, and see whether a test fails
	@$(PYTHON) -m localstack.environment --proof
	@$(VENV)/mutmut run $(MUTANTS)
	@$(VENV)/mutmut results

audit: python ## ask OSV whether any package in use has a known vulnerability
	@$(PYTHON) -m localstack.environment --dev
	@$(VENV)/python -m infra.audit

lint: python ## check style, types, imports, and the templates of infra/
	@$(PYTHON) -m localstack.environment --dev
	@$(MAKE) --no-print-directory style
	@MAKEFLAGS= $(MAKE) --no-print-directory --jobs 2 types rules

style:
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

types:
	@$(VENV)/mypy

rules:
	@$(VENV)/lint-imports
	@$(VENV)/python -m infra.lint

format: python ## rewrite the code in the one style
	@$(PYTHON) -m localstack.environment --dev
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

schema: python ## write the OpenAPI document from the routes: schema.yaml, schema.json, what /api/schema/ serves
	@$(PYTHON) -m localstack.environment
	@$(VENV)/python -m openapi.write schema

postman: python ## write the Postman collection from the routes
	@$(PYTHON) -m localstack.environment
	@$(VENV)/python -m openapi.write postman

aws: python ## install the aws command line as .venv/bin/aws
	@$(PYTHON) -m localstack.environment --aws
	@echo 'Use it like this: $(VENV)/aws --endpoint-url http://127.0.0.1:4566 s3 ls   (key test, secret test)'

deploy: python ## deploy a stage: make deploy STAGE=prod (PLAN=yes only shows what would be done)
	@test -n "$(STAGE)" || { echo 'Error: say which stage: make deploy STAGE=prod' >&2; exit 2; }
	@$(PYTHON) -m localstack.environment
	@$(VENV)/python -m infra.deploy --stage $(STAGE) $(if $(PLAN),--plan)

destroy: python ## remove a stage, after asking; accounts and films on AWS stay: make destroy STAGE=prod
	@test -n "$(STAGE)" || { echo 'Error: say which stage: make destroy STAGE=prod' >&2; exit 2; }
	@$(PYTHON) -m localstack.environment
	@$(VENV)/python -m infra.destroy --stage $(STAGE)

clean: python ## delete the stack with its films and accounts, and all that builds left
	@$(PYTHON) -m localstack.clean

python:
	@test -n "$(PYTHON)" || { echo 'Error: Videoflix needs Python 3.11, 3.12 or 3.13, and there is no python3.' >&2; exit 1; }
