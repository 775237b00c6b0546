# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything of this collection is on a node.

YAML and Jinja cannot import: they keep a literal of their own, once per role, which tests/unit/test_numbers.py holds
against these.
"""

from __future__ import annotations

# Gone after a reboot. World-readable: keepalived's script user and the agents read there, too
RUN = "/run/ha_lb"
# For root alone: staged configurations, and the record of what was there before
STATE = "/var/lib/ha_lb"
CONFIG = "/etc/ha_lb"
LIBEXEC = "/usr/local/libexec/ha_lb"
CODE = "/usr/local/lib/ha_lb"
CACHE = "/var/cache/ha_lb"

DRAIN = f"{RUN}/drain"
UPLINK = f"{RUN}/uplink"
DRAIN_AT_BOOT = "/etc/tmpfiles.d/00-ha_lb-drain.conf"
# What keepalived adds to its priority, each in a file of its own
TRACKED = tuple(f"{RUN}/{name}" for name in ("drain", "keepalived", "proxy", "uplink", "watch"))
LOCK = f"{RUN}/lock"
KEEPALIVED_CONFIG = "/etc/keepalived/keepalived.conf"
KEEPALIVED_LOADED = f"{RUN}/keepalived.loaded"
KEEPALIVED_DROP_IN = "/etc/systemd/system/keepalived.service.d/ha_lb.conf"
CHECK_PORT_FILE = f"{RUN}/check_port"

VERSIONS = f"{STATE}/versions.json"
SYSCTL_BEFORE = f"{STATE}/sysctl.before"

CONFIG_TEST = f"{LIBEXEC}/config-test"
OPEN_FIREWALL = f"{LIBEXEC}/open-firewall"
FIREWALL_PEERS = f"{CONFIG}/vrrp-peers"
DROP_STRANGERS = f"{LIBEXEC}/drop-strangers"
VRRP_SENDERS = f"{CONFIG}/vrrp-senders"
FIREWALL_OPENED = f"{STATE}/opened"

# The agents: each writes into a directory of its own, as a user of its own
GUARD_RUN = "/run/ha_lb-guard"
LOOK = f"{GUARD_RUN}/look.json"
GUARD = f"{GUARD_RUN}/guard.json"
INSTANCES = f"{GUARD_RUN}/instances.json"
HEARD = "/run/ha_lb-ear/heard.json"
UPLINKS = f"{CONFIG}/uplinks.json"
NOTIFY_FIFO = f"{RUN}/notify.fifo"
NOTIFY_RUN = "/run/ha_lb-notify"
NOTIFY_CHANNELS = f"{NOTIFY_RUN}/channels.json"
NOTIFY_CONFIG = f"{CONFIG}/notify.json"
NOTIFY_STATE = "/var/lib/ha_lb-notify"
LOGS = "/var/log/ha_lb"
NOTIFY_LOG = f"{LOGS}/changes.log"

# A real server of LVS: its program, what it is to have, what it has put where, and the kernel's settings before
REAL_SERVER = f"{LIBEXEC}/real-server"
REAL_SERVER_CONFIG = f"{CONFIG}/real-server.json"
REAL_SERVER_RUN = "/run/ha_lb-real-server"
REAL_SERVER_PLACED = f"{REAL_SERVER_RUN}/placed.json"
REAL_SERVER_BEFORE = f"{STATE}/real-server.before"

DRILL = "/run/ha_lb_drill"
