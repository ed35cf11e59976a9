#!/bin/sh
# Lets schemathesis make requests of /openapi/tsac.json and try them on a real platform: no 5xx, no status that is not
# documented, no answer that is not as documented. Usage: scripts/schemathesis.sh [options of "schemathesis run"]
# EXAMPLES says how many per operation (50); DIALECT which interface (tsac, oapi, apicenter, km or console). The platform runs on a free loopback
# port with a data folder of its own.
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

# What the native interface answers to a POST of $2 to $1; with the token $3, if there is one.
console() {
    python3 - "$url/api/console/$1" "$2" "${3:-}" <<'PYTHON'
import sys, urllib.request
headers = {"content-type": "application/json"}
if sys.argv[3]:
    headers["authorization"] = "Bearer " + sys.argv[3]
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), headers)
print(urllib.request.urlopen(request).read().decode())
PYTHON
}
# The text of the field $1 in the JSON of the standard input.
field() {
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}
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
dialect=${DIALECT:-tsac}
case $dialect in
    oapi) last='^v1\.user\.(put|delete)$' ;;
    console) last='^(login|logout)$' ;;
    apicenter|km) last= ;;
esac
checks=not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance
try() {
    token=$(sign_in)
    # It keeps files of its own where it runs; a token that it makes up would never get through to an operation.
    cd "$folder"
    case $dialect in
        # scripts/schemathesis_oapi.py and scripts/schemathesis_km.py sign what is asked.
        oapi) export OAPI_TOKEN="$token" SCHEMATHESIS_HOOKS=schemathesis_oapi PYTHONPATH="$root/scripts" ;;
        km)
            KM_TOKEN=$(console me/open-api-token '{}' "$token" | field openApiToken)
            export KM_TOKEN SCHEMATHESIS_HOOKS=schemathesis_km PYTHONPATH="$root/scripts" ;;
        apicenter)
            made=$(console applications '{"name":"portal"}' "$token")
            set -- --header "api-token: $token" --header "clientId: $(echo "$made" | field accessKeyId)" \
                --header "clientSecret: $(echo "$made" | field accessKeySecret)" "$@" ;;
        console) set -- --header "authorization: Bearer $token" "$@" ;;
        *) set -- --header "token: $token" --header "version: 1.0.0" "$@" ;;
    esac
    "$tool" run "$url/openapi/$dialect.json" --checks "$checks" \
        --phases examples,coverage,fuzzing --max-examples "${EXAMPLES:-50}" --continue-on-failure --request-timeout 30 \
        --suppress-health-check all --warnings off --generation-with-security-parameters false "$@"
}
# Fails when more than 2 % of the answers so far were "no valid token": then the account was lost on the way, and what was
# tried after that measured nothing.
got_through() {
    answers=$(grep -c '"status":[0-9]' "$folder/log" || true)
    # Three of the dialects tell everything with the status 200.
    strangers=$(grep -c -e '"status":401' -e '"code":"4003"' -e 'api-token 无效' -e 'clientSecret 无效' -e 'sign is wrong' "$folder/log" || true)
    [ "$answers" -gt 0 ] && [ $((strangers * 50)) -le "$answers" ] && return
    echo "$strangers of $answers answers were 401: most calls never got through to an operation" >&2
    return 1
}
failed=0
if [ -n "$last" ]; then
    try --exclude-operation-id-regex "$last" "$@" || failed=1
    got_through || failed=1
    try --include-operation-id-regex "$last" "$@" || failed=1
else
    try "$@" || failed=1
    got_through || failed=1
fi
# Whether it got through to the operations: what they answered, by status.
echo "Answers: $(grep -o '"status":[0-9]*' "$folder/log" | sort | uniq -c | tr -s '\n ' ' ')"
if grep -q 'fault of ours' "$folder/log"; then
    echo "The platform's log tells of faults:" >&2
    grep 'fault of ours' "$folder/log" >&2
    failed=1
fi
exit $failed
