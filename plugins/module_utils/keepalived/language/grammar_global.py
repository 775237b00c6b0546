# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords outside blocks, in global_defs, and in the blocks that VRRP and the checkers share.

keywords.py explains the columns. Source: the keywords of keepalived 2.4.3; `since`: its git tags.
"""

from __future__ import annotations

from typing import Mapping

TOP = """
linkbeat_use_polling
net_namespace               word
net_namespace_ipvs          word                          since 2.1.0
namespace_with_ipsets
use_pid_dir
instance                    word
child_wait_time             0..4294967295                 since 2.0.0
global_defs                 {global_defs}
linkbeat_interfaces         {lines}                       since 2.0.13
interface_up_down_delays    {lines}                       since 2.2.3
track_group                 word {track_group} unique     since 2.0.3
static_ipaddress            {addresses}
static_routes               {routes}
static_rules                {rules}
vrrp_sync_group             word {vrrp_sync_group} unique
garp_group                  {garp_group}
vrrp_instance               word {vrrp_instance} unique
vrrp_script                 word {vrrp_script}
vrrp_track_process          word {vrrp_track_process}     since 2.0.11
track_file                  word {track_file}             since 2.1.0
vrrp_track_file             word {track_file}             since 2.0.0
bfd_instance                word {bfd_instance} unique    since 2.0.0
SSL                         {SSL}
virtual_server_group        word {servers}
virtual_server              service [word] [word] {virtual_server}
"""

GLOBAL_DEFS = """
process_names                                                 since 2.0.16
process_name                        word                      since 2.0.16
vrrp_process_name                   word                      since 2.0.16
checker_process_name                word                      since 2.2.0
lvs_process_name                    word                      since 2.0.16
bfd_process_name                    word                      since 2.0.16
use_symlink_paths                   [bool]                    since 2.3.0
router_id                           word
notification_email_from             word
smtp_server                         word [word]
smtp_helo_name                      word
smtp_connect_timeout                0..4294
notification_email                  {lines}
smtp_alert                          [bool]                    since 2.0.0
startup_script                      command [word] [word]     since 2.1.0
startup_script_timeout              1..1000                   since 2.1.0
shutdown_script                     command [word] [word]     since 2.1.0
shutdown_script_timeout             1..1000                   since 2.1.0
max_auto_priority                   [-1..99]                  since 2.1.0
min_auto_priority_delay             1..10000000               since 2.1.0
smtp_alert_vrrp                     [bool]                    since 2.0.0
smtp_alert_checker                  [bool]                    since 2.0.0
checker_log_all_failures            [bool]                    since 2.0.11
dynamic_interfaces                  [(allow_if_changes)]      since 2.0.0
no_email_faults                                               since 2.0.0
default_interface                   word
disable_local_igmp                                            since 2.2.0
v3_checksum_as_v2                   [bool]                    since 2.2.8
lvs_timeouts                        word word ...
lvs_flush
lvs_flush_on_stop|lvs_flush_onstop  [(VS)]                    since 2.2.0
lvs_sync_daemon                     word ...
vrrp_mcast_group4                   address
vrrp_mcast_group6                   address
vrrp_garp_master_delay              0..4294
vrrp_garp_master_repeat             1..4294967295
vrrp_garp_master_refresh            0..4294967295
vrrp_garp_master_refresh_repeat     1..4294967295
vrrp_garp_lower_prio_delay          0..4294
vrrp_garp_lower_prio_repeat         0..2147483647
vrrp_down_timer_adverts             1..100                    since 2.2.3
vrrp_garp_interval                  0.000001..4294.967295
vrrp_gna_interval                   0.000001..4294.967295
vrrp_min_garp                       [bool]                    since 2.0.12
vrrp_garp_extra_if                  word ...                  since 2.2.3
vrrp_vmac_garp_intvl                word ...                  since 2.2.0
vrrp_lower_prio_no_advert           [bool]
vrrp_higher_prio_send_advert        [bool]
vrrp_version                        2..3
vrrp_iptables                       [word] [word]
vrrp_ipsets                         ...
nftables                            [word]                    since 2.0.11
nftables_priority                   -2147483648..2147483647   since 2.0.11
nftables_ifindex                                              since 2.0.11
nftables_ipvs                       [word]                    since 2.2.2
nftables_ipvs_priority              -2147483648..2147483647   since 2.2.2
nftables_ipvs_start_fwmark          1..4294967295             since 2.2.2
nftables_counters                                             since 2.0.11
vrrp_check_unicast_src
vrrp_skip_check_adv_addr            [bool]
vrrp_strict                         [bool]
vrrp_priority                       -20..19
vrrp_no_swap
vrrp_rt_priority                    1..99                     since 2.0.0
vrrp_cpu_affinity                   word ...                  since 2.0.17
vrrp_rlimit_rttime                  1..4294967295             since 2.1.0
vrrp_rlimit_rtime                   1..4294967295             since 2.0.0
checker_priority                    -20..19
checker_no_swap
checker_rt_priority                 1..99                     since 2.0.0
checker_cpu_affinity                word ...                  since 2.0.17
checker_rlimit_rttime               1..4294967295             since 2.1.0
checker_rlimit_rtime                1..4294967295             since 2.0.0
bfd_priority                        -20..19                   since 2.0.0
bfd_no_swap                                                   since 2.0.0
bfd_rt_priority                     1..99                     since 2.0.0
bfd_cpu_affinity                    word ...                  since 2.0.17
bfd_rlimit_rttime                   1..4294967295             since 2.1.0
bfd_rlimit_rtime                    1..4294967295             since 2.0.0
notify_fifo                         word ...
notify_fifo_script                  command [word] [word]
vrrp_notify_fifo                    word ...
vrrp_notify_fifo_script             command [word] [word]
vrrp_notify_priority_changes        [bool]                    since 2.0.16
fifo_write_vrrp_states_on_reload                              since 2.2.5
lvs_notify_fifo                     word ...
lvs_notify_fifo_script              command [word] [word]
snmp_socket                         word
enable_traps
enable_snmp_vrrp                                              since 2.0.0
enable_snmp_keepalived
enable_snmp_rfc
enable_snmp_rfcv2
enable_snmp_rfcv3
enable_snmp_checker
snmp_vs_stats_update_interval       0.001000..30              since 2.3.0
snmp_rs_stats_update_interval       0.001000..30              since 2.3.0
enable_dbus
dbus_service_name                   word
dbus_no_interface_name              word                      since 2.3.0
script_user                         word [word]
enable_script_security
vrrp_netlink_cmd_rcv_bufs           0..4294967295             since 2.0.0
vrrp_netlink_cmd_rcv_bufs_force     [bool]                    since 2.0.0
vrrp_netlink_monitor_rcv_bufs       0..4294967295             since 2.0.0
vrrp_netlink_monitor_rcv_bufs_force [bool]                    since 2.0.0
lvs_netlink_cmd_rcv_bufs            0..4294967295             since 2.0.0
lvs_netlink_cmd_rcv_bufs_force      [bool]                    since 2.0.0
lvs_netlink_monitor_rcv_bufs        0..4294967295             since 2.0.0
lvs_netlink_monitor_rcv_bufs_force  [bool]                    since 2.0.0
process_monitor_rcv_bufs            0..4294967295             since 2.0.11
process_monitor_rcv_bufs_force      [bool]                    since 2.0.11
rs_init_notifies                    [bool]                    since 2.0.0
no_checker_emails                   [bool]                    since 2.0.0
vrrp_rx_bufs_policy                 word ...                  since 2.0.3
vrrp_rx_bufs_multiplier             1..4294967295             since 2.0.3
vrrp_startup_delay                  0.001000..4294.967295     since 2.0.14
vrrp_delay_after_boot               0.001000..4294.967295     since 2.4.0
log_unknown_vrids                                             since 2.0.16
vrrp_owner_ignore_adverts           [bool]                    since 2.3.3
vmac_prefix                         word                      since 2.2.0
vmac_addr_prefix                    word                      since 2.2.0
umask                               word                      since 2.0.9
random_seed                         0..4294967295             since 2.0.15
reload_check_config                 [word]                    since 2.2.0
reload_time_file                    word                      since 2.1.0
reload_repeat                                                 since 2.1.0
reload_file                         [word]                    since 2.2.0
include_check                       ...                       since 2.2.0
config_save_dir                     word                      since 2.2.3
tmp_config_directory                word                      since 2.2.0
data_use_instance                   [bool]                    since 2.2.3
json_version                        1..2                      since 2.2.8
iproute_usr_dir                     word                      since 2.3.2
iproute_etc_dir                     word                      since 2.3.2
state_dump_file                     word                      since 2.3.3
stats_dump_file                     word                      since 2.3.3
json_dump_file                      word                      since 2.3.3
"""

TRACK_FILE = """
file         word                        once
weight       -254..254 [(reverse)]
init_file    ...
"""

BFD_INSTANCE = """
source_ip                 address
neighbor_ip|neighbour_ip  address
min_rx                    1.000..4294967
min_tx                    1.000..4294967
idle_tx                   1000.000..4294967
multiplier                1..255
passive
ttl|hoplimit              1..255
max_hops                  -1..255
multihop                  [bool]                since 2.2.8
weight                    -253..253 [(reverse)]
vrrp
checker
"""

BLOCKS: Mapping[str, str] = {
    "": TOP,
    "global_defs": GLOBAL_DEFS,
    "track_file": TRACK_FILE,
    "bfd_instance": BFD_INSTANCE,
}
