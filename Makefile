# What people type. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Pinned: the version that the project is known to work with.
CARGO_LAMBDA_VERSION := 1.9.2
CARGO_DENY_VERSION := 0.20.2
# Tools that are made from their source.
CARGO_TOOLS := .cargo-tools
DENY := $(CARGO_TOOLS)/bin/cargo-deny --log-level error
VENV := .venv
PAGE := functions/web/page
FUNCTIONS := rooms participants calls chat signaling accounts sockets web
# The tools of operators and CI, pinned in tools/requirements.txt.
AWS_VENV := .venv-aws
# What measures and draws, pinned in tools/bench/requirements.txt.
BENCH_VENV := .venv-bench
# What calls the API from outside, pinned in tests/contract/requirements.txt.
CONTRACT_VENV := .venv-contract
# Clients of today, pinned in tests/clients/requirements.txt.
CLIENTS_VENV := .venv-clients
AWS_TOOLS := PATH="$(CURDIR)/$(AWS_VENV)/bin:$(CURDIR)/$(VENV)/bin:$$PATH" SAM_CLI_TELEMETRY=0
OPERATE := $(AWS_TOOLS) python3 tools/operate.py

comma := ,

# A panic ends a function, so that nothing ever reads the tables by which it would be unwound: an eighth of a binary.
SLIM := -C force-unwind-tables=no -C link-arg=-Wl,-T,tools/slim.ld

# What operators may set; see `make help`.
ARCH ?= arm64
RELEASE ?= $(shell git describe --always --dirty 2>/dev/null || echo unreleased)
TABLE ?= keep
TENANT ?=
FILE ?=
FROM ?=
PARAMETERS ?=

# What the local stack is told; see `make help`.
PORT ?= 9000
ADMIN_USER ?= admin
ADMIN_PASSWORD ?= admin
DATA_DIR ?= .local
EPHEMERAL ?=

# What people type is handed on as it is: by the environment, where neither make nor a shell reads it as a
# command. Recipes name these as "$$TENANT", never as $(TENANT).
USER_ORIGIN := $(origin USER)
TYPED := ARCH TABLE TENANT USER FILE FROM PARAMETERS PORT ADMIN_USER ADMIN_PASSWORD DATA_DIR EPHEMERAL
# These are handed on where they are set at all.
SETTINGS := STUN_SERVERS TURN_SERVERS TURN_SECRET_PARAMETER SIGNALING_SERVER SIGNALING_SECRET_PARAMETER
SETTINGS += POLL_SECONDS CHAT_DAYS GUEST_LIMIT ADDRESS_LIMIT PASSWORD_LENGTH LOG_LEVEL WEB_SOCKETS
TYPED += $(foreach name,$(SETTINGS),$(if $(filter undefined,$(origin $(name))),,$(name)))
ifneq ($(filter command line environment,$(origin RELEASE)),)
TYPED += RELEASE
endif
$(foreach name,$(TYPED),$(eval override $(name) := $$(value $(name))))
export $(TYPED) RELEASE

.PHONY: bench-faults soak common-passwords test-order help run page check-page test fuzz test-page tour check format routes lint build deploy tenants admin unblock remove export import test-clients test-deploy test-contract test-signaling
.PHONY: bench-api bench-cold bench-sockets deny cargo-deny cargo-lambda aws-tools contract-tools need-cargo need-node need-tenant need-file

help: ## List what there is
	@echo "spreed-serverless: the room and call API of Nextcloud Talk on AWS Lambda"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
	@echo
	@echo "Settings of make run, with their defaults (make run PORT=9001):"
	@echo "  PORT=9000  ADMIN_USER=admin  ADMIN_PASSWORD=admin  DATA_DIR=.local"
	@echo "  EPHEMERAL=1 keeps everything in memory"
	@echo
	@echo "Operators: AWS credentials and region come from the environment; docs/operations.md has a first day."
	@echo "  make build ARCH=arm64        (or x86_64)"
	@echo "  make deploy TENANT=acme      PARAMETERS='MemorySize=512 ...' for what template.yaml names"
	@echo "  make admin TENANT=acme USER=boss"
	@echo "  make unblock TENANT=acme USER=anna"
	@echo "  make remove TENANT=acme      TABLE=delete to lose the data, too"
	@echo "  make export TENANT=acme FILE=acme.jsonl, make import TENANT=acme FILE=acme.jsonl"
	@echo "  make export ... FROM=table   a table that was kept or restored"

run: need-cargo ## Build and start the page and the API on http://127.0.0.1:9000
	@echo "Building the functions. The first time takes a minute or two."
	@cargo build --locked $(FUNCTIONS:%=--package %) --package local
	@exec target/debug/local

page: need-node ## Build the page for people from functions/web/page; needs Node.js 20
	@npm --prefix $(PAGE) ci --no-audit --no-fund --loglevel error
	@npm --prefix $(PAGE) run --silent types
	@npm --prefix $(PAGE) run --silent check
	@npm --prefix $(PAGE) run --silent build -- --logLevel warn
	@echo "The page is in functions/web/built, from where make run and make build take it. Commit it with its source."

# The built page is in the repository, so that nobody needs Node to run or deploy it; this shows that it is the right one.
check-page: page ## Check that the built page is what its source says
	@[ -z "$$(git status --porcelain functions/web/built)" ] || { \
		echo "functions/web/built is not what its source makes. Type 'make page' and commit what it changes:"; \
		git status --short functions/web/built; exit 1; }

test: need-cargo ## Run all tests
	@cargo test --locked --workspace --all-targets

fuzz: need-cargo ## Send what strangers might send, 100,000 made-up inputs to each target
	@echo "Making up 100,000 inputs for each of eight targets; this takes a minute or two"
	@PROPTEST_CASES=100000 cargo test --locked --package tests --test fuzz

soak: need-cargo ## Let six users and three guests loose on a network that fails; SEEDS=1000 takes a night
	@echo "Playing $${SEEDS:-20} stories on a failing network, and a quarter as many on a good one; this takes some minutes"
	@SEEDS=$${SEEDS:-20} STEPS=$${STEPS:-2900} cargo test --locked --package tests --test soak -- --nocapture

bench-faults: need-cargo ## Measure what callers notice when one request to the table in twenty fails
	@cargo test --quiet --locked --package tests --test soak -- --ignored --nocapture

tour: need-cargo ## Type the README's tour against a stack of its own
	@python3 tests/tour.py

check: need-cargo deny ## Check format, lints, documentation, and the crates that are used
	@cargo fmt --all --check || { echo "Run 'make format' and commit what it changes."; exit 1; }
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	@RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

# The database of advisories lies on GitHub, which not every network reaches.
deny: cargo-deny ## Check the licences, sources, versions and known weaknesses of all crates
	@$(DENY) check licenses bans sources
	@if $(DENY) fetch db >/dev/null 2>&1; then $(DENY) check advisories; \
		else echo "Not checked for known weaknesses: https://github.com/RustSec/advisory-db cannot be reached."; fi

format: need-cargo ## Format the code
	@cargo fmt --all

routes: need-cargo ## Write the routes of template.yaml from the functions' tables
	@cargo run --quiet --locked --package local --bin routes

common-passwords: need-cargo ## Write the list of passwords that are refused
	@python3 tools/common_passwords.py

lint: aws-tools ## Check template.yaml: cfn-lint, sam validate, checkov
	@$(AWS_TOOLS) cfn-lint template.yaml
	@$(AWS_TOOLS) AWS_DEFAULT_REGION=eu-central-1 sam validate --lint --template template.yaml
	@$(AWS_TOOLS) checkov --config-file tools/checkov.yaml

build: need-cargo cargo-lambda ## Build the functions for Lambda
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" RUSTFLAGS="$(SLIM)" cargo lambda build --release --locked \
		$$(if [ "$$ARCH" = x86_64 ]; then echo --x86-64; else echo --arm64; fi) $(FUNCTIONS:%=--package %)
	@for function in $(FUNCTIONS); do \
		printf '  %-14s %8d bytes, zipped %8d\n' $$function $$(wc -c < target/lambda/$$function/bootstrap) \
			$$(gzip --stdout target/lambda/$$function/bootstrap | wc -c); \
	done

deploy: aws-tools need-tenant ## Create or update a tenant's stack
	@$(OPERATE) deploy --tenant "$$TENANT" --release "$$RELEASE" --parameters "$$PARAMETERS"

tenants: aws-tools ## List the tenants of this account and region
	@$(OPERATE) tenants

admin: aws-tools need-tenant need-cargo ## Make an administrator, or give one another password
	@[ "$(USER_ORIGIN)" = "command line" ] || { echo "Say who: make admin TENANT=$$TENANT USER=boss"; exit 1; }
	@cargo build --quiet --locked --package operator
	@$(OPERATE) admin --tenant "$$TENANT" --user "$$USER"

unblock: aws-tools need-tenant ## Say who guesses at somebody's password, and forget it
	@[ "$(USER_ORIGIN)" = "command line" ] || { echo "Say whose: make unblock TENANT=$$TENANT USER=anna"; exit 1; }
	@$(OPERATE) unblock --tenant "$$TENANT" --user "$$USER"

remove: aws-tools need-tenant ## Remove a tenant's stack; asks first, and keeps the table
	@$(OPERATE) remove --tenant "$$TENANT" --table "$$TABLE"

export: aws-tools need-tenant need-file ## Write all items of a tenant into a file
	@$(OPERATE) export --tenant "$$TENANT" --file "$$FILE" --table "$$FROM"

import: aws-tools need-tenant need-file ## Write the items of a file into an empty tenant
	@$(OPERATE) import --tenant "$$TENANT" --file "$$FILE"

test-deploy: aws-tools need-node ## Deploy two tenants to an emulator and test them there
	@$(call debian,chromium,$${CHROMIUM:-/usr/bin/chromium})
	@npm --prefix tests/page ci --no-audit --no-fund --loglevel error
	@$(MAKE) --no-print-directory build ARCH=x86_64
	@cargo build --quiet --locked --package operator
	@$(AWS_TOOLS) python3 tools/test_deploy.py

test-clients: need-cargo ## Let clients of today talk to a stack; NC_PY_API=folder for nc-py-api's own tests, too
	$(call venv,$(CLIENTS_VENV),tests/clients/requirements.txt,nc-py-api$(comma) nextcloud-async and nextcloud-talk-core)
	@$(CLIENTS_VENV)/bin/python tests/clients/run.py

test-contract: need-cargo contract-tools ## Hold docs/openapi.json against a stack, by thousands of made-up requests
	@PATH="$(CURDIR)/$(CONTRACT_VENV)/bin:$$PATH" python3 tests/contract/run.py

test-signaling: need-cargo need-node ## Test signaling with the real server and real browsers; installs them on Debian
	@$(call debian,nextcloud-spreed-signaling chromium,nextcloud-spreed-signaling-server $${CHROMIUM:-/usr/bin/chromium})
	@npm --prefix tests/signaling ci --no-audit --no-fund --loglevel error
	@echo "Building and starting three stacks, a signaling server and a browser"
	@node tests/signaling/run.mjs

test-page: need-cargo need-node ## Test the page with people in real browsers; pictures go to target/page
	@$(call debian,nextcloud-spreed-signaling chromium,nextcloud-spreed-signaling-server $${CHROMIUM:-/usr/bin/chromium})
	@npm --prefix tests/page ci --no-audit --no-fund --loglevel error
	@echo "Building and starting three stacks, a signaling server and a browser; the whole takes some minutes"
	@node tests/page/run.mjs

bench-api: cargo-lambda ## Measure what each endpoint costs, and how that grows; WRITE=1 writes docs/performance.md
	$(call venv,$(BENCH_VENV),tools/bench/requirements.txt,boto3 and matplotlib)
	@$(MAKE) --no-print-directory build ARCH=x86_64 FUNCTIONS="rooms participants calls chat"
	@cargo build --quiet --locked --package local --bin database
	@PYTHONDONTWRITEBYTECODE=1 $(BENCH_VENV)/bin/python tools/bench

bench-cold: aws-tools cargo-lambda ## Measure cold starts beside a hello-world function; needs root on Linux
	@$(MAKE) --no-print-directory build ARCH=x86_64 FUNCTIONS="$(FUNCTIONS) hello"
	@$(AWS_TOOLS) python3 tools/bench_cold.py

bench-sockets: need-cargo need-node ## Measure offers, candidates and changes over sockets, on this machine
	@npm --prefix tests/signaling ci --no-audit --no-fund --loglevel error
	@echo "Building and starting a stack"
	@node tests/signaling/bench.mjs

test-order: need-cargo ## Shuffle the frames of 10,000 exchanges; takes an hour and more
	@echo "Building with optimisation, into target/order"
	@CARGO_TARGET_DIR=target/order CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 EXCHANGES=10000 \
		cargo test --locked --package tests --test api order::

need-tenant:
	@[ -n "$$TENANT" ] || { echo "Say for whom, as in: make $(firstword $(MAKECMDGOALS)) TENANT=acme"; exit 1; }

need-file:
	@[ -n "$$FILE" ] || { echo "Say which file, as in: make $(firstword $(MAKECMDGOALS)) TENANT=$$TENANT FILE=$$TENANT.jsonl"; exit 1; }

need-cargo:
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust from https://rustup.rs and try again."; exit 1; }

need-node:
	@command -v npm >/dev/null || { echo "npm is missing. Install Node.js 20 and try again."; exit 1; }

# Installs Debian's packages, where one of the programs is missing.
define debian
	for program in $(2); do command -v $$program >/dev/null || missing=1; done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $(1); this takes a minute"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
		else \
			echo "Install what is missing of Debian's packages $(1) first:"; \
			echo "  sudo apt-get install --no-install-recommends $(1)"; exit 1; \
		fi; \
	fi
endef

# cargo-lambda comes from PyPI into a folder of the project's own, unless it is installed.
cargo-lambda:
	@if ! cargo lambda --version >/dev/null 2>&1 && ! [ -x $(VENV)/bin/cargo-lambda ]; then \
		command -v python3 >/dev/null || { echo "cargo-lambda is missing, and python3 to install it with. Install either and try again."; exit 1; }; \
		echo "Installing cargo-lambda $(CARGO_LAMBDA_VERSION) into $(VENV)"; \
		python3 -m venv $(VENV) && $(VENV)/bin/pip install --quiet --disable-pip-version-check cargo-lambda==$(CARGO_LAMBDA_VERSION) \
			|| { rm -rf $(VENV); echo "cargo-lambda could not be installed. Is the network there? On Debian: is python3-venv installed?"; exit 1; }; \
	fi

cargo-deny: need-cargo
	@if [ "$$($(CARGO_TOOLS)/bin/cargo-deny --version 2>/dev/null)" != "cargo-deny $(CARGO_DENY_VERSION)" ]; then \
		echo "Building cargo-deny $(CARGO_DENY_VERSION) into $(CARGO_TOOLS). It takes a minute, once."; \
		cargo install --quiet --locked --debug --force --root $(CARGO_TOOLS) --version $(CARGO_DENY_VERSION) cargo-deny \
			|| { echo "cargo-deny could not be built. Is the network there?"; exit 1; }; \
	fi

# Makes a venv of a project's own once more when its pins change.
define venv
	@if ! cmp -s $(2) $(1)/requirements.txt; then \
		command -v python3 >/dev/null || { echo "python3 is missing. Install it and try again."; exit 1; }; \
		echo "Installing $(3) into $(1); this takes a minute"; \
		rm -rf $(1); \
		python3 -m venv $(1) && $(1)/bin/pip install --quiet --disable-pip-version-check -r $(2) && cp $(2) $(1)/ \
			|| { rm -rf $(1); echo "The tools could not be installed. Is the network there?"; exit 1; }; \
	fi
endef

aws-tools:
	$(call venv,$(AWS_VENV),tools/requirements.txt,sam$(comma) cfn-lint and the other tools)

contract-tools:
	$(call venv,$(CONTRACT_VENV),tests/contract/requirements.txt,schemathesis)
