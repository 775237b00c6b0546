# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role: what is refused, with which path, and that no finding and no mask shows a secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from module_utils.agent.config import Command, Mail, Webhook, read_config, read_page_config, whom
from module_utils.agent.notify.discreet import stand_in
from module_utils.agent.notify.read import notify_config, read_notify
from module_utils.basics.errors import HaLbError, Refused

ROOT = Path(__file__).parents[6]
MAIL = {"to": "ops@example.org", "from": "lb@example.org", "server": "mail.example.org"}
HOOK = {"name": "chat", "url": "https://hooks.example.org/T0/t0ken"}
COMMAND = {"name": "pager", "argv": ["/usr/local/bin/page", "now"]}
LOGIN = {**MAIL, "user": "lb", "password": "geheim 1"}


def hooks(**given):
    return {"notify_webhooks": [{**HOOK, **given}]}


def mail(**given):
    return {"notify_mail": {**MAIL, **given}}


def refusals(variables):
    try:
        read_notify(variables)
    except Refused as refused:
        return [str(each) for each in refused.findings]
    return []


ACCEPTED = [
    {},
    {"notify_mail": {}},
    {"notify_mail": MAIL},
    {"notify_mail": LOGIN},
    mail(tls="none", port=2525),
    mail(user="lb", password=12345678),
    mail(to=["a@example.org", "o'brien+lb@example.org"], server="192.0.2.25"),
    {"notify_webhooks": [HOOK, {**HOOK, "name": "sms", "form": {"to": "+49", "text": "{subject}"}, "method": "GET"}]},
    hooks(headers={"Authorization": "Bearer abc", "X-Number": 7}, body={"text": ["{text}", 1, {"a": None}]}),
    hooks(url="http://[2001:db8::1]:8080/"),
    {"notify_commands": [COMMAND, {**COMMAND, "name": "other", "timeout_seconds": 60}]},
    {"notify_on": ["active", "fault"], "notify_changes_per_minute": 1},
    {"notify_status_addresses": ["0.0.0.0", "::"], "notify_status_networks": ["192.0.2.0/24", "2001:db8::/64"]},
    {"notify_status_addresses": "192.0.2.11"},
    hooks(url="http://127.0.0.1:9093/x", headers={"Authorization": "Bearer abc"}),
    hooks(url="http://localhost/x", form={"token": "abc"}),
    hooks(url="http://hooks.example.org/x", headers={"Accept": "text/plain"}, body={"keyboard": {"author": "{node}"}}),
    {"notify_webhooks": [{**HOOK, "name": "n" * 64}], "notify_cluster": "c" * 100},
    mail(to="first.last+tag@mail.example.org"),
    {"notify_something_of_others": object()},
]
REFUSED = [
    (mail(to=["ops"]), "notify_mail.to[0]: is not a mail address"),
    (mail(to="a..b@example.org"), "notify_mail.to[0]: is not a mail address"),
    (mail(to="a@b..org"), "notify_mail.to[0]: is not a mail address"),
    ({"notify_mail": "smtp://lb:geheim@mail.example.org"}, "notify_mail: is not a mapping"),
    ({"notify_mail": ["geheim"]}, "notify_mail: is not a mapping"),
    (mail(passwort="geheim"), "notify_mail.passwort: unknown key; did you mean password?"),
    (mail(geheim="x"), "notify_mail[key 4]: unknown key; the keys are"),
    ({"notify_webhooks": ["https://hooks.example.org/geheim"]}, "notify_webhooks[0]: is not a mapping"),
    ({"notify_webhooks": "https://hooks.example.org/geheim"}, "notify_webhooks: is not a list"),
    ({"notify_commands": "/bin/page --token geheim"}, "notify_commands: is not a list"),
    (mail(to=[]), "notify_mail.to: needs at least 1 item"),
    (mail(to="a@example.org\nBcc: b@example.org"), "is not a mail address"),
    ({"notify_mail": {"to": "a@example.org", "from": "b@example.org"}}, "notify_mail.server: is missing"),
    (mail(server="mail example"), "notify_mail.server: is neither an address nor a host name"),
    (mail(tls="ssl"), "notify_mail.tls: is not one of starttls, tls, none"),
    (mail(user="lb"), "notify_mail.password: is missing: there is a user"),
    (mail(password="x"), "notify_mail.user: is missing: there is a password"),
    ({"notify_mail": {**LOGIN, "tls": "none"}}, "notify_mail.tls: none would send the password"),
    (mail(prot=25), "notify_mail.prot: unknown key; did you mean port?"),
    (mail(port=0), "notify_mail.port: is not a whole number"),
    ({"notify_mail": [MAIL]}, "notify_mail: "),
    (hooks(url="hooks.example.org/x"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="ftp://hooks.example.org"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://user:geheim@hooks.example.org/"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://hooks.example.org/a b"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://hooks.example.org:x/"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://hooks.example.org:0/"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://.../geheim"), "notify_webhooks[0].url: is not a URL"),
    (hooks(headers={"A": None}), "notify_webhooks[0].headers.A: is not a line of text"),
    (hooks(headers={"X-geheim9": None}), "notify_webhooks[0].headers[key 1]: is not a line of text"),
    (hooks(body={"n": float("nan")}), "notify_webhooks[0].body.n: is no number, which JSON could not say"),
    (hooks(body="{geheim}"), "notify_webhooks[0].body: names in braces what is no field of a message; the keys are"),
    (hooks(headers={"A": "geheim\r\nB: c"}), "notify_webhooks[0].headers.A: is not a line of text"),
    (hooks(headers={"A b": "geheim"}), "notify_webhooks[0].headers[key 1]: is not the name of a header"),
    (hooks(headers=["geheim"]), "notify_webhooks[0].headers: is not a mapping"),
    (
        hooks(body={"a": [{"b": "{subjekt}"}]}),
        "notify_webhooks[0].body.a[0].b: names in braces what is no field of a message; did you mean subject?",
    ),
    (hooks(body="{text}", form={"a": "b"}), "notify_webhooks[0].form: contradicts body"),
    (hooks(method="GET"), "notify_webhooks[0].form: is missing"),
    (hooks(method="DELETE"), "notify_webhooks[0].method: is not one of POST, PUT, GET"),
    (hooks(name="../x"), "notify_webhooks[0].name: is not a name"),
    ({"notify_webhooks": [HOOK, HOOK]}, "notify_webhooks[1].name: is already the name of notify_webhooks[0]"),
    ({**mail(), **hooks(name="mail")}, "notify_webhooks[0].name: is already the name of notify_mail"),
    ({"notify_webhooks": HOOK}, "notify_webhooks: "),
    ({"notify_commands": [{**COMMAND, "argv": []}]}, "notify_commands[0].argv: needs at least 1 item"),
    ({"notify_commands": [{**COMMAND, "argv": ["page"]}]}, "notify_commands[0].argv[0]: is not a path"),
    ({"notify_commands": [{**COMMAND, "timeout_seconds": 0}]}, "notify_commands[0].timeout_seconds: "),
    ({"notify_on": ["master"]}, "notify_on[0]: 'master' is not one of active, backup, fault, stopped, silent"),
    ({"notify_on": "active"}, "notify_on: 'active' is not a list"),
    ({"notify_changes_per_minute": 0}, "notify_changes_per_minute: 0 is not a whole number"),
    ({"notify_cluster": "a\nb"}, "notify_cluster: "),
    ({"notify_status_addresses": ["192.0.2.300"]}, "notify_status_addresses[0]: 192.0.2.300 is not an address"),
    (hooks(url="http://hooks.example.org/x", headers={"Authorization": "geheim"}), "for all to read: use https://"),
    (hooks(url="http://hooks.example.org/x", headers={"X-Api-Key": "geheim"}), "the secret in headers (X-Api-Key)"),
    (hooks(url="http://192.0.2.9/x", form={"accessToken": "geheim"}), "the secret in form (accessToken)"),
    (hooks(url="http://192.0.2.9/x", body={"a": [{"password": "geheim"}]}), "the secret in body (password)"),
    (hooks(url="https://hooks..example.org/x"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url=f"https://{'h' * 64}.example.org/x"), "notify_webhooks[0].url: is not a URL"),
    (hooks(url="https://0.0.0.0/x"), "notify_webhooks[0].url: is not a URL"),
    (mail(server="224.0.0.1"), "notify_mail.server: is a multicast address: no connection leads there"),
    ({"notify_commands": [{**COMMAND, "argv": ["/bin/true", "x" * 5000]}]}, "argv[1]: has 5000 characters, and 4096"),
    (hooks(name="n" * 65), "notify_webhooks[0].name: has 65 characters, and 64 is the most"),
    (hooks(headers={"Content-Length": "5"}), "notify_webhooks[0].headers.Content-Length: is set by the request itself"),
    (hooks(headers={"A": "ümlaut"}), "notify_webhooks[0].headers.A: is not a line of text without accents"),
    (hooks(headers={"A": True}), "notify_webhooks[0].headers.A: is not a line of text"),
    (hooks(form={"a": {"b": "c"}}), "notify_webhooks[0].form.a: is not a text, and a form has no others"),
    (hooks(body=[float("-inf")]), "notify_webhooks[0].body[0]: is no number"),
    (hooks(ca_file="/etc/ssl/"), "notify_webhooks[0].ca_file: is not a path of a file"),
    (mail(to=".a@example.org"), "notify_mail.to[0]: is not a mail address"),
    (mail(to="a@-example.org"), "notify_mail.to[0]: is not a mail address"),
    (mail(to=f"{'a' * 65}@example.org"), "notify_mail.to[0]: is not a mail address"),
    (mail(user="lb", password="geheimß"), "notify_mail.password: is not a line of text without accents"),
    (mail(user="jürgen", password="geheim"), "notify_mail.user: is not a line of text without accents"),
    ({"notify_mail": ""}, "notify_mail: is not a mapping"),
    ({"notify_webhooks": None}, "notify_webhooks: is not a list"),
    ({"notify_cluster": "a\u2028b"}, "notify_cluster: 'a\\u2028b' is not a line of text"),
    ({"notify_cluster": "a\x85b"}, "notify_cluster: 'a\\x85b' is not a line of text"),
    ({"notify_cluster": "c" * 101}, "has 101 characters, and 100 is the most"),
    ({"notify_status_addresses": ["224.0.0.1"]}, "notify_status_addresses[0]: 224.0.0.1 is a multicast address"),
    ({"notify_status_port": 70000}, "notify_status_port: 70000 is not a whole number"),
    ({"notify_status_networks": ["192.0.2.1/24"]}, "notify_status_networks[0]: 192.0.2.1/24 is not a network; did you"),
    ({"notify_status_networks": []}, "notify_status_networks: needs at least 1 item"),
]


@pytest.mark.parametrize("variables", ACCEPTED, ids=str)
def test_right_variables_are_accepted_and_read_on_the_node(variables):
    written = notify_config(variables, "lb1")
    assert read_config(json.dumps(written["notifier"])).node == "lb1"
    assert read_page_config(json.dumps(written["page"])).node == "lb1"


@pytest.mark.parametrize(("variables", "finding"), REFUSED, ids=[finding for _variables, finding in REFUSED])
def test_a_wrong_variable_is_refused_with_its_path(variables, finding):
    found = refusals(variables)
    assert any(finding in each for each in found), found
    assert "geheim" not in "".join(found)


@pytest.mark.parametrize("variables", [*ACCEPTED, *(variables for variables, _finding in REFUSED)], ids=str)
def test_masked_variables_have_the_same_findings(variables):
    shown = {name: stand_in(name, each) for name, each in variables.items()}
    assert [each.partition(": ")[0] for each in refusals(shown)] == [
        each.partition(": ")[0] for each in refusals(variables)
    ]


def test_masked_variables_show_no_secret():
    variables = {
        "notify_mail": LOGIN,
        "notify_webhooks": [{**HOOK, "headers": {"A": "s3cret"}, "form": {"key": "s3cret {text}"}}],
    }
    shown = {name: stand_in(name, each) for name, each in variables.items()}
    assert not any(each in str(shown) for each in ("geheim", "t0ken", "s3cret"))
    assert shown["notify_webhooks"][0]["form"] == {"key": "x0xxxx {text}"}
    assert shown["notify_webhooks"][0]["url"].startswith("https://hooks.example.org/x0*x0")


def test_all_findings_are_reported_at_once():
    assert len(refusals({**mail(tls="x", port=0), **hooks(url="x"), "notify_on": ["x"], "notify_status_port": 0})) == 5


def test_the_defaults_of_the_role_are_those_of_the_core():
    defaults = yaml.safe_load((ROOT / "roles/agents/defaults/main.yml").read_text())
    given = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert read_notify(given) == read_notify({})


def test_the_default_port_of_mail_depends_on_tls():
    ports = {tls: read_notify(mail(tls=tls))["notifier"]["channels"][0]["port"] for tls in ("starttls", "tls", "none")}
    assert ports == {"starttls": 587, "tls": 465, "none": 25}


def test_notify_config():
    written = notify_config({"notify_mail": LOGIN, "notify_webhooks": [HOOK], "notify_commands": [COMMAND]}, "lb1")
    channels = read_config(json.dumps(written["notifier"])).channels
    assert [type(each) for each in channels] == [Mail, Webhook, Command]
    assert [whom(each) for each in channels] == ["ops@example.org", "hooks.example.org", "/usr/local/bin/page"]
    assert "password" not in json.dumps(written["page"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"channels": [{}]}', '{"channels": [{"kind": "pigeon"}]}', '{"channels": 1}']
)
def test_read_config_refuses_other_texts(text):
    with pytest.raises(HaLbError, match="cannot be read"):
        read_config(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"port": 1}'])
def test_read_page_config_refuses_other_texts(text):
    with pytest.raises(HaLbError, match="cannot be read"):
        read_page_config(text)


def test_the_runbook_shows_what_is_accepted():
    blocks = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs/runbooks/notify.md").read_text(), re.MULTILINE | re.DOTALL
    )
    shown = yaml.safe_load("".join(blocks).replace("{{ vault_chat_url }}", "https://chat.example.org/"))
    assert len(read_notify(shown)["notifier"]["channels"]) == 5
