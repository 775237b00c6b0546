# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx.conf without secrets: only what stands where no secret can be is shown."""

from __future__ import annotations

import re
from typing import List, Match, Sequence

from ...basics.discreet import NAME, Piece, Pieces, commented, table

TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<comment>#[^\n]*)|(?P<mark>[;{}])"""
    r"""|(?P<word>"(?:\\.|[^"\\])*(?:"|\\?\Z)|'(?:\\.|[^'\\])*(?:'|\\?\Z)|(?:\\.|\$\{|[^\s;{\\]|\\\Z)+)""",
    re.DOTALL,
)
WHOLE = table(
    "access_log aio allow autoindex charset chunked_transfer_encoding client_* deny default_type directio error_log"
    " events gzip* hash http http2* include index ip_hash keepalive* large_client_header_buffers least_conn limit_conn*"
    " limit_rate* limit_req* lingering_* listen load_module mail master_process max_ranges merge_slashes multi_accept"
    " open_file_cache* output_buffers pid pcre_jit preread_* proxy_*_size proxy_*_timeout proxy_bind proxy_buffer*"
    " proxy_cache_lock* proxy_cache_methods proxy_cache_min_uses proxy_cache_use_stale proxy_http_version"
    " proxy_ignore_client_abort proxy_intercept_errors proxy_next_upstream* proxy_protocol* proxy_redirect"
    " proxy_request_buffering proxy_responses proxy_requests proxy_socket_keepalive proxy_ssl proxy_ssl_ciphers"
    " proxy_ssl_protocols proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify* proxy_timeout random"
    " real_ip_* recursive_error_pages reset_timedout_connection resolver* root satisfy send_timeout sendfile* server"
    " server_name server_name* server_tokens set_real_ip_from ssl ssl_buffer_size ssl_ciphers ssl_client_certificate"
    " ssl_dhparam ssl_early_data ssl_ecdh_curve ssl_prefer_server_ciphers ssl_preread ssl_protocols"
    " ssl_reject_handshake ssl_session_* ssl_stapling* ssl_trusted_certificate ssl_verify_* stream stub_status"
    " tcp_* thread_pool timer_* types_hash_* underscores_in_headers upstream use user variables_hash_*"
    " worker_* zone"
)
"""Directives without a secret."""

FIRST = table(
    "add_header auth_basic_user_file limit_except proxy_hide_header proxy_pass_header proxy_set_header set"
    " ssl_certificate ssl_certificate_key"
)
"""Those whose first word is none."""

OF_VALUES = table("map geo split_clients types *_by_lua_block js_* perl* charset_map")
"""Blocks whose lines do not begin with the name of a directive."""

PLAIN = re.compile(r"\"?(?:\$\w+ ?)*\"?\Z|''\Z|(?:on|off|default|[2-5][0-9][0-9])\Z")
"""Variables, nothing, a switch or a status, wherever it stands."""

LOCATION = re.compile(r"=\Z|\^?~\*?\Z|/\Z|@\w+\Z")
TARGET = re.compile(r"(?:(?:https?|grpcs?)://)?[\w.\[\]:$-]+\Z")
OPEN_VARIABLES = re.compile(
    r"\"?(?:\$(?:host|ha_lb_\w+|request_method|request_uri|uri|http_upgrade|scheme|server_name|remote_addr"
    r"|ssl_preread_server_name) ?)+\"?\Z"
)
"""What a map compares with values that may be shown."""

EMBEDDED = re.compile(r"[\"']?data:")
"""A key in the place of its file."""

DIRECTIVES, VALUES, SECRETS = "directives", "values", "secrets"
"""What the lines of a block are; those of a map are values, and may be secrets."""


def pieces(text: str) -> Pieces:
    """Yield an nginx.conf in pieces (ngx_conf_read_token)."""
    blocks: List[str] = [DIRECTIVES]
    line: List[Match[str]] = []
    for found in TOKEN.finditer(text):
        if found.lastgroup != "mark":
            line.append(found)
            continue
        words = [each.group() for each in line if each.lastgroup == "word"]
        yield from _line(line, _shown(words, blocks[-1]))
        yield Piece(found.group())
        line = []
        if found.group() == "{":
            blocks.append(_inside(words, blocks[-1]))
        elif found.group() == "}" and len(blocks) > 1:
            blocks.pop()
    yield from _line(line, [False for each in line if each.lastgroup == "word"])


def _line(line: Sequence[Match[str]], shown: Sequence[bool]) -> Pieces:
    may = list(shown)
    for found in line:
        if found.lastgroup == "comment":
            yield from commented(found.group())
        else:
            yield Piece(found.group(), found.lastgroup == "word" and not may.pop(0))


def _inside(words: Sequence[str], outside: str) -> str:
    """Return what the lines are of the block that these words open."""
    if outside != DIRECTIVES or not words or not OF_VALUES.match(words[0]):
        return outside
    return VALUES if words[0] == "map" and OPEN_VARIABLES.match("".join(words[1:2])) else SECRETS


def _shown(words: Sequence[str], block: str) -> List[bool]:
    """Tell of each word of a directive whether it may be shown."""
    if block != DIRECTIVES or not words:
        return [block == VALUES] * len(words)
    first, rest = words[0], words[1:]
    if WHOLE.match(first):
        return [True] * len(words)
    if first == "location":
        return [True, *(bool(LOCATION.match(word)) for word in rest)]
    if first == "proxy_pass":
        return [True, *(bool(TARGET.match(word)) for word in rest)]
    known = bool(FIRST.match(first))
    return [
        known or bool(NAME.match(first)),
        *(_plain(word) or (known and at == 0 and not EMBEDDED.match(word)) for at, word in enumerate(rest)),
    ]


def _plain(word: str) -> bool:
    return bool(PLAIN.match(word))
