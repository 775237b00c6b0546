# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from module_utils.keepalived.language import grammar_global, grammar_lvs, grammar_vrrp
from module_utils.keepalived.language.keywords import BLOCKS, LINES, TOP, find, inside, since

KINDS = {"word", "address", "service", "bool", "choice", "number", "command"}
TABLES = {**grammar_global.BLOCKS, **grammar_vrrp.BLOCKS, **grammar_lvs.BLOCKS}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_line_of_the_tables_is_valid(block):
    for known in BLOCKS[block].values():
        assert {argument.kind for argument in known.arguments} <= KINDS
        assert all(argument.low < argument.high for argument in known.arguments if argument.kind == "number")
        assert known.block is None or known.block in BLOCKS or known.block in LINES
        optional = [argument.optional for argument in known.arguments]
        assert optional == sorted(optional)


@pytest.mark.parametrize("block", TABLES)
def test_keywords_of_a_table_are_unique(block):
    names = [name for line in TABLES[block].split("\n") if line for name in line.split()[0].split("|")]
    assert len(names) == len(set(names))


def test_every_table_is_used():
    reached = {known.block for table in BLOCKS.values() for known in table.values()}
    assert {*BLOCKS, *LINES} - reached == {TOP}


@pytest.mark.parametrize(
    ("block", "keyword", "expected"),
    [
        (TOP, "track_file", (2, 1, 0)),
        ("global_defs", "reload_check_config", (2, 2, 0)),
        ("global_defs", "json_version", (2, 2, 8)),
        ("global_defs", "vrrp_delay_after_boot", (2, 4, 0)),
        ("vrrp_instance", "track_process", (2, 0, 11)),
        ("vrrp_instance", "auth_hmac", (2, 4, 0)),
        ("vrrp_instance", "owner_ignore_adverts", (2, 3, 3)),
        ("real_server", "UDP_CHECK", (2, 1, 0)),
        ("vrrp_instance", "priority", None),
        ("vrrp_instance", "nonsense", None),
        ("nonsense", "priority", None),
    ],
)
def test_first_version_of_a_keyword(block, keyword, expected):
    assert since(block, keyword) == expected


def test_synonyms_are_one_keyword():
    assert find("virtual_server", "lvs_sched") == find("virtual_server", "lb_algo")
    assert find("bfd_instance", "neighbour_ip").name == "neighbor_ip"


@pytest.mark.parametrize(
    ("block", "keyword", "expected"),
    [
        (TOP, "vrrp_instance", "vrrp_instance"),
        ("vrrp_instance", "vrrp_script", "vrrp_script"),
        ("vrrp_instance", "track_file", "tracked"),
        (TOP, "track_file", "track_file"),
        ("SSL_GET", "url", "SSL_GET_url"),
        ("vrrp_instance", "nonsense", None),
        (None, "vrrp_instance", "vrrp_instance"),
    ],
)
def test_table_of_a_block(block, keyword, expected):
    assert inside(block, keyword) == expected
