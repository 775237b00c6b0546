# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords for VRRP: instances, sync groups and what they track.

keywords.py explains the columns. Source: the keywords of keepalived 2.4.3; `since`: its git tags.
"""

from __future__ import annotations

from typing import Mapping, Tuple

TRACK_GROUP = """
group   {lines} once
"""

VRRP_SYNC_GROUP = """
group                       {lines} once
track_interface             {tracked}                   since 2.0.0
track_script                {tracked}                   since 2.0.0
track_file                  {tracked}                   since 2.0.0
track_process               {tracked}                   since 2.0.11
track_bfd                   {tracked}                   since 2.0.0
notify_backup               command [word] [word] once
notify_master               command [word] [word] once
notify_fault                command [word] [word] once
notify_stop                 command [word] [word] once  since 2.0.0
notify                      command [word] [word] once
smtp_alert                  [bool]
global_tracking
sync_group_tracking_weight                              since 2.0.0
notify_priority_changes     [bool]                      since 2.2.0
"""

GARP_GROUP = """
garp_interval   0.000000..4294.967295
gna_interval    0.000000..4294.967295
interface       word
interfaces      {lines}
"""

VRRP_INSTANCE = """
use_vmac                    ...
use_vmac_addr                                                since 2.2.0
vmac_xmit_base
use_ipvlan                  ... once                         since 2.0.17
unicast_peer                {peers}
unicast_fault_no_peer                                        since 2.2.5
check_unicast_src           [bool]                           since 2.1.0
old_unicast_checksum        [(never)]
native_ipv6
state                       (MASTER|BACKUP)
interface                   word
vrf                         word once                        since 2.2.5
dont_track_primary
track_interface             {tracked}
track_script                {tracked}
track_file                  {tracked}                        since 2.0.0
track_process               {tracked}                        since 2.0.11
track_bfd                   {tracked}                        since 2.0.0
mcast_src_ip                address
unicast_src_ip              address
mcast_dst_ip                address                          since 2.2.5
track_src_ip                                                 since 2.0.0
virtual_router_id           1..255
unicast_ttl                 0..255                           since 2.1.0
version                     2..3
priority                    1..255
advert_int                  0.010000..255
virtual_ipaddress           {addresses}
virtual_ipaddress_excluded  {addresses}
no_virtual_ipaddress                                         since 2.2.8
promote_secondaries
linkbeat_use_polling                                         since 2.0.0
v3_checksum_as_v2           [bool]                           since 2.2.8
virtual_routes              {routes}
virtual_rules               {rules}
accept
no_accept
skip_check_adv_addr         [bool]
strict_mode                 [bool]
preempt
nopreempt
preempt_delay               0.000000..1000
debug                       0..4
notify_backup               command [word] [word] once
notify_master               command [word] [word] once
notify_fault                command [word] [word] once
notify_stop                 command [word] [word] once
notify_deleted              [command] [word] [word] once     since 2.1.0
notify                      command [word] [word] once
notify_master_rx_lower_pri  command [word] [word] once       since 2.0.6
smtp_alert                  [bool]
notify_priority_changes     [bool]                           since 2.0.16
lvs_sync_daemon_interface   word
garp_master_delay           0..4294
garp_master_refresh         0..4294967295
garp_master_repeat          1..4294967295
garp_master_refresh_repeat  1..4294967295
garp_lower_prio_delay       0..4294
garp_lower_prio_repeat      0..2147483647
down_timer_adverts          1..100                           since 2.2.3
timer_expired_backup        [1..254]                         since 2.2.8
thread_timer_expired        [1..254]                         since 2.3.2
garp_extra_if               word ...                         since 2.2.3
vmac_garp_intvl             word ...                         since 2.2.0
lower_prio_no_advert        [bool]
higher_prio_send_advert     [bool]
owner_ignore_adverts        [bool]                           since 2.3.3
kernel_rx_buf_size          0..4294967295                    since 2.0.3
authentication              {authentication}
auth_hmac                   {auth_hmac}                      since 2.4.0
"""

AUTHENTICATION = """
auth_type   (PASS|AH)
auth_pass   word
"""

AUTH_HMAC = """
key          1..255 word
active_key   1..255
time_window  1..300
anti_replay  (time|monotonic)
mode         (enforce|permissive|receive-only)
"""

VRRP_SCRIPT = """
script     command
interval   0.001..4294
timeout    0.001..4294
weight     -253..253 [(reverse)]
rise       1..2147483647
fall       1..2147483647
user       word [word]
init_fail
"""

VRRP_TRACK_PROCESS = """
process          word ... once
param_match      [(initial|partial)]           since 2.0.16
weight           -254..254 [(reverse)] once
quorum           1..65535
quorum_max       0..65535                      since 2.0.16
delay            0.000001..3600
terminate_delay  0.000001..3600                since 2.0.16
fork_delay       0.000001..3600                since 2.0.16
full_command
"""

ADDRESS_OPTIONS = """
dev            word
scope          word
broadcast|brd  word
label          word
peer           address
home
-nodad
mngtmpaddr
noprefixroute
autojoin
no_track
preferred_lft  word
track_group    word
use_vmac
"""

PEER_OPTIONS = """
min_ttl   0..255   since 2.1.0
max_ttl   0..255   since 2.1.0
"""

TRACK_OPTIONS = """
weight   -254..254 [(reverse|noreverse)]
"""

ROUTE_OPTIONS = """
dev|oif        word
via|gw         word
src|from|to    word
table          word
metric         word
priority       word
preference     word
scope          word
protocol       word
realms         word
mtu            word
window         word
track_group    word
"""

RULE_OPTIONS = """
dev|iif|oif    word
from|to        word
table|lookup   word
priority       word
preference     word
fwmark         word
protocol       word
goto           word
track_group    word
"""

LINES: Mapping[str, Tuple[str, str]] = {
    "lines": ("...", ""),
    "addresses": ("address", ADDRESS_OPTIONS),
    "peers": ("address", PEER_OPTIONS),
    "tracked": ("word", TRACK_OPTIONS),
    "routes": ("...", ROUTE_OPTIONS),
    "rules": ("...", RULE_OPTIONS),
}
"""Blocks whose lines begin with a value: its kind, and the options after it; with `...`, any other words as well."""

BLOCKS: Mapping[str, str] = {
    "track_group": TRACK_GROUP,
    "vrrp_sync_group": VRRP_SYNC_GROUP,
    "garp_group": GARP_GROUP,
    "vrrp_instance": VRRP_INSTANCE,
    "authentication": AUTHENTICATION,
    "auth_hmac": AUTH_HMAC,
    "vrrp_script": VRRP_SCRIPT,
    "vrrp_track_process": VRRP_TRACK_PROCESS,
}
