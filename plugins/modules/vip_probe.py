#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: vip_probe
short_description: Send requests to every service through its VIPs, once or for a while
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Sends one request to every address of every service. With O(seconds), sends one every O(interval_seconds), each on
    its own connection and on time whether or not earlier ones were answered, and returns how long a service was away.
    Changes nothing.
options:
  services:
    description: The services, as the filter P(evenkeel.ha_lb.service_layout#filter) returns them.
    type: list
    elements: dict
    default: []
  targets:
    description: Further targets; they are used only with O(seconds).
    type: list
    elements: dict
    default: []
    suboptions:
      service: {description: Its name in the result., type: str, default: ''}
      address: {description: Its address., type: str, required: true}
      port: {description: Its port., type: int, required: true}
      mode: {description: How to ask it., type: str, choices: [http, tcp, udp], default: http}
      path: {description: With V(http)., type: str, default: /}
      method: {description: With V(http)., type: str, default: GET}
      headers: {description: With V(http)., type: dict, default: {}}
      payload: {description: 'With V(udp), what to send; any datagram is an answer.', type: str, default: ''}
  seconds: {description: 'How long to measure, from 1 to 600; V(0) sends one request.', type: float, default: 0}
  interval_seconds: {description: 'Time between requests, from 0.001 to 10.', type: float, default: 0.01}
  connect_timeout_seconds: {description: Timeout of a connection., type: float, default: 0.9}
  timeout_seconds: {description: Timeout of an answer., type: float, default: 2}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Ask every service
  evenkeel.ha_lb.vip_probe:
    services: "{{ (ha_lb_services | evenkeel.ha_lb.service_layout(ha_lb_vips)).services }}"

- name: Measure for a minute how long a service is away
  evenkeel.ha_lb.vip_probe:
    targets: [{address: 192.0.2.10, port: 80}]
    seconds: 60
  delegate_to: localhost
"""
RETURN = r"""
answers:
  description: >-
    One for every request. An HTTP status below 500, and a connection that is not closed at once, are answers.
  type: list
  elements: dict
  returned: without O(seconds)
  contains:
    service: {description: The service., type: str}
    address: {description: Its address., type: str}
    port: {description: Its port., type: int}
    mode: {description: "V(http) or V(tcp).", type: str}
    ok: {description: Whether that was an answer., type: bool}
    what: {description: What it was., type: str}
    seconds: {description: After how many seconds., type: float}
measured:
  description: One for every address.
  type: list
  elements: dict
  returned: with O(seconds)
  contains:
    service: {description: The service., type: str}
    address: {description: Its address., type: str}
    port: {description: Its port., type: int}
    mode: {description: "V(http) or V(tcp).", type: str}
    began: {description: "When it began, in seconds since the epoch.", type: float}
    sent: {description: How many requests were sent., type: int}
    missed: {description: "How many were due while the client itself stood still, and not sent.", type: int}
    failed: {description: How many failed., type: int}
    longest_gap_ms: {description: The longest outage., type: float}
    outages:
      description: The outages, in their order.
      type: list
      elements: dict
      contains:
        at_ms: {description: When it began., type: float}
        gap_ms: {description: How long it was., type: float}
        failed: {description: How many requests failed., type: int}
        ended: {description: Whether it ended., type: bool}
        errors: {description: "How many failed, by the error.", type: dict}
    errors: {description: "How many failed, by the error.", type: dict}
    answered_by: {description: "Who answered, by the first word of an HTTP answer.", type: dict}
    answer:
      description: How long answers took.
      type: dict
      contains: &percentiles
        p50_ms: {description: Half of them no longer., type: float}
        p99_ms: {description: 99 of 100 no longer., type: float}
        max_ms: {description: The longest., type: float}
    lateness: {description: How late the client itself was., type: dict, contains: *percentiles}
    samples:
      description: >-
        The start of every request and the duration of its answer in ms, or null without one.
      type: raw
"""

from dataclasses import asdict
from typing import Any

from ansible_collections.evenkeel.ha_lb.plugins.module_utils.host.http_probe import http_answer, requests_of, tcp_answer
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.module_io import DiscreetModule, domain_errors
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.probe.loop import MODES, Pace, measure
from ansible_collections.evenkeel.ha_lb.plugins.module_utils.operations.probe.summary import (
    check_pace,
    samples,
    summary,
    target_of,
)

PLACE = ("service", "address", "port", "mode")
TARGET = {
    "service": {"type": "str", "default": ""},
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "mode": {"type": "str", "choices": list(MODES), "default": "http"},
    "path": {"type": "str", "default": "/"},
    "method": {"type": "str", "default": "GET"},
    "headers": {"type": "dict", "default": {}},
    "payload": {"type": "str", "default": ""},
}


def ask_once(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = []
    for request in requests:
        if request["mode"] == "http":
            answer = http_answer(*(request[key] for key in ("address", "port", "path", "headers", "method")))
        else:
            answer = tcp_answer(request["address"], request["port"])
        answers.append({**{key: request[key] for key in PLACE}, **asdict(answer)})
    return answers


def measured(requests: list[dict[str, Any]], pace: Pace) -> list[dict[str, Any]]:
    check_pace(pace, len(requests))
    seen = measure([target_of(each) for each in requests], pace)
    return [
        {**{key: each[key] for key in PLACE}, **summary(rows, began, missed), "samples": samples(rows)}
        for each, (began, rows, missed) in zip(requests, seen)
    ]


def main() -> None:
    module = DiscreetModule(
        argument_spec={
            "services": {"type": "list", "elements": "dict", "default": []},
            "targets": {"type": "list", "elements": "dict", "default": [], "options": TARGET},
            "seconds": {"type": "float", "default": 0},
            "interval_seconds": {"type": "float", "default": 0.01},
            "connect_timeout_seconds": {"type": "float", "default": 0.9},
            "timeout_seconds": {"type": "float", "default": 2},
        },
        supports_check_mode=True,
    )
    params = module.params
    requests = requests_of(params["services"])
    with domain_errors(module):
        if not params["seconds"]:
            module.exit_json(changed=False, answers=ask_once(requests))
        times = {
            "interval": params["interval_seconds"],
            "connect_timeout": params["connect_timeout_seconds"],
            "timeout": params["timeout_seconds"],
        }
        pace = Pace(seconds=params["seconds"], **times)
        module.exit_json(changed=False, measured=measured([*requests, *params["targets"]], pace))


if __name__ == "__main__":
    main()
