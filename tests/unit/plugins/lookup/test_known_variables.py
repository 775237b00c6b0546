# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template


@pytest.fixture
def known(collections):
    """Return the variables that can be read, of some."""
    plugin = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.lookup.known_variables")

    def known(**variables):
        lookup = plugin.LookupModule(loader=DataLoader(), templar=Templar(DataLoader(), variables))
        return lookup.run([*variables, "nowhere"], variables)

    return known


def test_what_needs_facts_is_left_out_until_they_are_there(known):
    text = trust_as_template("{{ ansible_facts.default_ipv4.interface }}")
    assert known(ha_lb_vips=[1], keepalived_interface=text) == [{"ha_lb_vips": [1]}]
    facts = {"default_ipv4": {"interface": "eth0"}}
    assert known(keepalived_interface=text, ansible_facts=facts)[0]["keepalived_interface"] == "eth0"
