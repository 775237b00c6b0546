#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# haproxy.sh PREFIX DESTDIR [OPTION...]: in the unpacked archive, with what distributions build in.
set -eu
prefix=$1 destination=$2
shift 2
# More of them need more memory than a build is given.
jobs=$(nproc)
[ "$jobs" -le 8 ] || jobs=8
make -j"$jobs" TARGET=linux-glibc PREFIX="$prefix" IGNOREGIT=true \
    USE_OPENSSL=1 USE_PCRE2=1 USE_PCRE2_JIT=1 USE_LUA=1 USE_PROMEX=1 USE_SYSTEMD=1 "$@"
make install-bin install-man TARGET=linux-glibc PREFIX="$prefix" DESTDIR="$destination" "$@"
