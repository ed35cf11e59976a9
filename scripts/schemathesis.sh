#!/bin/sh
# Lets schemathesis make requests of /openapi/tsac.json and try them on a real platform: no 5xx, no status that is not
# documented, no answer that is not as documented. Usage: scripts/schemathesis.sh [options of "schemathesis run"]
# EXAMPLES says how many per operation (50); DIALECT which interface (tsac). The platform runs on a free loopback port with a data folder of its own.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-$root/target}
tool=$target/schemathesis/bin/schemathesis
if [ ! -x "$tool" ]; then
    python3 -m venv "$target/schemathesis"
    "$target/schemathesis/bin/pip" install --quiet 'schemathesis==4.32.*'
fi
[ -n "${BAIGONG:-}" ] || cargo build --locked -q -p baigong-cli
baigong=${BAIGONG:-$target/debug/baigong}

folder=$(mktemp -d)
platform=
end() {
    [ -z "$platform" ] || { kill "$platform" 2>/dev/null || true; wait "$platform" 2>/dev/null || true; }
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM
port=$(python3 -c '
import random, socket
while True:
    port = random.randrange(10000, 30000)
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    print(port)
    break')
url=http://127.0.0.1:$port
BAIGONG_ADMIN_PASSWORD=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
export BAIGONG_ADMIN_PASSWORD
# It asks as fast as it can, and signs in wrongly more often than a person would.
BAIGONG_CALLS_PER_SECOND=100000 BAIGONG_PUBLIC_CALLS_PER_SECOND=100000 \
    "$baigong" --log-format json platform --data "$folder/data" --listen "127.0.0.1:$port" 2>"$folder/log" &
platform=$!

# A token of the administrator, once the platform is there.
sign_in() {
    python3 - "$url" <<'PYTHON'
import json, os, sys, time, urllib.request
body = json.dumps({"username": "admin", "password": os.environ["BAIGONG_ADMIN_PASSWORD"]}).encode()
headers = {"version": "1.0.0", "content-type": "application/json"}
for _ in range(300):
    try:
        request = urllib.request.Request(sys.argv[1] + "/api/platform/account/authenticate", body, headers)
        print(json.load(urllib.request.urlopen(request))["data"]["token"])
        break
    except OSError:
        time.sleep(0.2)
else:
    sys.exit("the platform does not answer")
PYTHON
}

# What may end the token comes last.
last='^(account\.(sign-out|authenticate|register-key)|employee\.(update|delete|assign-role))$'
# DIALECT=oapi tries the OAPI dialect: scripts/schemathesis_oapi.py signs what is asked, with the same token.
dialect=${DIALECT:-tsac}
[ "$dialect" != oapi ] || last='^v1\.user\.(put|delete)$'
checks=not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance
try() {
    token=$(sign_in)
    # It keeps files of its own where it runs; a token that it makes up would never get through to an operation.
    cd "$folder"
    if [ "$dialect" = oapi ]; then
        export OAPI_TOKEN="$token" SCHEMATHESIS_HOOKS=schemathesis_oapi PYTHONPATH="$root/scripts"
    else
        set -- --header "token: $token" --header "version: 1.0.0" "$@"
    fi
    "$tool" run "$url/openapi/$dialect.json" --checks "$checks" \
        --phases examples,coverage,fuzzing --max-examples "${EXAMPLES:-50}" --continue-on-failure --request-timeout 30 \
        --suppress-health-check all --warnings off --generation-with-security-parameters false "$@"
}
# Fails when more than 2 % of the answers so far were "no valid token": then the account was lost on the way, and what was
# tried after that measured nothing.
got_through() {
    answers=$(grep -c '"status":[0-9]' "$folder/log" || true)
    strangers=$(grep -c '"status":401' "$folder/log" || true)
    [ "$answers" -gt 0 ] && [ $((strangers * 50)) -le "$answers" ] && return
    echo "$strangers of $answers answers were 401: most calls never got through to an operation" >&2
    return 1
}
failed=0
try --exclude-operation-id-regex "$last" "$@" || failed=1
got_through || failed=1
try --include-operation-id-regex "$last" "$@" || failed=1
# Whether it got through to the operations: what they answered, by status.
echo "Answers: $(grep -o '"status":[0-9]*' "$folder/log" | sort | uniq -c | tr -s '\n ' ' ')"
if grep -q 'fault of ours' "$folder/log"; then
    echo "The platform's log tells of faults:" >&2
    grep 'fault of ours' "$folder/log" >&2
    failed=1
fi
exit $failed
