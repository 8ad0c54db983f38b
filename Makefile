# Karvon. `make help` lists what can be done; nothing but Python 3.11+ and make is needed.
.POSIX:
.DEFAULT_GOAL := help
.PHONY: help demo up down test check bench load tools flower migrate shell doctor schema messages lock clean

# the first Python that is new enough and can make environments; PYTHON=… chooses another
PYTHON = $(shell for each in python3.13 python3.12 python3.11 python3; do \
	if $$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$each; break; fi; done)
NO_PYTHON = echo 'Karvon needs Python 3.11 or later with its venv module (Debian, Ubuntu: apt install python3-venv).' >&2; exit 1
# makes or refreshes the environment when the locks have changed, then becomes the program named behind it
RUN = python="$(PYTHON)"; [ -n "$$python" ] || { $(NO_PYTHON); }; exec "$$python" server/karvon/runtime/install.py
ARGS =
USERS = 100
SECONDS = 60

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{ printf "  make %-9s %s\n", $$1, $$2 }'
	@echo '  Names that matter: KARVON_PORT (8000), KARVON_HOME (.karvon); all of them are in .env.example'

demo: ## install, start everything with demo data and show one live log; Ctrl-C stops it
	@$(RUN) base -m karvon.runtime demo

up: ## the same in the background; returns when the shop is ready
	@$(RUN) base -m karvon.runtime up

down: ## stop what runs in the background
	@$(RUN) base -m karvon.runtime down

test: ## run all tests on their own servers, or on TEST_DATABASE_URL and TEST_REDIS_URL (ARGS='-k cart' for some)
	@$(RUN) dev pytest -n auto --dist loadgroup -q $(ARGS)

check: ## lint, types, layers, migrations, production settings, OpenAPI
	@$(RUN) dev -m karvon.runtime check

bench: ## measure lists, details, search, cart and checkout against two baselines
	@$(RUN) dev ../bench/run $(ARGS)

load: ## let USERS (100) shoppers loose on a fresh server for SECONDS (60) and print what they saw (ARGS=--page keeps it)
	@$(RUN) tools ../bench/load --users $(USERS) --seconds $(SECONDS) $(ARGS)

tools: ## install what developers look through: debug toolbar, profiler, queue viewer, load generator
	@$(RUN) tools

flower: ## show the task queues of the running shop at http://127.0.0.1:5555 (ARGS=--port=…); Ctrl-C stops it
	@$(RUN) tools celery -A karvon.celery flower --address=127.0.0.1 --port=5555 $(ARGS)

migrate: ## bring the database up to date
	@$(RUN) base manage.py migrate

shell: ## a Python shell with Django set up
	@$(RUN) base manage.py shell

doctor: ## what is installed, which servers and ports, what runs
	@$(RUN) base -m karvon.runtime doctor

schema: ## write docs/openapi, .env.example and the drawn parts of docs/*.md from the code
	@$(RUN) dev -m karvon.runtime schema

messages: ## collect the sentences to translate into karvon/locale and compile their translations
	@$(RUN) base manage.py update_messages

lock: ## compile requirements/*.in into hashed locks
	@$(RUN) base -m karvon.runtime lock

clean: ## remove the home folder: environment, servers, data, pictures, mail
	@$(RUN) base -m karvon.runtime clean
