# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived does when a foreign router uses the VRID of an instance of ours.

From its source: `vrrp_check_packet` for what it drops, `open_vrrp_read_socket` for what it hears. An instance with
unicast peers is bound to its own address and drops multicast; one without is bound to the group and drops unicast.
"""

from __future__ import annotations

import ipaddress

from .ours import VIRTUAL, Heard, OurInstance


def effect(instance: OurInstance, heard: Heard) -> str:
    """Return the effect as part of a sentence, for the transport of our instance and for the other one."""
    text = _multicast(instance, heard) if is_multicast(heard) else _unicast(instance, heard)
    if instance.vmac:
        mac = f"{VIRTUAL[instance.family]}{instance.vrid:02x}"
        text += f"; with virtual MACs, switches see {mac} in two places, and frames go to either"
    return text


def is_multicast(heard: Heard) -> bool:
    """Tell whether an advert was sent to a multicast group."""
    return ipaddress.ip_address(heard["destination"]).is_multicast


def _multicast(instance: OurInstance, heard: Heard) -> str:
    taken = _taken(instance, heard)
    if instance.transport == "multicast":
        return taken
    if instance.transport == "unicast":
        return f"our unicast instance does not hear it, so nothing happens yet; over multicast, {taken}"
    return f"over multicast, {taken}; a unicast instance does not hear it"


def _unicast(instance: OurInstance, heard: Heard) -> str:
    taken = _taken(instance, heard)
    if instance.transport == "multicast":
        unheard = "our multicast instance does not hear it, so nothing happens yet"
        return f"{unheard}; over unicast without a check of peers, {taken}"
    return f"where peers are checked (min_ttl), keepalived drops what none of them sent; where they are not, {taken}"


def _taken(instance: OurInstance, heard: Heard) -> str:
    addresses = ", ".join(sorted(instance.addresses))
    version = int(heard["protocol"][-1])
    if instance.version is not None and instance.version != version:
        return f"keepalived drops it and logs, because ours is VRRPv{instance.version}"
    if instance.priority is not None and heard["priority"] < instance.priority:
        return (
            f"keepalived since 2.3.3 keeps {addresses} while ours has priority {instance.priority}, "
            "and takes theirs from them; before, both ignore each other and log"
        )
    condition = "" if instance.priority is not None else "where its priority is the higher one, "
    same = "of the same interval and password, " if version == 2 else ""
    return f"{same}{condition}keepalived since 2.3.3 gives up {addresses}; before, it ignores it and logs"
