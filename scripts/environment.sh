#!/bin/sh
# Makes .venv with what the product needs (run) or with tests and checks too (dev).
# Usage: scripts/environment.sh run|dev
# A stamp named after the requirement files tells whether there is anything to do.
set -eu
cd "$(dirname "$0")/.."
kind=$1

if [ "$kind" = dev ]; then
    files="requirements.txt requirements-dev.txt"
    wanted=requirements-dev.txt
else
    files="requirements.txt"
    wanted=requirements.txt
fi
# shellcheck disable=SC2086 # a list of names
stamp=".venv/stamp-$kind-$(cat $files | sha256sum | cut -c1-16)"
[ -e "$stamp" ] && exit 0

python=${PYTHON:-}
for name in python3.11 python3; do
    [ -n "$python" ] || python=$(command -v "$name" || true)
done
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed (PYTHON=/path/to/it)." >&2
    exit 1
fi

# Two runs at once (a test beside a server) wait for each other.
if command -v flock >/dev/null && [ -z "${ENVIRONMENT_LOCKED:-}" ]; then
    ENVIRONMENT_LOCKED=1 exec flock .environment.lock "$0" "$kind"
fi

# Debian keeps the part that puts pip into an environment in a package of its own.
make_with_pip() {
    "$python" -c 'import ensurepip' 2>/dev/null && "$python" -m venv .venv
}

if ! .venv/bin/python -c '' 2>/dev/null; then
    echo "Making the environment .venv" >&2
    rm -rf .venv
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$python" .venv
    elif ! make_with_pip; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        package="python$version-venv"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing the Debian package $package" >&2
            apt-get update -qq >&2 || true
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null || true
        fi
        if ! make_with_pip; then
            echo "This Python cannot make environments with pip. Install uv, or the package:" >&2
            echo "    sudo apt-get install $package" >&2
            exit 1
        fi
    fi
fi

echo "Installing $wanted (a minute or two the first time)" >&2
if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    .venv/bin/python -m pip install -qq --disable-pip-version-check -r "$wanted"
elif command -v uv >/dev/null; then
    uv pip install --quiet --python .venv/bin/python -r "$wanted"
else
    echo "The environment .venv has no pip. Remove the folder .venv and start again." >&2
    exit 1
fi
rm -f ".venv/stamp-$kind-"*
touch "$stamp"
