#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sanity.sh [ARGUMENTS]: run `ansible-test sanity` on a copy of all that git tracks or would track, because it wants to
# stand in a folder of the collection's name.
set -eu
cd "$(dirname "$0")/.."

# Its virtual environments stay in the checkout, and are used again. It takes every python3.x in PATH for one that works,
# and those of a version manager may not.
HOME=$PWD/.ansible/sanity
PATH=$PWD/.venv/bin:/usr/local/bin:/usr/bin:/bin
export HOME PATH
cache=$HOME/.ansible/test/cache
mkdir -p "$cache"

# It would fetch a script that installs pip, from a server that not everybody reaches; Python can do that by itself
pip=$cache/get_pip_24_2.py
[ -e "$pip" ] || echo 'import ensurepip; ensurepip.bootstrap(upgrade=True, default_pip=True)' >"$pip"

top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
copy=$top/ansible_collections/evenkeel/ha_lb
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$copy"
cd "$copy"
ansible-test sanity --color no "$@"
