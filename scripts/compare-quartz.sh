#!/bin/sh
# Compares our cron with real Quartz 2.3.2 on expressions made by chance. Usage:
# scripts/compare-quartz.sh [COUNT [FIRINGS [SEED]]]; SAMPLE=1 writes the table that the tests read instead.
set -eu
cd "$(dirname "$0")/.."
count=${1:-5000} firings=${2:-50} seed=${3:-20261121}

scripts/install-missing.sh build quartz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jars=/usr/share/java/quartz2.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar
javac -d "$work" -cp "$jars" crates/schedule/examples/quartz/Firings.java
cargo build --quiet --locked -p baigong-schedule --example quartz
quartz="${CARGO_TARGET_DIR:-target}/debug/examples/quartz"

"$quartz" generate "$count" "$seed" >"$work/expressions"
java -cp "$work:$jars" Firings "$firings" <"$work/expressions" >"$work/table"
if [ -n "${SAMPLE:-}" ]; then
    # One zone a line is enough: they take turns.
    awk 'NR % 4 == 1 || NR % 4 == 0' "$work/table" >crates/schedule/tests/quartz.tsv
    exit
fi
"$quartz" compare "$firings" <"$work/table"
