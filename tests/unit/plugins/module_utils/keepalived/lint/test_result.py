# SPDX-License-Identifier: GPL-3.0-or-later
"""The linter as a function: its result, and which input it refuses."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from module_utils.keepalived.config.input import read_configs, recorded, recorder
from module_utils.keepalived.lint.result import lint_data, lint_result
from samples import SURPRISES, refused

EXAMPLE = Path(__file__).parents[6] / "examples/lint"
TEXT = """\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 250
    virtual_ipaddress {
        192.0.2.10/24
    }
}
"""
LB1 = {"node": "lb1", "content": TEXT}
LB2 = {"node": "lb2", "content": TEXT.replace("51", "52").replace("250", "240")}


def rules(result):
    return {(each["rule"], each["node"]) for each in result["findings"]}


def test_nodes_are_compared_with_each_other():
    assert ("KA101", "lb2") in rules(lint_result([LB1, LB2]))
    assert "KA101" not in {rule for rule, _node in rules(lint_result([LB1]))}


def test_the_result_is_plain_data():
    result = lint_result([LB1, LB2], sarif=True)
    assert json.loads(json.dumps(result)) == result
    assert len(result["sarif"]["runs"][0]["results"]) == len(result["findings"])
    assert result["says"][-1] == result["text"].splitlines()[-1]
    assert sum(result["counts"].values()) == len(result["findings"])
    assert "sarif" not in lint_result([LB1])


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ([], {("KA103", "lb1"), ("KA103", "lb2")}),
        ("KA103", set()),
        (["KA103@lb1"], {("KA103", "lb2")}),
        (["KA103@keepalived.conf:3"], set()),
        (["KA103@keepalived.conf:4"], {("KA103", "lb1"), ("KA103", "lb2")}),
        (["KA103@keepalived.conf"], set()),
        ([{"rule": "KA103", "node": "lb2"}], {("KA103", "lb1")}),
    ],
)
def test_ignored_findings(ignore, left):
    same = {**LB2, "content": TEXT.replace("250", "240")}
    assert {each for each in rules(lint_result([LB1, same], ignore)) if each[0] == "KA103"} == left


def test_severity_is_the_least_that_is_reported():
    assert {each["severity"] for each in lint_result([LB1, LB2])["findings"]} >= {"E", "W"}
    assert {each["severity"] for each in lint_result([LB1, LB2], severity="E")["findings"]} == {"E"}


@pytest.mark.parametrize(
    ("fail_on", "failure"), [("never", ""), ("E", "1 error on lb1 and lb2: KA101"), ("I", "KA101")]
)
def test_failure(fail_on, failure):
    said = lint_result([LB1, LB2], fail_on=fail_on)["failure"]
    assert failure in said
    assert bool(said) is (fail_on != "never")


def test_facts_are_used_and_rules_without_them_are_not_checked():
    facts = {"interfaces": [{"name": "ens18", "addresses": ["192.0.2.11/24"]}]}
    result = lint_result([{**LB1, "facts": facts}])
    assert ("KA147", "lb1") in rules(result)
    assert "KA147" not in result["not_checked"]
    assert "KA147" in lint_result([LB1])["not_checked"]


def test_at_lines_are_matched_with_the_short_host_name():
    text = "@lb1 vrrp_instance A {\n@lb1 interface eth0\n@lb1 }\n"
    (one,) = read_configs([{"node": "lb1.example.net", "content": text}])
    (other,) = read_configs([{"node": "lb1", "content": text, "facts": {"hostname": "lb2"}}])
    assert ([each.name for each in one.instances], other.instances) == (["A"], ())


def test_a_file_is_read_with_its_includes(tmp_path):
    (tmp_path / "keepalived.conf").write_text("include part.conf\n")
    (tmp_path / "part.conf").write_text(TEXT)
    (node,) = read_configs({"lb1": str(tmp_path / "keepalived.conf")})
    assert node.instances[0].directive.place.file == str(tmp_path / "part.conf")


def test_recorded_includes_are_read_on_another_host():
    told = []
    read = recorder(lambda pattern, including: [("/etc/part.conf", TEXT)], told.append)
    assert read("part*.conf", "/etc/keepalived.conf") == [("/etc/part.conf", TEXT)]
    config = {"node": "lb1", "path": "/etc/keepalived.conf", "content": "include part*.conf\n", "included": told}
    (node,) = read_configs([config])
    assert str(node.instances[0].directive.place) == "/etc/part.conf:1"
    assert recorded(told)("other", "/etc/keepalived.conf") == []


def test_a_recorded_include_error_is_reported_on_another_host():
    told = []

    def denied(pattern, including):
        raise OSError("Permission denied")

    with pytest.raises(OSError, match="Permission denied"):
        recorder(denied, told.append)("a.conf", "k.conf")
    (node,) = read_configs([{"node": "lb1", "path": "k.conf", "content": "include a.conf\n", "included": told}])
    assert [each.message for each in node.tree.problems] == ["a.conf cannot be included: Permission denied"]


@pytest.mark.parametrize(
    ("configs", "path", "message"),
    [
        ([], "configs", "needs at least 1 item"),
        ("x", "configs", "'x' is not a list"),
        ([{"content": ""}], "configs[0].node", "is missing"),
        ([{"node": "lb1"}], "configs[0].content", "is missing"),
        ([LB1, LB1], "configs[1].node", "there is a node lb1 already"),
        ([{**LB1, "contents": ""}], "configs[0].contents", "unknown key; did you mean content?"),
        ([{**LB1, "content": 5}], "configs[0].content", "int is not a text"),
        ([{**LB1, "content": "x" * 5_000_000}], "configs[0].content", "is larger than 4 MB"),
        ({"lb1": "/nowhere/k.conf"}, "configs.lb1", "of lb1, /nowhere/k.conf: cannot be read: No such file"),
        ([{**LB1, "facts": {"interface": []}}], "configs[0].facts.interface", "did you mean interfaces?"),
        ([{"node": "lb1", "path": "/etc/hostname"}], "configs[0].content", "is missing"),
        ([{**LB1, "facts": {"firewall": "x" * 1_000_001}}], "configs[0].facts.firewall", "more than 1,000,000"),
        ({}, "configs", "names no file"),
        ({"lb 1": "/etc/hostname"}, "configs['lb 1']", "is not a name"),
        ({"lb1": {}}, "configs.lb1.path", "is missing"),
        ([{**LB1, "facts": {"users": 5}}], "configs[0].facts.users", "5 is not a list"),
        ([{**LB1, "facts": {"sysctls": {"a": []}}}], "configs[0].facts.sysctls.a", "list is neither a number"),
        ([{**LB1, "facts": {"commands": {"a": 1}}}], "configs[0].facts.commands.a", "int is not a text"),
        ([{**LB1, "facts": {"heard": [1]}}], "configs[0].facts.heard[0]", "1 is not a mapping"),
    ],
)
def test_bad_configs(configs, path, message):
    ((where, said),) = refused(lint_result, configs)
    assert where == path
    assert message in said


def test_all_errors_of_the_input_are_reported_together():
    configs = {"lb1": "/nowhere/1", "lb2": "/nowhere/2"}
    assert [path for path, _said in refused(lint_result, configs, ["KA000"])] == [
        "configs.lb1",
        "configs.lb2",
        "ignore[0]",
    ]
    assert [path for path, _said in refused(lint_result, configs, [], "X", "Y")][:2] == ["severity", "fail_on"]


@pytest.mark.parametrize("ignore", ["KA000", ["KA103@"], [{"node": "lb1"}], [{"rule": "KA103", "line": "x"}], 5])
def test_bad_ignores(ignore):
    assert [path.partition("[")[0] for path, _said in refused(lint_result, [LB1], ignore)] == ["ignore"]


def test_without_raises_a_refusal_is_data():
    result = lint_result({"lb1": "/nowhere/1"}, raises=False)
    assert result["refused"] == ["configs.lb1: of lb1, /nowhere/1: cannot be read: No such file or directory"]
    assert (result["findings"], result["failure"]) == ([], result["refused"][0])
    assert lint_result([LB1], raises=False)["refused"] == []


def test_passwords_are_never_shown():
    text = TEXT.replace("priority", "authentication {\n auth_type PASS\n auth_pass s3cr%s s3cret s3cret\n}\npriority")
    configs = [{"node": f"lb{number}", "content": text % number} for number in (1, 2)]
    result = lint_result(configs, sarif=True)
    assert {"KA108", "KA169"} <= {each["rule"] for each in result["findings"]}
    assert "s3cr" not in json.dumps(result)


@pytest.mark.parametrize("surprise", SURPRISES)
@pytest.mark.parametrize("key", ["node", "path", "content", "included", "facts"])
def test_odd_values_are_refused_or_read(key, surprise):
    refused(lint_result, [{**LB1, key: surprise}])


@pytest.mark.parametrize("surprise", SURPRISES)
@pytest.mark.parametrize(
    "fact", ["interfaces", "sysctls", "users", "files", "commands", "firewall", "heard", "real_servers", "haproxy_cfg"]
)
def test_odd_facts_are_refused_or_read(fact, surprise):
    refused(lint_result, [{**LB1, "facts": {fact: surprise}}])


@pytest.mark.parametrize("text", ["\0", "{", "}", "a {" * 200, "vrrp_instance a {\n", "virtual_server\n"])
def test_broken_braces_and_nul_are_errors(text):
    result = lint_result([{"node": "lb1", "content": text}], fail_on="E")
    assert {each["rule"] for each in result["findings"] if each["severity"] == "E"} == {"KA169"}
    assert result["failure"]


@pytest.mark.parametrize("text", ["", "include x\n" * 50, '"', "\ufffd", "vrrp_instance a {\n}\n"])
def test_harmless_oddities_are_no_errors(text):
    assert lint_result([{"node": "lb1", "content": text}])["counts"]["E"] == 0


def hundred():
    """Yield 50 pairs with different addresses, VRIDs and weights, so that no cache helps."""
    usual = (EXAMPLE / "lb1.conf").read_text(), (EXAMPLE / "lb2.conf").read_text()
    for number in range(50):
        pair = []
        for side, text in enumerate(usual):
            own = text.replace("192.0.2.10", f"192.0.{number + 3}.10").replace("weight 2", f"weight {number + 2}")
            own += "".join(TEXT.replace("VI_1", f"VI_{more}").replace("51", f"{60 + more}") for more in range(2, 5))
            pair.append({"node": f"lb{2 * number + side}", "content": own})
        yield pair


def test_100_files_take_less_than_10_seconds():
    pairs = list(hundred())
    begin = time.process_time()
    apart = [(pair[1]["node"], lint_result(pair)) for pair in pairs]
    together = lint_result([each for pair in pairs for each in pair])
    taken = time.process_time() - begin
    assert all(("KA101", second) in rules(result) for second, result in apart)
    assert together["counts"]["E"] > 50
    assert taken < 10
    print(f"100 files, once as 50 pairs and once as one cluster: {taken:.2f} s")


def test_what_is_written_as_data_is_what_is_not_there_to_be_read():
    result = lint_result([], raises=False, sarif=True)
    assert set(lint_data(result)) == set(result) - {"refused", "sarif", "says", "text"}
