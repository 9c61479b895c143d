# What people type. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Pinned: the version that the project is known to work with.
CARGO_LAMBDA_VERSION := 1.9.2
VENV := .venv
FUNCTIONS := rooms participants calls accounts

# What the local stack is told; see `make help`.
export PORT ?= 9000
export ADMIN_USER ?= admin
export ADMIN_PASSWORD ?= admin
export DATA_DIR ?= .local
export EPHEMERAL ?=

.PHONY: help run test tour check format cargo-lambda need-cargo

help: ## List what there is
	@echo "spreed-serverless: the room and call API of Nextcloud Talk on AWS Lambda"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
	@echo
	@echo "Settings of make run, with their defaults (make run PORT=9001):"
	@echo "  PORT=9000  ADMIN_USER=admin  ADMIN_PASSWORD=admin  DATA_DIR=.local"
	@echo "  EPHEMERAL=1 keeps everything in memory"

run: need-cargo cargo-lambda ## Build and start the API on http://127.0.0.1:9000
	@echo "Building the functions. The first time takes a minute or two."
	@cargo build --locked $(FUNCTIONS:%=--package %) --package local
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" exec target/debug/local

test: need-cargo ## Run all tests
	@cargo test --locked --workspace --all-targets

tour: need-cargo cargo-lambda ## Type the README's tour against a stack of its own
	@python3 tests/tour.py

check: need-cargo ## Check format, lints and documentation
	@cargo fmt --all --check || { echo "Run 'make format' and commit what it changes."; exit 1; }
	@cargo clippy --locked --workspace --all-targets -- -D warnings
	@RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

format: need-cargo ## Format the code
	@cargo fmt --all

need-cargo:
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust from https://rustup.rs and try again."; exit 1; }

# cargo-lambda comes from PyPI into a folder of the project's own, unless it is installed.
cargo-lambda:
	@if ! cargo lambda --version >/dev/null 2>&1 && ! [ -x $(VENV)/bin/cargo-lambda ]; then \
		command -v python3 >/dev/null || { echo "cargo-lambda is missing, and python3 to install it with. Install either and try again."; exit 1; }; \
		echo "Installing cargo-lambda $(CARGO_LAMBDA_VERSION) into $(VENV)"; \
		python3 -m venv $(VENV) && $(VENV)/bin/pip install --quiet --disable-pip-version-check cargo-lambda==$(CARGO_LAMBDA_VERSION) \
			|| { rm -rf $(VENV); echo "cargo-lambda could not be installed. Is the network there? On Debian: is python3-venv installed?"; exit 1; }; \
	fi
