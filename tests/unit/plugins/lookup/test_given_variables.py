# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host, as Ansible has them: templates, and what is in a vault."""

from __future__ import annotations

import importlib

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19 any text is a template
    trust_as_template = str


def trusted(value):
    """Return data as it comes from an inventory; what is there twice stays one."""
    if isinstance(value, dict):
        return {key: trusted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [trusted(each) for each in value]
    return trust_as_template(value) if isinstance(value, str) else value


@pytest.fixture
def look(collections):
    """Return a function that runs the lookup where there are these variables."""
    plugin = importlib.import_module("ansible_collections.evenkeel.ha_lb.plugins.lookup.given_variables")

    def look(variables, **options):
        templar = Templar(loader=DataLoader(), variables=variables)
        [found] = plugin.LookupModule(loader=DataLoader(), templar=templar).run([], variables, **options)
        return found

    return look


def test_templates_are_read_value_by_value(look):
    variables = trusted(
        {
            "port": "{{ 40 + 40 }}",
            "shop": {"name": "shop", "port": "{{ port }}"},
            "ha_lb_services": ["{{ shop }}", {"name": "a{{ port }}"}],
            "ha_lb_drills": "{{ [1, 'b'] }}",
            "keepalived_auth_pass": "{{ 'hunter' ~ 2 }}",
            "nginx_max_fails": "{{ nowhere }}",
            "others_variable": "{{ nowhere }}",
        }
    )
    found = look(variables)
    assert found["ha_lb_services"] == [{"name": "shop", "port": found["ha_lb_services"][0]["port"]}, {"name": "a80"}]
    assert str(found["ha_lb_services"][0]["port"]) == "80"
    assert found["ha_lb_drills"] == [1, "b"]
    assert found["keepalived_auth_pass"] == "xxxxxx0"
    assert set(found) == {"ha_lb_services", "ha_lb_drills", "keepalived_auth_pass"}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("ha_lb_vips: [{addresses: ['{{ nowhere }}']}]", "ha_lb_vips[0].addresses[0]", "'nowhere' is undefined"),
        ("ha_lb_vips: ['{{ 1 / 0 }}']", "ha_lb_vips[0]", "division by zero"),
        ("ha_lb_vips: ['{{ ha_lb_vips }}']", "ha_lb_vips", ""),
        ("ha_lb_vips: ['{{ 5']", "ha_lb_vips[0]", "unexpected"),
        ("ha_lb_vips: [{name: 2026-01-02}]", "ha_lb_vips[0].name", "is a date"),
    ],
)
def test_what_stands_for_nothing_is_found(look, text, path, said):
    variables = trusted(yaml.safe_load(text))
    [finding] = look(variables, report=True)["findings"]
    assert finding["path"].startswith(path)
    assert said in finding["message"]
    assert len(finding["message"].splitlines()) == 1
    with pytest.raises(AnsibleError, match="ha_lb_vips"):
        look(variables)


def test_what_contains_itself_is_found(look):
    variables = yaml.safe_load("ha_lb_vips: &vips [{name: web}, *vips]")
    message = "contains itself: a YAML alias in it means ha_lb_vips again"
    assert look(variables, report=True)["findings"] == [{"path": "ha_lb_vips[1]", "message": message}]


def test_facts_that_are_still_to_come(look):
    variables = trusted(
        {"ansible_facts": {}, "ha_lb_address": "{{ ansible_facts.eth0.ipv4.address }}", "ha_lb_engine": "{{ 'nginx' }}"}
    )
    before = look(variables, report=True, before_facts=True)
    assert before == {"variables": {"ha_lb_engine": "nginx"}, "findings": [], "complete": False}
    assert [each["path"] for each in look(variables, report=True)["findings"]] == ["ha_lb_address"]
