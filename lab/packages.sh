#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the operating system packages that the lab needs and this machine does not have.
set -eu

needed="ca-certificates git iproute2 openssh-client python3-venv systemd util-linux
        podman crun runc netavark mmdebstrap debian-archive-keyring chromium tshark nftables"

missing=
for package in $needed; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=absent
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: needs root, or sudo, to install:$missing" >&2; exit 1; }
    sudo=sudo
fi
echo "setup: apt-get install$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Word splitting is meant: one argument a package
# shellcheck disable=SC2086
if ! { $sudo apt-get update --quiet=2 &&
       $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends $missing; } >"$log" 2>&1
then
    tail -n 20 "$log" >&2
    echo "setup: apt-get failed (its last lines are above)" >&2
    exit 1
fi
