# The commands of this repository. Each installs what it needs and the machine lacks (scripts/install-missing.sh).
.PHONY: help demo test bench bench-peers quartz schemathesis dist lint tidy needs-build needs-test

help:
	@echo "make demo   run the example on a platform and a robot, and leave them running until Ctrl-C"
	@echo "make test   every test, on SQLite and on a private PostgreSQL"
	@echo "make bench  the figures of docs/benchmarks.md, measured here"
	@echo "make dist   the program as it is shipped: target/dist/baigong"
	@echo "make quartz compares cron expressions with Quartz 2.3.2 itself"
	@echo "make schemathesis  tries requests made from openapi/tsac.json on a real platform"
	@echo "make bench-peers  data queues beside pg-boss and graphile-worker, into docs/benchmarks-peers.md"
	@echo "make lint   formatting, clippy and the rules of the tree (make tidy: only the rules)"

demo: needs-build
	cargo run --release --locked -p baigong-cli -- demo --data .demo

# nextest runs the tests of all crates together; plain cargo does where it is not installed.
test: needs-build needs-test
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --workspace --features baigong-cli/next-version $(ARGS); \
	else \
		cargo test --locked --workspace --features baigong-cli/next-version --bins --lib --tests $(ARGS); \
	fi

bench: needs-build needs-test
	cargo build --release --locked -p baigong-cli -p baigong-bench
	"$${CARGO_TARGET_DIR:-target}/release/baigong-bench" $(ARGS)

# Small: functions that are the same are kept once, and addresses to be filled in at the start are packed.
dist: needs-build
	cargo rustc --profile dist --locked -p baigong-cli --bin baigong -- \
		-C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs

# Ours against Quartz 2.3.2 itself; needs Java and libquartz2-java, which it installs.
quartz:
	scripts/compare-quartz.sh $(ARGS)

# Requests made from the document of the interface, against a real platform; schemathesis goes to target/schemathesis.
schemathesis: needs-build
	scripts/schemathesis.sh $(ARGS)

# Beside queues that others make: Node 20 and npm are needed; the packages go to target/peers.
bench-peers: needs-build needs-test
	cargo build --release --locked -p baigong-bench
	mkdir -p target/peers && cp bench/peers/* target/peers/
	npm install --prefix target/peers --no-audit --no-fund --no-package-lock
	"$${CARGO_TARGET_DIR:-target}/release/baigong-bench" $(ARGS) peers

lint: needs-build tidy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

tidy: needs-build
	cargo run --quiet --locked -p xtask -- tidy

needs-build:
	@scripts/install-missing.sh build

needs-test:
	@scripts/install-missing.sh test
