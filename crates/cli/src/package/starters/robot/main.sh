#!/bin/sh
# Runs in ROBOT_ROOT; files in ROBOT_ARTIFACTS are kept with the task; exit code 0 means success.
set -eu
echo "$1"
echo "$1" > "$ROBOT_ARTIFACTS/greeting.txt"
