#!/bin/sh
# Installs what a step needs and the machine lacks, and nothing else. Usage: scripts/install-missing.sh build|test|quartz...
# It knows Debian's package names; elsewhere it says what is missing and stops.
set -eu

lacking=
for need in "$@"; do
    case $need in
    build)
        command -v cc >/dev/null 2>&1 || lacking="$lacking build-essential"
        command -v cargo >/dev/null 2>&1 || { echo "Rust is missing: install it (1.95 or newer) and run this again." >&2; exit 1; }
        ;;
    test)
        set +e
        found=$(ls -d /usr/lib/postgresql/*/bin/postgres /usr/local/lib/postgresql/*/bin/postgres 2>/dev/null)
        set -e
        [ -n "$found" ] || command -v postgres >/dev/null 2>&1 || lacking="$lacking postgresql"
        # A real mail server, for the tests of notices.
        /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || lacking="$lacking python3-aiosmtpd"
        # Python's own environments, for packages of others: Debian keeps a part of them apart.
        python3 -c 'import venv, ensurepip' 2>/dev/null || lacking="$lacking python3-venv"
        # setpriv and flock, for the private PostgreSQL of the tests.
        command -v setpriv >/dev/null 2>&1 && command -v flock >/dev/null 2>&1 || lacking="$lacking util-linux"
        # Displays and recordings of robots: an X server without a screen, the encoder, a font with Chinese.
        command -v Xvfb >/dev/null 2>&1 || lacking="$lacking xvfb"
        command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1 || lacking="$lacking ffmpeg"
        [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ] || lacking="$lacking fontconfig fonts-wqy-zenhei"
        ;;
    quartz)
        [ -f /usr/share/java/quartz2.jar ] || lacking="$lacking libquartz2-java"
        [ -f /usr/share/java/slf4j-nop.jar ] || lacking="$lacking libslf4j-java"
        command -v javac >/dev/null 2>&1 || lacking="$lacking default-jdk-headless"
        ;;
    *)
        echo "scripts/install-missing.sh: unknown need: $need" >&2
        exit 2
        ;;
    esac
done
[ -n "$lacking" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing:$lacking (Debian's names). Install them and run this again." >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "Missing:$lacking. Run as root: apt-get install$lacking" >&2; exit 1; }
    as_root=sudo
fi
echo "Installing what is missing:$lacking"
# RUNLEVEL=1: a service that comes with a package is not started; the tests run a private one.
install() {
    # shellcheck disable=SC2086 # the list is words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends $lacking
}
install || { $as_root apt-get update -q && install; }
