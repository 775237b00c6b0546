#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_check
short_description: Check the variables of a whole cluster before anything is changed
version_added: 0.1.0
author: the evenkeel maintainers (@evenkeel)
description:
  - Checks variables, nodes, VIPs, services and interfaces together, and reports every finding at once, each with the
    path of its value. Changes nothing, and runs on the controller.
options:
  variables:
    description: >-
      The variables of the cluster, which begin with C(ha_lb_), C(keepalived_), C(notify_) or the name of its engine.
    type: dict
    required: true
  nodes:
    description: The nodes, as the filter P(evenkeel.ha_lb.cluster_nodes#filter) gives them.
    type: raw
    required: true
  interfaces:
    description: The interfaces of each host, as the filter P(evenkeel.ha_lb.interfaces#filter) gives them.
    type: dict
    default: {}
  hosts:
    description: The variables of every host, by name; some of them must be equal on all.
    type: dict
    default: {}
  clocks:
    description: Seconds since the epoch on every host and on the controller, by name.
    type: dict
    default: {}
  controller:
    description: >-
      What the controller has; C(hosts), the names in the inventory, and C(files), the source archives that exist.
      Without such a list, hosts or archives that the variables name are not looked for.
    type: dict
    default: {}
  kernels:
    description: What M(evenkeel.ha_lb.kernel_modules) returned, by host.
    type: dict
    default: {}
attributes:
  check_mode: {description: Changes nothing., support: full}
"""
EXAMPLES = r"""
- name: Check the cluster
  evenkeel.ha_lb.cluster_check:
    variables: "{{ lookup('evenkeel.ha_lb.given_variables') }}"
    nodes: "{{ groups['loadbalancers'] | evenkeel.ha_lb.cluster_nodes(hostvars) }}"
"""
RETURN = r"""
advice:
  description: Warnings, as sentences.
  type: list
  elements: str
  returned: success
findings:
  description: What is wrong.
  type: list
  elements: dict
  returned: failure
  contains:
    path: {description: The path of the value., type: str}
    message: {description: What is wrong with it., type: str}
"""
