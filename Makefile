# Patchbay. `make run` sets everything up and starts the server; `make test` builds and runs all tests. See README.md.

CONFIG ?= config.yaml
SWIFT_FLAGS := --explicit-target-dependency-import-check error
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/patchbay

PACKAGES := libffi-dev libyaml-dev libsimdjson-dev libsqlite3-dev libre2-dev pkg-config
ENGINE_PACKAGES := cmake g++ make python3 python3-pip
TEST_PACKAGES := python3-venv openssl sqlite3 zlib1g libssl3 libsodium23 libunistring2
BENCH_PACKAGES := nginx-light g++ python3

RELEASE = .build/release
DEBUG = .build/debug

.PHONY: help run build engine model test lint bench soak clean
.DEFAULT_GOAL := help

help:
	@echo "make run     set up what is missing, build, and start the server with $(CONFIG) (CONFIG=FILE for another)"
	@echo "make build   the release build alone: $(RELEASE)/patchbay and its plugins"
	@echo "make test    build and run all tests, the format and import checks included"
	@echo "make bench   run the benchmarks and print their figures"
	@echo "make soak    100,000 requests: failures, memory and descriptors"
	@echo "make clean   forget the build (what was fetched stays in $(CACHE))"

run: build engine model
	@echo "==> patchbay serve --config $(CONFIG)"
	@PATCHBAY_MODEL="$${PATCHBAY_MODEL:-$$(Plugins/Llama/setup-model --print)}" exec $(RELEASE)/patchbay serve --config $(CONFIG)

build:
	@.ci/packages $(PACKAGES)
	@echo "==> release build (the first takes a few minutes)"
	@swift build -c release $(SWIFT_FLAGS)

# llama.cpp from source, and the plugin over it.
engine:
	@.ci/packages $(ENGINE_PACKAGES)
	@echo "==> llama.cpp and the Llama plugin (the first time about four minutes of one core)"
	@Plugins/Llama/setup-engine >/dev/null
	@Plugins/Llama/build-plugin $(RELEASE)

model:
	@echo "==> the local model: $$(Plugins/Llama/setup-model)"

test:
	@.ci/packages $(PACKAGES) $(ENGINE_PACKAGES) $(TEST_PACKAGES)
	@Tests/run

lint:
	@.ci/lint
	@.ci/check-imports

bench: build
	@.ci/packages $(BENCH_PACKAGES)
	@Benchmarks/run

soak: build
	@Benchmarks/soak

clean:
	rm -rf .build
