# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords for LVS: virtual servers, real servers and their checkers.

keywords.py explains the columns. Source: the keywords of keepalived 2.4.3; `since`: its git tags.
"""

from __future__ import annotations

from typing import Mapping, Tuple

SSL = """
password      word
ca            word
certificate   word
key           word
"""

VIRTUAL_SERVER = """
ip_family                 (inet|inet6)
retry                     1..4294967295
delay_before_retry        0.000000..1000000000
warmup                    0.000000..1000000000
connect_timeout           0.000001..4294.967295             since 2.0.13
delay_loop                0.000001..1000000000
inhibit_on_failure
lb_algo|lvs_sched         word
hashed
ops
flag-1
flag-2
flag-3
sh-port
sh-fallback
mh-port                                                     since 2.0.20
mh-fallback                                                 since 2.0.20
lb_kind|lvs_method        (NAT|DR|TUN) <tunnel>
persistence_engine        word
persistence_timeout       [1..2678400]
persistence_granularity   word
protocol                  word
ha_suspend
smtp_alert                [bool]                            since 2.0.0
virtualhost               word
snmp_name                 word                              since 2.2.3
alpha
omega
quorum_up                 command [word] [word] once
quorum_down               command [word] [word] once
quorum                    1..4294967295
hysteresis                0..4294967295
weight                    1..65535
sorry_server              address [0..65535]
sorry_server_inhibit
sorry_server_lvs_method   (NAT|DR|TUN) <tunnel>
real_server               address [0..65535] {real_server}
"""

REAL_SERVER = """
weight              0..65535
lvs_method          (NAT|DR|TUN) <tunnel>
uthreshold          0..4294967295
lthreshold          0..4294967295
inhibit_on_failure  [bool]
notify_up           command [word] [word] once
notify_down         command [word] [word] once
alpha               [bool]
retry               1..4294967295
delay_before_retry  0.000000..1000000000
warmup              0.000000..1000000000
connect_timeout     0.000001..4294.967295      since 2.0.13
delay_loop          0.000001..1000000000
smtp_alert          [bool]                     since 2.0.0
virtualhost         word
snmp_name           word                       since 2.2.3
MISC_CHECK          {MISC_CHECK}
SMTP_CHECK          {SMTP_CHECK}
TCP_CHECK           {TCP_CHECK}
PING_CHECK          {PING_CHECK}               since 2.1.0
UDP_CHECK           {UDP_CHECK}                since 2.1.0
HTTP_GET            {HTTP_GET}
SSL_GET             {SSL_GET}
DNS_CHECK           {DNS_CHECK}
FILE_CHECK          {FILE_CHECK}               since 2.1.0
BFD_CHECK           {BFD_CHECK}                since 2.0.0
"""

CHECKER = """
connect_ip          address
connect_port        1..65535
bindto              address
bind_port           1..65535
bind_if             word
connect_timeout     0.000001..4294.967295
fwmark              0..4294967295
retry               0..4294967295
delay_before_retry  0.000000..1000000000
warmup              0.000000..1000000000
delay_loop          0.000001..1000000000
alpha               [bool]
log_all_failures    [bool]                     since 2.0.11
"""

MISC_CHECK = """
misc_path      command
misc_timeout   0..4294
misc_dynamic
user           word [word]
"""

SMTP_CHECK = """
helo_name   word once
host        {host}
"""

UDP_CHECK = """
payload            word ...                    since 2.2.0
require_reply      ...
min_reply_length   0..65535                    since 2.2.0
max_reply_length   0..65535                    since 2.2.0
"""

HTTP_GET = """
nb_get_retry    0..4294967295
virtualhost     word
http_protocol   (1.0|1.1|1.0C|1.0c)  since 2.0.17
enable_sni      [bool]
fast_recovery   [bool]                         since 2.0.17
url             {url}
"""

URL = """
path               word once
digest             word
status_code        word ...
virtualhost        word once
regex              command
regex_no_match
regex_options      word ...
regex_min_offset   0..4294967295
regex_max_offset   0..4294967295
regex_stack        1..4294967295 1..4294967295
"""

TLS = """
tls_compliant   [bool]                         since 2.2.8
"""

DNS_CHECK = """
type   word
name   word once
"""

FILE_CHECK = """
track_file   word
weight       -65535..65535 [(reverse|noreverse)]
"""

BFD_CHECK = """
name    word
alpha   [bool]
"""

FWMARK = """
fwmark   0..4294967295 [(inet|inet6)]
"""

TUNNEL = """
type   (ipip|gue|gre)
port   1..65535
nocsum
csum
remcsum
"""

OPTIONS: Mapping[str, str] = {"tunnel": TUNNEL}
LINES: Mapping[str, Tuple[str, str]] = {"servers": ("address [0..65535]", "")}
STARTS: Mapping[str, str] = {"servers": FWMARK}
"""By table of LINES: keywords that may begin a line instead of a value."""

BLOCKS: Mapping[str, str] = {
    "SSL": SSL,
    "virtual_server": VIRTUAL_SERVER,
    "real_server": REAL_SERVER,
    "MISC_CHECK": CHECKER + MISC_CHECK,
    "SMTP_CHECK": CHECKER + SMTP_CHECK,
    "host": CHECKER,
    "TCP_CHECK": CHECKER,
    "PING_CHECK": CHECKER,
    "UDP_CHECK": CHECKER + UDP_CHECK,
    "HTTP_GET": CHECKER + HTTP_GET,
    "SSL_GET": CHECKER + HTTP_GET.replace("{url}", "{SSL_GET_url}") + TLS,
    "url": URL,
    "SSL_GET_url": URL + TLS,
    "DNS_CHECK": CHECKER + DNS_CHECK,
    "FILE_CHECK": FILE_CHECK,
    "BFD_CHECK": BFD_CHECK,
}
