# The supervisor of the test cluster: makes it, starts the server as its child, says "ready", and stops and removes it as
# soon as no process holds users.lock any more. Arguments: the cluster's folder, the folder of PostgreSQL's programs, the
# port, and whether commits are synced (on | off).
set -u
instance=$1 programs=$2 port=$3 sync=$4
folder=$(dirname "$instance")
cd "$instance" || exit 1
# The log must stay writable when the server runs under another account.
exec 2>log

# The server refuses to run as root: take the account that PostgreSQL's package made, or nobody.
as_server=
if [ "$(id -u)" = 0 ]; then
    account=nobody
    if id -u postgres >/dev/null 2>&1; then account=postgres; fi
    as_server="setpriv --reuid=$account --regid=$(id -g "$account") --clear-groups"
    chown -R "$account" "$instance" || exit 1
fi

$as_server "$programs/initdb" -D data -U baigong --pwfile=password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync --no-instructions >>log || exit 1
rm -f password

# pdeathsig: should this script be killed, the server goes with it.
$as_server setpriv --pdeathsig QUIT "$programs/postgres" -D "$instance/data" -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 -c shared_buffers=128MB \
    -c fsync="$sync" -c synchronous_commit="$sync" -c full_page_writes="$sync" -c max_wal_size=1GB \
    -c autovacuum="$sync" -c logging_collector=off -c log_min_messages=warning </dev/null >>log 2>&1 &
server=$!

stop() {
    kill -QUIT "$server" 2>/dev/null
    wait "$server"
    cd / && rm -rf "$instance"
    if grep -q " $instance\$" "$folder/ready" 2>/dev/null; then rm -f "$folder/ready"; fi
    case $folder in *-bench-*) rm -rf "$folder" ;; esac
}
trap 'stop; exit 1' HUP INT TERM

tries=0
until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 "$server" 2>/dev/null; then
        kill -QUIT "$server" 2>/dev/null
        wait "$server"
        exit 1
    fi
    sleep 0.05
done
echo ready
exec >/dev/null

# A runner that starts one process per test leaves gaps between them: linger before stopping.
linger=3
if [ "$sync" = on ]; then linger=0; fi
while :; do
    flock -x "$folder/users.lock" true
    sleep $linger
    exec 9>>"$folder/start.lock"
    flock -x 9
    if flock -n -x "$folder/users.lock" true; then
        stop 9>&-
        exit 0
    fi
    exec 9>&-
done
