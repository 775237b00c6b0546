#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# keepalived.sh PREFIX DESTDIR [OPTION...]: in the unpacked archive. JSON is its status, which all of this collection
# asks for; without iptables it does with nftables what it has to.
set -eu
prefix=$1 destination=$2
shift 2
# More of them need more memory than a build is given.
jobs=$(nproc)
[ "$jobs" -le 8 ] || jobs=8
./configure --prefix="$prefix" --sysconfdir=/etc --runstatedir=/run --with-init=systemd \
    --enable-json --enable-regex --enable-bfd --disable-iptables "$@"
make -j"$jobs"
make install DESTDIR="$destination"
