# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy.cfg without secrets: only what stands where no secret can be is shown."""

from __future__ import annotations

import re
from typing import List, Sequence, Tuple

from ...basics.discreet import LINE, NAME, Pieces, by_words, table, words_of

WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*(?:"|\\?\Z)|'[^']*(?:'|\Z)|[^\s"'#\\]|\\\Z)+""")
WHOLE = table(
    "global defaults frontend backend listen userlist peers resolvers mailers cache http-errors ring fcgi-app crt-store"
    " log-forward accepted_payload_size backlog balance bind bind-process busy-polling ca-base chroot compression"
    " cpu-map crt-base daemon default_backend disabled dispatch email-alert enabled errorfile errorfiles expose-fd"
    " fullconn gid group hard-stop-after hash-balance-factor hash-type hold http-reuse http-send-name-header id"
    " load-server-state-from-file localpeer log log-send-hostname log-tag mailer master-worker max-age"
    " max-keep-alive-queue max-object-size max-spread-checks maxcomp* maxconn* maxpipes maxsess* maxssl* mode"
    " monitor-uri mworker-max-reloads nameserver nbproc nbthread node noepoll nosplice numa-cpu-mapping"
    " parse-resolv-conf peer pidfile process-vary profiling.* rate-limit resetenv resolve_retries retries retry-on"
    " server-state-base server-state-file source spread-checks ssl-default-* ssl-dh-param-file ssl-mode-async"
    " ssl-server-verify stick-table strict-limits table timeout total-max-size transparent tune.* uid ulimit-n unsetenv"
    " use-fcgi-app"
)
"""Directives and sections without a secret."""

FIRST = table(
    "capture command cookie declare external-check filter http-after-response http-check http-request http-response"
    " lua-load lua-load-per-thread option presetenv program redirect server-template set-param setenv stats stick"
    " tcp-check tcp-request tcp-response unique-id-header use-server use_backend user"
)
"""Those whose first word is none."""

STATISTICS = table("bind-process enable hide-version maxconn refresh show-* socket timeout uri")
SERVER_FLAGS = table(
    "agent-check allow-0rtt backup check check-send-proxy check-ssl check-via-socks4 disabled enabled force-* no-*"
    " non-stick send-proxy* ssl stick tfo"
)
SERVER_VALUES = table(
    "addr agent-inter agent-port alpn ca-file check-alpn check-proto ciphers ciphersuites crl-file crt downinter"
    " error-limit fall fastinter id init-addr inter max-reuse maxconn maxqueue minconn observe on-error on-marked-*"
    " pool-* port proto resolve-net resolve-opts resolve-prefer resolvers rise slowstart source ssl-max-ver ssl-min-ver"
    " track verify verifyhost weight ws"
)
OPEN_FETCH = re.compile(
    r"(?:(?:req\.|capture\.req\.)?f?hdr(?:_\w+)?\(host\)|path(?:_\w+)?|method|src|dst|src_port|dst_port"
    r"|nbsrv(?:\(.*\))?"
    r"|status|ssl_fc|ssl_fc_sni|req\.ssl_sni|req_ssl_sni|req\.ssl_hello_type|req_ssl_hello_type|connslots(?:\(.*\))?"
    r"|proto_http|req\.proto_http)(?:,|\Z)"
)
"""What a condition compares with values that may be shown; converters may follow."""

FETCH = re.compile(r"!?(?!str\b|bin\b|lua\.)[a-z][\w.]*(?:\([\w.,:-]*\))?(?:,[a-z]\w*(?:\([0-9:.,]*\))?)*\Z")
MATCHING = re.compile(r"--?[A-Za-z]?\Z")
NAMED = re.compile(r"!?[A-Za-z_][\w.:-]*\Z|[{}!]\Z|\|\|\Z")
TAKES_WORD = ("-m", "-f", "-M")


def pieces(text: str) -> Pieces:
    """Yield a haproxy.cfg in pieces (HAProxy Configuration Manual §2.2)."""
    continued = False
    for line in LINE.findall(text):
        words = list(words_of(line, WORD))
        yield from by_words(line, words, _shown([each.group() for each in words], continued))
        continued = line.rstrip("\r\n").endswith("\\")


def _shown(words: Sequence[str], continued: bool) -> List[bool]:
    """Tell of each word of a line whether it may be shown."""
    if continued or not words:
        return [False] * len(words)
    if words[0] in ("no", "default"):
        return [True, *_shown(words[1:], False)]
    first, rest = words[0], words[1:]
    if WHOLE.match(first) or (first == "stats" and rest and STATISTICS.match(rest[0])):
        return [True] * len(words)
    if first in ("server", "default-server"):
        plain = rest[:2] if first == "server" else ()
        return [True] * (1 + len(plain)) + _options(rest[len(plain) :])
    if first == "acl":
        return [True] * (1 + len(rest[:1])) + _test(rest[1:])
    known = bool(FIRST.match(first))
    arguments, condition = _parted(rest)
    if rest[:1] == ["del-header"] or [first, *rest[:1]] == ["option", "redispatch"]:
        return [True] * (1 + len(arguments)) + _tests(condition)
    return [known or bool(NAME.match(first)), *(known and not at for at in range(len(arguments))), *_tests(condition)]


def _parted(words: Sequence[str]) -> Tuple[Sequence[str], Sequence[str]]:
    """Return the arguments of a rule, and the condition from its `if` on."""
    at = next((at for at, word in enumerate(words) if word in ("if", "unless")), len(words))
    return words[:at], words[at:]


def _tests(words: Sequence[str]) -> List[bool]:
    """Tell it of a condition: names of ACLs, and ACLs without a name in braces."""
    shown: List[bool] = []
    at = 0
    while at < len(words):
        end = next((end for end in range(at, len(words)) if words[end] == "}"), len(words))
        if words[at] == "{":
            shown += [True, *_test(words[at + 1 : end])]
            at = end
        else:
            shown.append(bool(NAMED.match(words[at])))
            at += 1
    return shown


def _test(words: Sequence[str]) -> List[bool]:
    """Tell it of an ACL: what is fetched, how it is compared, and with what."""
    if not words:
        return []
    values_too = bool(OPEN_FETCH.match(words[0].lstrip("!")))
    return [
        bool(FETCH.match(words[0])),
        *(values_too or bool(MATCHING.match(word)) or before in TAKES_WORD for before, word in zip(words, words[1:])),
    ]


def _options(words: Sequence[str]) -> List[bool]:
    """Tell it of the options of a server."""
    return [
        bool(SERVER_FLAGS.match(word) or SERVER_VALUES.match(word) or SERVER_VALUES.match(before))
        for before, word in zip(["", *words], words)
    ]
