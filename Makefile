# Everything that a change must pass is `make check`; the build server runs the same thing through .ci/run.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# No C compiler is needed to build, run or test: only the race detector sets this to 1.
export CGO_ENABLED := 0
# A go.work of your own must not change what is tested here.
export GOWORK := off

# Each example with a go.mod of its own is tested as an embedder would build it.
EXAMPLES := $(patsubst %/go.mod,%,$(wildcard examples/*/go.mod))
MODULES := . $(EXAMPLES)

# The linter is pinned in a module of its own, so that nobody who imports this one inherits it. The binary is kept under its version
# and Go's: another of either builds another.
LINT_VERSION := $(shell sed -n 's|^.*github.com/golangci/golangci-lint/v2 \(v[^ ]*\).*|\1|p' tools/go.mod)
LINT = $(CURDIR)/.bin/golangci-lint-$(LINT_VERSION)-$(shell go env GOVERSION)

FUZZTIME ?= 30s
BENCHTIME ?= 1s
TESTFLAGS ?=
# The race detector needs the paths, not the million of cases: make test has those.
RACEFLAGS ?= -short
KILLS ?= 200

# Cheap first. All of them run even when one fails, so that one run tells everything.
STAGES := fmt-check mod-check vet lint generate-check test race

# each,<command>: run it in every module, whatever becomes of the others.
each = @rc=0; for m in $(MODULES); do ( cd $$m && $(1) ) || rc=1; done; exit $$rc

.PHONY: help check bench bench-all fuzz fmt generate cc servers mariadb kill storm $(STAGES)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

fmt: ## format the source
	@gofmt -w -s .

fmt-check:
	@files=$$(gofmt -l -s .) || exit 1; \
	if [ -n "$$files" ]; then echo "not formatted; run make fmt:"; echo "$$files"; exit 1; fi

mod-check:
	@rc=0; for m in $(MODULES) bench tools; do \
		( cd $$m && go mod tidy -diff ) || { echo "$$m/go.mod is not tidy (see above); run go mod tidy there"; rc=1; }; \
		( cd $$m && go mod verify >/dev/null ) || { echo "$$m: a module in the cache is not what go.sum says (see above)"; rc=1; }; \
	done; exit $$rc

vet: ## go vet
	$(call each,go vet ./...)
	@cd bench && go vet .

lint: ## golangci-lint, at the version that tools/go.mod names
	@test -x $(LINT) || { \
		echo "building golangci-lint $(LINT_VERSION), once (a minute or two)"; \
		mkdir -p .bin && rm -f .bin/golangci-lint-* && \
		( cd tools && go build -trimpath -ldflags '-s -w' -o $(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint ); }
	$(call each,$(LINT) run --config $(CURDIR)/.golangci.yaml ./...)

generate: ## write the generated files anew
	$(call each,go generate ./...)

# Compares the tree before and after, not with the last commit: work in progress may be dirty, generated files may not be stale.
generate-check:
	@before=$$(mktemp) && after=$$(mktemp) && trap 'rm -f "$$before" "$$after"' EXIT; \
	tree() { find . \( -name .git -o -name .bin \) -prune -o -type f -exec cksum {} + | sort -k 3; }; \
	tree >"$$before"; \
	$(MAKE) --no-print-directory generate || exit 1; \
	tree >"$$after"; \
	cmp -s "$$before" "$$after" || { \
		echo "stale generated files; commit them as make generate has just written them:"; \
		diff "$$before" "$$after" | sed -n 's/^[<>] [0-9]* [0-9]* /  /p' | sort -u; exit 1; }

# With CHUDAN_REQUIRE_SERVERS a test whose server is not installed fails; a plain go test skips it and says so.
test: servers ## the tests, those of the examples' modules too; needs Go and the servers of the stores
	$(call each,CHUDAN_REQUIRE_SERVERS=1 go test $(TESTFLAGS) ./...)

race: cc servers ## the tests under the race detector; needs a C compiler
	$(call each,CHUDAN_REQUIRE_SERVERS=1 CGO_ENABLED=1 go test -race $(RACEFLAGS) ./...)

# The stores are tested on real servers, which the tests start and stop themselves: only the programs have to be there. As root on Debian
# (a build server, a container) they are installed, elsewhere they are asked for.
servers: mariadb
	@has() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }; \
	has && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing PostgreSQL for the tests of its store"; \
		apt-get update -qq && mkdir -p /etc/postgresql-common/createcluster.d && \
			echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/none.conf && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	fi; \
	has || { echo "the tests of the PostgreSQL store need its server (initdb, postgres): apt-get install postgresql on Debian and Ubuntu," \
		"brew install postgresql on macOS; go test ./... does without and skips them"; exit 1; }

# The server's programs alone: no service is installed with them.
mariadb:
	@has() { PATH="$$PATH:/usr/sbin:/usr/local/sbin"; command -v mariadbd >/dev/null 2>&1 && command -v mariadb-install-db >/dev/null 2>&1; }; \
	has && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing MariaDB for the tests of the MySQL store"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mariadb-server-core mariadb-client-core >/dev/null; \
	fi; \
	has || { echo "the tests of the MySQL store need MariaDB's server (mariadbd, mariadb-install-db): apt-get install mariadb-server-core mariadb-client-core on Debian and Ubuntu," \
		"brew install mariadb on macOS; go test ./... does without and skips them"; exit 1; }

# The race detector links with C. As root on Debian (a build server, a container) the compiler is installed, elsewhere it is asked for.
cc:
	@has() { set -- $$(go env CC); command -v "$$1" >/dev/null 2>&1; }; \
	has && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "installing gcc for the race detector"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null; \
	fi; \
	has || { echo "the race detector needs a C compiler ($$(go env CC)): apt-get install gcc libc6-dev on Debian and Ubuntu," \
		"xcode-select --install on macOS; make test does without"; exit 1; }

check: ## all that a change must pass, the same as on the build server
	@start=$$(date +%s); summary=; failed=; \
	for s in $(STAGES); do \
		printf '==> %s\n' $$s; t=$$(date +%s); \
		if $(MAKE) --no-print-directory $$s; then verdict=ok; else verdict=FAILED; failed="$$failed $$s"; fi; \
		summary="$$summary$$(printf '  %-16s %-7s %4d s' $$s $$verdict $$(($$(date +%s) - t)))|"; \
	done; \
	printf '==> summary\n'; printf '%s' "$$summary" | tr '|' '\n'; \
	printf '  %-16s         %4d s\n' total $$(($$(date +%s) - start)); \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi; \
	echo "all passed"

bench: ## chudan beside its limits and peers, as ratios, in one run; a module of its own, for it needs the peers
	@cd bench && go run .

bench-all: ## every Go benchmark (BENCHTIME=1s)
	@dirs=$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r -n 1 dirname | sort -u); \
	if [ -z "$$dirs" ]; then echo "no benchmarks"; exit 0; fi; \
	for d in $$dirs; do ( cd $$d && go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) . ) || exit 1; done

kill: ## kill -9 the store and the server in a storm (KILLS=200); make test does 10 and 20
	@CHUDAN_KILLS=$(KILLS) go test -count 1 -v -timeout 2h -run Kill ./adapters/sqlite ./adapters/mysql ./cmd/chudan

storm: servers ## the promises, held against stores and processes that are killed, at full length (some twenty minutes); make test does the short form
	@CHUDAN_REQUIRE_SERVERS=1 CHUDAN_STORM=full go test -count 1 -v -timeout 3h ./internal/storm
	@CHUDAN_MESSAGES=100000 go test -count 1 -v -timeout 1h -run TestQueueStorm ./cmd/chudan

fuzz: ## each fuzz target for a while (FUZZTIME=30s)
	@dirs=$$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n 1 dirname | sort -u); \
	if [ -z "$$dirs" ]; then echo "no fuzz targets"; exit 0; fi; \
	for d in $$dirs; do \
		list=$$(cd $$d && go test -list '^Fuzz' .) || { echo "$$list"; exit 1; }; \
		for f in $$(echo "$$list" | grep '^Fuzz'); do \
			echo "==> $$d $$f"; ( cd $$d && go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s . ) || exit 1; \
		done; \
	done
