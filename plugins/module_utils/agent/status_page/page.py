# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of one node: as data for programs, and as a page for people."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Mapping, Optional

from ...keepalived.live.agents import runs, stopped
from ..notify.message import lasted, moment
from ..states import STATES, reason_of

STALE_SECONDS = 10.0
DAY = 86400.0
HINDERING = ("drain", "keepalived", "proxy", "watch")  # tracked files by which a node gives up its VIPs
CLASSES = {"active": "good", "backup": "good", "fault": "bad", "stopped": "bad", "silent": "bad"}
STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#f6f8fa;--card:#fff;--line:#d1d9e0;
--good:#1a7f37;--calm:#0969da;--bad:#cf222e}
@media(prefers-color-scheme:dark){:root{--ink:#f0f6fc;--soft:#9198a1;--paper:#0d1117;--card:#151b23;--line:#3d444d;
--good:#3fb950;--calm:#4493f8;--bad:#f85149}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:52rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.7rem}h2{margin:2rem 0 .6rem;font-size:1.05rem}
p{margin:.2rem 0}.soft{color:var(--soft)}.alarm{margin:1rem 0;padding:.7rem 1rem;border-left:.3rem solid var(--bad);
background:var(--card);font-weight:600}
.cards{margin-bottom:.8rem;display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,23rem),1fr))}
.card{padding:.9rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;overflow-wrap:anywhere}
.card h3{display:flex;justify-content:space-between;gap:1rem;margin:0 0 .4rem;font-size:1.15rem}
.state{color:var(--calm)}.state.active{color:var(--good)}.state.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .9rem;margin:0}dt{color:var(--soft)}dd{margin:0}
"""


def node_status(
    place: Mapping[str, str],
    look: Mapping[str, Any],
    notifier: Mapping[str, Any],
    tracked: Mapping[str, str],
    now: float,
    agents: Optional[Mapping[str, Mapping[str, Any]]] = None,
) -> Dict[str, Any]:
    """Return the status of a node as data.

    `place` has `cluster` and `node`, `look` is that of `Looker`, `notifier` what it wrote about its channels, `tracked`
    the content of the tracked files by name, `now` is in seconds since the epoch, and `agents` are what `guard` and
    `ear` say (see keepalived.live.agents).
    """
    guard, ear = ((agents or {}).get(name) or {} for name in ("guard", "ear"))
    problem = problem_of(look, now)
    return {
        **place,
        "date": moment(now),
        "problem": problem,
        "drained": tracked.get("drain", "0").strip() not in ("", "0"),
        "reason": reason_of(tracked),
        "instances": [
            _instance_data(each, now, problem or because(each, tracked, guard)) for each in look["instances"]
        ],
        "agents_gone": [f"the {name} does not run: see journalctl -u ha_lb-{name}" for name in _gone(guard, ear)],
        "acts": [each for each in guard.get("acts", ()) if each["age_seconds"] <= DAY],
        "heard": list(ear.get("findings", ())),
        "unreached": list(ear.get("unreached", ())),
        "channels": notifier.get("channels", []),
        "held_back": notifier.get("held", 0),
    }


def _instance_data(each: Mapping[str, Any], now: float, why: str) -> Dict[str, Any]:
    return {
        "name": each["name"],
        "state": STATES.get(each["state"], "starting"),
        "keepalived_state": each["state"],
        "can_take_over": not why,
        "because": why,
        "priority": each["effective_priority"],
        "base_priority": each["priority"],
        "since": moment(each["since"]),
        "for_seconds": round(max(0.0, now - each["since"]), 1),
        "addresses": each["addresses"],
        "interface": each["interface"],
        "vrid": each["vrid"],
    }


def _gone(guard: Mapping[str, Any], ear: Mapping[str, Any]) -> List[str]:
    return [name for name, said in (("guard", guard), ("ear", ear)) if stopped(said)]


def because(instance: Mapping[str, Any], tracked: Mapping[str, str], guard: Mapping[str, Any]) -> str:
    """Return why this node cannot take over an instance; empty if it can.

    `tracked` and `guard` as in node_status. An uplink that is lost is no reason: it only lets others go first.
    """
    wrong = {name: text for name, text in tracked.items() if name in HINDERING}
    state = STATES.get(instance["state"], "starting")
    hindered = reason_of(wrong) or ("" if state in ("active", "backup") else f"it is in state {instance['state']}")
    said = guard if runs(guard) else {}
    unfit = {each["name"]: each["why"] for each in said.get("unfit", ())}
    why = said.get("node_unfit") or unfit.get(instance["name"])
    return hindered or (f"it {why}" if why else "")


def problem_of(look: Mapping[str, Any], now: float) -> str:
    """Return why the shown states may be outdated; empty if they are not."""
    if not look["time"]:
        return "nobody has looked at keepalived yet"
    if now - look["time"] > STALE_SECONDS:
        return f"nobody has looked at keepalived since {moment(look['time'])}: see journalctl -u ha_lb-guard"
    if not look["answers"]:
        return f"keepalived does not answer since {moment(look['silent_since'])}"
    return "" if look["running"] else "keepalived does not run"


def page(status: Mapping[str, Any], refresh_seconds: int) -> str:
    """Return the page as HTML; browsers reload it every `refresh_seconds`."""
    drained = "this node is drained" if status["drained"] else status["reason"]
    alarms = [status["problem"], drained, *status["agents_gone"]]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f'<meta http-equiv="refresh" content="{refresh_seconds}">',
        f"<title>{escape(_title(status))}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(status['node'])}</h1>",
        f'<p class="soft">of {escape(status["cluster"])}, at {escape(status["date"])}</p>',
        *(f'<p class="alarm">{escape(each[0].upper() + each[1:])}</p>' for each in alarms if each),
        '<h2>Instances</h2><div class="cards">',
        *(_instance(each, bool(status["problem"])) for each in status["instances"]),
        "</div>" if status["instances"] else "</div><p>None.</p>",
        *_list("What is heard", [f"Since {moment(each['since'])}: {each['message']}" for each in status["heard"]]),
        *_list("Uplinks that are not reached", [_uplink(each) for each in status["unreached"]]),
        *_list("What the guard did", [_act(each) for each in reversed(status["acts"])]),
        '<h2>Who is told</h2><div class="cards">',
        *(_channel(each) for each in status["channels"]),
        "</div>" if status["channels"] else "</div><p>The journal and the log file of this node.</p>",
        f'<p class="soft">{_held(status["held_back"])}</p>' if status["held_back"] else "",
        '<p class="soft">For programs: <a href="/status.json">/status.json</a></p>',
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _list(title: str, lines: List[str]) -> List[str]:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return [f"<h2>{title}</h2><ul>{items}</ul>"] if lines else []


def _uplink(each: Mapping[str, Any]) -> str:
    port = f" port {each['port']}" if each["port"] else ""
    return f"{each['address']}{port}, for {lasted(each['for_seconds'])}" + (f": {each['why']}" if each["why"] else "")


def _act(each: Mapping[str, Any]) -> str:
    return f"{moment(each['time'])}: {each['did']}, because {each['cause']}"


def _title(status: Mapping[str, Any]) -> str:
    states = ", ".join(f"{each['name']} {each['state']}" for each in status["instances"])
    return f"{status['node']}: {status['problem'] or states or 'no instances'}"


def _instance(each: Mapping[str, Any], old: bool) -> str:
    state = each["state"]
    kind = "active" if state == "active" else "" if CLASSES.get(state) == "good" else "bad"
    was = "was " if old else ""
    priority = f"{each['priority']}" + (
        "" if each["priority"] == each["base_priority"] else f" of {each['base_priority']}"
    )
    rows = {
        "can take over": "yes" if each["can_take_over"] else f"no, because {each['because']}",
        "since": f"{each['since']}, for {lasted(each['for_seconds'])}",
        "priority": priority,
        "addresses": ", ".join(each["addresses"]),
        "router": f"VRID {each['vrid']} on {each['interface']}",
    }
    return _card(each["name"], f'<span class="state {"bad" if old else kind}">{was}{escape(state)}</span>', rows)


def _channel(each: Mapping[str, Any]) -> str:
    last = moment(each["last_delivered"]) if each["last_delivered"] else "nothing since its start"
    rows = {
        "whom": each["whom"],
        "delivered": f"{each['delivered']}, last {last}" if each["delivered"] else last,
        "waiting": f"{each['waiting']}" + (f", {each['lost']} lost" if each["lost"] else ""),
        **({"problem": each["problem"]} if each["problem"] else {}),
    }
    badge = (
        f'<span class="state {"bad" if each["problem"] else "active"}">{"fails" if each["problem"] else "ok"}</span>'
    )
    return _card(f"{each['name']} ({each['kind']})", badge, rows)


def _card(title: str, badge: str, rows: Mapping[str, object]) -> str:
    listed: List[str] = [f"<dt>{label}</dt><dd>{escape(str(value))}</dd>" for label, value in rows.items()]
    return f'<div class="card"><h3><span>{escape(title)}</span>{badge}</h3><dl>{"".join(listed)}</dl></div>'


def _held(count: int) -> str:
    return f"{count} instance{'s' if count > 1 else ''} changed too often to be told each time; a digest follows."
