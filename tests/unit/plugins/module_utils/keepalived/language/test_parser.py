# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import KEEPALIVED
from module_utils.basics.errors import HaLbError
from module_utils.keepalived.language import parser
from module_utils.keepalived.language.parser import parse, read_file, read_includes
from rendering import render

FIXTURES = sorted((Path(__file__).parents[5] / "fixtures/keepalived").glob("*.conf"))


def shape(directives):
    """Return a tree without its places."""
    return [
        (directive.keyword, *directive.arguments, *([] if directive.block is None else [shape(directive.block)]))
        for directive in directives
    ]


def problems(text, **options):
    return [(problem.place.line, problem.kind, problem.message) for problem in parse(text, **options).problems]


def instance(text):
    return f"vrrp_instance a {{\n{text}\n}}"


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_have_no_problems(path):
    assert parse(path.read_text(), path.name, config_id="lb1").problems == ()


@pytest.mark.parametrize("given", KEEPALIVED.values(), ids=KEEPALIVED.keys())
def test_the_role_s_output_has_no_problems(given):
    assert parse(render("keepalived", "keepalived.conf.j2", **given)).problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nothing\n\n", []),
        ("use_pid_dir", [("use_pid_dir",)]),
        ("vrrp_instance a {\n}", [("vrrp_instance", "a", [])]),
        ("vrrp_instance a\n\n{ }", [("vrrp_instance", "a", [])]),
        ('vrrp_instance "a b"{priority 1}', [("vrrp_instance", "a b", [("priority", "1")])]),
        ("vrrp_instance a { priority 1 } use_pid_dir", [("vrrp_instance", "a", [("priority", "1")]), ("use_pid_dir",)]),
        ("static_routes { a {b} c }", [("static_routes", [("a", [("b",)]), ("c",)])]),
        ("made { up { of } words }", [("made", [("up", [("of",)]), ("words",)])]),
        ("vrrp_instance a {\npriority 1 {\nx\n}\n}", [("vrrp_instance", "a", [("priority", "1", [("x",)])])]),
        ("{\nuse_pid_dir\n}", [("use_pid_dir",)]),
        (
            "vrrp_instance a\npriority 1\n}\nuse_pid_dir",
            [("vrrp_instance", "a", [("priority", "1")]), ("use_pid_dir",)],
        ),
    ],
)
def test_trees(text, expected):
    assert shape(parse(text).directives) == expected


def test_places():
    (directive,) = parse('vrrp_instance a {\n  notify "x y" user\n}', "dir/f").directives
    assert directive.block is not None
    assert str(directive.place) == "dir/f:1"
    assert [tuple(word.place) for word in directive.block[0].words] == [
        ("dir/f", 2, 3),
        ("dir/f", 2, 10),
        ("dir/f", 2, 16),
    ]


@pytest.mark.parametrize(
    ("text", "line", "kind", "message"),
    [
        ("vrrp_instanc a", 1, "unknown", "keepalived does not know vrrp_instanc here; did you mean vrrp_instance?"),
        ("qqq a", 1, "unknown", "keepalived does not know qqq here"),
        (
            "qqq {\nx\n}",
            1,
            "unknown",
            "keepalived does not know qqq here; it reads the lines of this block on their own",
        ),
        (
            instance("prority 1"),
            2,
            "unknown",
            "keepalived does not know prority in vrrp_instance; did you mean priority?",
        ),
        (
            instance("trak_script {\nx\n}"),
            2,
            "unknown",
            "keepalived does not know trak_script in vrrp_instance; did you mean track_script? "
            "It takes the } of this block as the end of vrrp_instance",
        ),
        (
            "vrrp_instance a {\npriority 1\nvrrp_instance b {\n}\n}",
            3,
            "unknown",
            "vrrp_instance cannot stand in vrrp_instance: is a } missing before it?",
        ),
        ("vrrp_instance a {", 1, "structure", "the block vrrp_instance is not closed: a } is missing"),
        ("vrrp_instance a {\n}\n}", 3, "structure", "} without a { before it: is a block closed too early?"),
        ("vrrp_instance a\npriority 1\n}", 1, "structure", "vrrp_instance needs a block: a { is missing after it"),
        ("{\n}", 1, "structure", "{ without a keyword before it: keepalived ignores it, but not its }"),
        (
            instance("priority 1 {\n}"),
            2,
            "syntax",
            "priority has no block: keepalived takes the lines of this one as if they stood outside it "
            "and its } as the end of vrrp_instance",
        ),
        (
            "vrrp_instance a {\nunicast_peer {\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n}",
            3,
            "structure",
            "the lines of unicast_peer have no blocks of their own: is a } missing before virtual_ipaddress?",
        ),
        (instance('interface "eth0'), 2, "syntax", "a quote is not closed on this line"),
        (instance("interface"), 2, "syntax", "interface needs a word after it"),
        (instance("interface eth0 eth1"), 2, "syntax", "interface: keepalived ignores eth1"),
        (
            instance("nopreempt off"),
            2,
            "syntax",
            "nopreempt: keepalived ignores off, because nothing can follow this keyword",
        ),
        (
            instance("authentication { auth_type PASS auth_pass secret }"),
            2,
            "syntax",
            "auth_type: keepalived ignores auth_pass, because each keyword needs a line of its own",
        ),
        (instance("interface eth0;"), 2, "syntax", "interface: keepalived takes the ; for a part of eth0;"),
        (instance("track_script { chk; }"), 2, "syntax", "track_script: keepalived takes the ; for a part of chk;"),
        (instance("state ACTIVE"), 2, "syntax", "state: ACTIVE is not MASTER or BACKUP"),
        (instance("priority 256"), 2, "syntax", "priority: 256 is not a number from 1 to 255"),
        (instance("priority 1O0"), 2, "syntax", "priority: 1O0 is not a number from 1 to 255"),
        (instance("advert_int 0.001"), 2, "syntax", "advert_int: 0.001 is not a number from 0.01 to 255"),
        (instance("advert_int 1.0000001"), 2, "syntax", "advert_int: 1.0000001 has more than 6 decimal places"),
        (instance("advert_int ."), 2, "syntax", "advert_int: . is not a number from 0.01 to 255"),
        (instance("unicast_src_ip lb1"), 2, "syntax", "unicast_src_ip: lb1 is not an address"),
        (instance("smtp_alert maybe"), 2, "syntax", "smtp_alert: maybe is neither on, off, true, false, yes nor no"),
        (instance("virtual_ipaddress {\nvip\n}"), 3, "syntax", "virtual_ipaddress: vip is not an address"),
        (
            instance("virtual_ipaddress {\n10.0.0.1/24 dve eth0\n}"),
            3,
            "unknown",
            "virtual_ipaddress: keepalived does not know dve here; did you mean dev?",
        ),
        (
            instance("virtual_ipaddress {\n10.0.0.1/24 dev\n}"),
            3,
            "syntax",
            "virtual_ipaddress: dev needs a word after it",
        ),
        (
            instance("track_script {\na weight 300\n}"),
            3,
            "syntax",
            "track_script: weight: 300 is not a number from -254 to 254",
        ),
        (
            instance("notify a\nnotify b"),
            3,
            "duplicate",
            "notify is already given at keepalived.conf:2: keepalived ignores this one",
        ),
        (
            "vrrp_instance a {\n}\nvrrp_instance a {\n}",
            3,
            "duplicate",
            "vrrp_instance a is already given at keepalived.conf:1: keepalived ignores this one",
        ),
        (
            instance("virtual_ipaddress {\n10.0.0.1/24\n10.0.0.1 dev eth0\n}"),
            4,
            "duplicate",
            "virtual_ipaddress: 10.0.0.1 is already given at keepalived.conf:3: keepalived ignores this one",
        ),
        (instance("virtual_routes {\ndefault via\n}"), 3, "syntax", "virtual_routes: via needs a word after it"),
        ("virtual_server web {\n}", 1, "syntax", "virtual_server: web is not an address, fwmark or group"),
        ("virtual_server_group a {\nlb1 80\n}", 2, "syntax", "virtual_server_group: lb1 is not an address"),
        (
            "virtual_server_group a {\nfwmark x\n}",
            2,
            "syntax",
            "virtual_server_group: fwmark: x is not a number from 0 to 4294967295",
        ),
        ("a\0b", 1, "structure", "keepalived cannot read a line with a NUL character"),
        ("#" + 1100 * "x", 1, "limit", "keepalived cannot read a line of more than 1022 bytes: nothing of it counts"),
    ],
)
def test_problems(text, line, kind, message):
    assert problems(text)[0] == (line, kind, message)


def test_optional_words_of_a_track():
    assert problems(instance("track_script {\na weight 2 reverse\nb weight -2\nc\n}")) == []


def test_all_problems_are_reported_in_order():
    assert [line for line, _kind, _message in problems("a\nb {\nc\n}\n}\nd")] == [1, 2, 5, 6]


def test_the_number_of_problems_is_limited():
    assert len(problems("x\n" * 3000)) == parser.PROBLEMS


def test_the_depth_of_blocks_is_limited():
    depth = 5_000
    tree = parse("a {\n" * depth + "}\n" * depth)
    assert [problem.kind for problem in tree.problems if problem.kind == "limit"] != []
    assert shape(tree.directives)[0][0] == "a"


@given(st.text(alphabet=st.sampled_from(" \n{}\"'\\#!@^$=~(),_aA1\0é") | st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_tree(text):
    for problem in parse(text, config_id="a").problems:
        assert problem.message.isprintable()


def reader(files):
    """Return a reader of these files; any other pattern matches nothing."""
    return lambda pattern, _including: [(pattern, files[pattern])] if pattern in files else []


def test_included_lines_stand_in_place_of_the_include():
    files = {"vips": "virtual_ipaddress {\n10.0.0.1\n}", "end": "}"}
    tree = parse(instance("include vips\npriority 1\ninclude end")[:-2], "main", read=reader(files))
    assert shape(tree.directives) == [
        ("vrrp_instance", "a", [("virtual_ipaddress", [("10.0.0.1",)]), ("priority", "1")])
    ]
    assert str(tree.directives[0].block[0].block[0].place) == "vips:2"
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "files", "message"),
    [
        ("include none", {}, "there is no file none to include; keepalived goes on without it"),
        ("includew *.none", {}, "there is no file *.none to include; keepalived goes on without it"),
        ('include "none"', {}, '"none" cannot be included: keepalived takes the quotes for a part of the name'),
    ],
)
def test_includes_that_are_refused(text, files, message):
    (problem,) = parse(text, "main", read=reader(files)).problems
    assert (problem.kind, problem.message) == ("include", message)


@pytest.mark.parametrize(
    ("text", "files", "name"),
    [("include main", {"main": ""}, "main"), ("include a", {"a": "include b", "b": "include a"}, "a")],
)
def test_endless_includes(text, files, name):
    (problem,) = parse(text, "main", read=reader(files)).problems
    assert (problem.kind, problem.message) == ("limit", f"{name} includes itself; keepalived would never finish")


def test_a_pattern_may_match_no_file():
    assert parse("include *.conf\nincluder {a,b}.conf", read=reader({})).problems == ()


def test_the_depth_of_includes_is_limited():
    tree = parse("include 1", read=lambda pattern, _file: [(pattern, f"include {int(pattern) + 1}")])
    assert [problem.kind for problem in tree.problems] == ["include"]
    assert "files include each other 30 deep" in tree.problems[0].message


def test_unreadable_includes():
    def refuse(pattern, including):
        raise PermissionError(13, "Permission denied")

    assert problems("include x") == [(1, "include", "x cannot be included: only this text is known, no other files")]
    assert problems("include x", read=refuse) == [(1, "include", "x cannot be included: Permission denied")]


def test_includes_on_disk(tmp_path):
    (tmp_path / "conf.d").mkdir()
    for name, text in (("b", "include ../end"), ("a", "vrrp_instance a {"), ("c.off", "x")):
        (tmp_path / "conf.d" / name).write_text(text)
    (tmp_path / "end").write_text("}")
    main = tmp_path / "main"
    main.write_text("include conf.d/[a-b]\ninclude conf.d/{x,c}.off")
    tree = parse(read_file(main), str(main), read=read_includes)
    assert shape(tree.directives) == [("vrrp_instance", "a", []), ("x",)]


def test_unreadable_files(tmp_path):
    with pytest.raises(HaLbError, match="none: cannot be read: No such file or directory"):
        read_file(tmp_path / "none")
    with pytest.raises(HaLbError, match="cannot be read: Is a directory"):
        read_file(tmp_path)
    (tmp_path / "large").write_bytes(b"x" * 4_000_001)
    with pytest.raises(OSError, match="is larger than 4 MB"):
        read_includes("large", os.fspath(tmp_path / "main"))


def test_pipes_and_executables_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HaLbError, match="pipe: cannot be read: it is not a file"):
        read_file(tmp_path / "pipe")
    (tmp_path / "script").write_text("x")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(OSError, match="script: is executable, and keepalived does not read such a file"):
        read_includes("s*", os.fspath(tmp_path / "main"))


def test_invalid_utf_8_is_read(tmp_path):
    (tmp_path / "f").write_bytes(b"a\xff\xfe\0\n")
    assert read_file(tmp_path / "f") == "a\ufffd\ufffd\0\n"
