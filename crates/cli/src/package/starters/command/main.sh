#!/bin/sh
# In-parameters come as variables (BAIGONG_PARAM_who) and as JSON (BAIGONG_PARAMS_FILE).
# Lines written here become the task's log; exit code 0 means success.
set -eu
greeting="Hello, $BAIGONG_PARAM_who!"
echo "$greeting"

# Files in BAIGONG_ARTIFACTS are kept with the task.
echo "$greeting" > "$BAIGONG_ARTIFACTS/greeting.txt"

# Out-parameters are written as JSON.
echo "{\"length\": ${#greeting}}" > "$BAIGONG_OUTPUT_FILE"
