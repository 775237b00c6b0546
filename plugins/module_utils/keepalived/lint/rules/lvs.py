# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual servers: settings that IPVS cannot do, and those that must be the same on all directors."""

from __future__ import annotations

from typing import Iterator, Sequence, Tuple

from ....basics.wording import differ, listed
from ....lint.finding import Found, Rule, Severity
from ...config.model import ConfiguredNode
from ...config.virtual_servers import RealServer, VirtualServer, virtual_servers
from .checks import own_addresses
from .timing import number

REMOVAL_SECONDS = 30.0
"""The longest acceptable time until a dead server is removed."""
USUAL_DELAY_SECONDS = 60.0
USUAL = {"retry": 1.0, "delay_before_retry": 1.0, "connect_timeout": 5.0}


def _ports(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node, server in _all(nodes):
        for real in server.reals:
            if not server.rewrites and server.port and real.port and real.port != server.port:
                yield Found(
                    node.name,
                    real.directive.place,
                    f"{server.name} has the method {server.method}, and its server {real.ip} has port {real.port}",
                    effect=f"{real.ip} gets packets for port {server.port}, and nobody answers there",
                )


def _all(nodes: Sequence[ConfiguredNode]) -> Iterator[Tuple[ConfiguredNode, VirtualServer]]:
    for node in nodes:
        for server in virtual_servers(node):
            yield node, server


def _unchecked(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node, server in _all(nodes):
        for real in server.reals:
            if not real.checkers:
                yield Found(
                    node.name,
                    real.directive.place,
                    f"nothing checks {real.name} of {server.name}",
                    effect=f"{server.name} goes on sending to {real.ip} when it is dead",
                )


def _slow(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node, server in _all(nodes):
        times = {real.name: _removal_seconds(server, real) for real in server.reals if real.checkers}
        slowest = max(times, key=lambda name: times[name], default="")
        if slowest and times[slowest] > REMOVAL_SECONDS:
            delay = server.text("delay_loop")
            yield Found(
                node.name,
                server.directive.place,
                f"{server.name} has {f'delay_loop {delay}' if delay else 'no delay_loop, which is 60 s'},"
                f" and its checks take {times[slowest]:g} s at most with retries",
                effect=f"{slowest} gets connections for up to {times[slowest]:g} s after it has died",
            )


def _removal_seconds(server: VirtualServer, real: RealServer) -> float:
    return min(_detection_seconds(server, real, index) for index in range(len(real.checkers)))


def _detection_seconds(server: VirtualServer, real: RealServer, index: int) -> float:
    def seconds(keyword: str, usual: float) -> float:
        for block in (real.checkers[index], real.directive, server.directive):
            found = block.last(keyword)
            value = number(found.arguments[0]) if found and found.arguments else None
            if value is not None:
                return value
        return usual

    retry, wait, connect = (seconds(keyword, usual) for keyword, usual in USUAL.items())
    return seconds("delay_loop", USUAL_DELAY_SECONDS) + connect + retry * (wait + connect)


def _pools(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    known = {node.name: {each.name: each for each in virtual_servers(node)} for node in nodes}
    directors = [node for node in nodes if known[node.name]]
    names = dict.fromkeys(name for servers in known.values() for name in servers)
    for name in names if len(directors) > 1 else ():
        pools = {node.name: _pool(known[node.name].get(name)) for node in directors}
        if len(set(pools.values())) > 1:
            holder, *_others = (node for node in directors if name in known[node.name])
            yield Found(
                holder.name,
                known[holder.name][name].directive.place,
                f"behind {name}, {differ(pools, 'the servers')}",
                effect=f"clients of {name} get other servers, or none, after a failover",
                values=pools,
            )


def _pool(server: object) -> str:
    if not isinstance(server, VirtualServer):
        return "none"
    reals = sorted(f"{each.ip}:{each.port or server.port} weight {each.weight}" for each in server.reals)
    return ", ".join(reals) or "none"


def _sync_daemons(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    directors = [node for node in nodes if virtual_servers(node)]
    daemons = {node.name: node.setting("lvs_sync_daemon") for node in directors}
    options = {name: _daemon(each.arguments if each else ()) for name, each in daemons.items()}
    if any(daemons.values()) and len(set(options.values())) > 1:
        (node, daemon), *_others = ((name, each) for name, each in daemons.items() if each)
        yield Found(node, daemon.place, differ(options, "lvs_sync_daemon"), values=options)


def _daemon(words: Tuple[str, ...]) -> str:
    """Return the options that must be the same on both ends; the interface may differ."""
    if not words:
        return "none"
    options = dict(zip(words[1:], words[2:]))
    kept = {key: options[key] for key in ("id", "maxlen", "port", "group") if key in options}
    return " ".join(f"{key} {value}" for key, value in kept.items()) or "without options"


def _quorums(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node, server in _all(nodes):
        quorum, hysteresis = server.whole("quorum") or 1, server.whole("hysteresis") or 0
        weights = sum(each.weight for each in server.reals)
        if server.reals and quorum > weights:
            directive = server.directive.last("quorum") or server.directive
            message = f"{server.name} needs a quorum of {quorum}, and its servers weigh {weights} together"
            effect = f"{server.name} never has its quorum, so its servers are never used"
            yield Found(node.name, directive.place, message, effect=effect)
        elif hysteresis >= quorum > 1 or (hysteresis and hysteresis >= quorum):
            directive = server.directive.last("hysteresis") or server.directive
            message = f"{server.name} has a hysteresis of {hysteresis} and a quorum of {quorum}"
            effect = f"{server.name} keeps its quorum until every server is gone"
            yield Found(
                node.name, directive.place, message, effect=effect, fix="give it a hysteresis smaller than its quorum"
            )
        elif server.directive.last("quorum_down") and not server.directive.last("sorry_server"):
            directive = server.directive.last("quorum_down") or server.directive
            message = f"{server.name} has a quorum_down and no sorry_server"
            effect = "without a quorum nobody answers, and clients wait until they give up"
            yield Found(node.name, directive.place, message, effect=effect, fix="name a sorry_server")


def _stuck(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    for node, server in _all(nodes):
        persistent = server.directive.last("persistence_timeout") is not None
        scheduler = server.text("lvs_sched", "lb_algo")
        if server.ip and not server.port and not persistent:
            yield Found(
                node.name,
                server.directive.place,
                f"{server.name} takes every port and has no persistence_timeout",
                effect="IPVS does not accept a service on all ports without persistence",
            )
        elif scheduler == "sh" and not server.directive.last("sh-port"):
            yield Found(
                node.name,
                server.directive.place,
                f"{server.name} has the scheduler sh without sh-port",
                effect="all clients behind one address, such as those of an office, go to one server",
            )
        for real in server.reals if persistent else ():
            inhibits = real.directive.last("inhibit_on_failure")
            if inhibits:
                yield Found(
                    node.name,
                    inhibits.place,
                    f"{real.name} has inhibit_on_failure, and {server.name} a persistence_timeout",
                    effect=f"clients that {real.ip} had go on being sent to it when it is dead",
                    fix="set net.ipv4.vs.expire_quiescent_template = 1, or remove inhibit_on_failure",
                )


def _loops(nodes: Sequence[ConfiguredNode]) -> Iterator[Found]:
    directors = own_addresses([node for node in nodes if virtual_servers(node)])
    for node, server in _all(nodes):
        own = [each for each in server.reals if each.ip in directors]
        guarded = str(node.facts.get("sysctls", {}).get("net.ipv4.vs.backup_only", "0")) == "1"
        if own and server.method == "DR" and not guarded and not server.name.startswith("fwmark"):
            yield Found(
                node.name,
                own[0].directive.place,
                f"{server.name} has a director among its servers, {listed(each.ip for each in own)}",
                effect=f"directors send packets for {server.name} to each other without end",
            )


RULES: Tuple[Rule, ...] = (
    Rule(
        id="LV202",
        severity=Severity.ERROR,
        title="another port with a method that cannot change it",
        why="with DR and TUN a packet reaches the server as the client sent it, with the port of the virtual server",
        fix="give the real_server the port of the virtual_server, or use NAT",
        evidence="keepalived.conf(5), lvs_method; ipvsadm(8)",
        check=_ports,
    ),
    Rule(
        id="LV204",
        severity=Severity.WARNING,
        title="a server that nothing checks",
        why="keepalived never takes it out, however dead it is",
        fix="give it a checker, such as TCP_CHECK or HTTP_GET",
        evidence="keepalived.conf(5), real_server",
        check=_unchecked,
    ),
    Rule(
        id="LV205",
        severity=Severity.WARNING,
        title="a dead server stays for long",
        why="it gets connections until its checker has failed often enough, and delay_loop is 60 s by default",
        fix="set delay_loop to a few seconds, and connect_timeout and delay_before_retry to 1 to 3 s",
        evidence="keepalived.conf(5), delay_loop",
        check=_slow,
    ),
    Rule(
        id="LV206",
        severity=Severity.WARNING,
        title="directors have different servers",
        why="what clients get changes with the active director",
        fix="write the same virtual servers, real servers and weights on all directors",
        evidence="keepalived.conf(5), virtual_server",
        check=_pools,
    ),
    Rule(
        id="LV207",
        severity=Severity.WARNING,
        title="a director is one of its own servers",
        why="with DR, each director balances again what the other one sent it",
        fix="set net.ipv4.vs.backup_only = 1 with a sync daemon, or mark packets from clients and balance by fwmark",
        evidence="Linux, ipvs-sysctl, backup_only",
        check=_loops,
    ),
    Rule(
        id="LV208",
        severity=Severity.WARNING,
        title="the sync daemons of directors do not understand each other",
        why="connections are unknown to the director that takes over, so all of them break",
        fix="write the same id, maxlen, port and group behind lvs_sync_daemon on all directors",
        evidence="keepalived.conf(5), lvs_sync_daemon; acassen/keepalived #1966",
        check=_sync_daemons,
    ),
    Rule(
        id="LV209",
        severity=Severity.WARNING,
        title="a quorum that is never reached, never lost, or leaves nobody to answer",
        why="quorum and hysteresis count weights, and below the quorum the servers are not used",
        fix="give it a quorum no larger than the weights of its servers together",
        evidence="keepalived.conf(5), quorum",
        check=_quorums,
    ),
    Rule(
        id="LV210",
        severity=Severity.INFO,
        title="clients are spread unevenly, or stay where they should not",
        why="many clients go to one server, or go on going to one that is dead",
        fix="set a persistence_timeout for all ports, and sh-port with sh",
        evidence="ipvsadm(8)",
        check=_stuck,
    ),
)
