# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kernel 6.1 with ipvsadm 1.31 has printed (tests/fixtures/ipvs), what else they may, and garbage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_utils.basics.errors import HaLbError
from module_utils.engines.lvs.ipvsadm import (
    counting,
    read_counted,
    read_daemons,
    read_entries,
    read_saved,
    read_statistics,
)
from module_utils.engines.lvs.table import Rates, Server, Service

FIXTURES = Path(__file__).parents[5] / "fixtures/ipvs"
SAVED = (FIXTURES / "saved").read_text()


def printed(name):
    return (FIXTURES / name).read_text()


def by_name(services):
    return {each.name: each for each in services}


def test_a_whole_table_is_read():
    services = by_name(read_saved(SAVED))
    assert list(services) == [
        "tcp 192.0.2.10:21",
        "tcp 192.0.2.10:80",
        "tcp 192.0.2.12:8080",
        "tcp 198.51.100.1:0",
        "udp 192.0.2.10:53",
        "udp 192.0.2.10:123",
        "tcp [2001:db8::10]:80",
        "mark 7 (ipv4)",
        "mark 8 (ipv6)",
    ]
    assert services["tcp 192.0.2.10:80"] == Service(
        "tcp", "192.0.2.10", 80, scheduler="wrr", persistence_seconds=60, netmask=24,
        servers=(Server("192.0.2.21", 80, weight=3), Server("192.0.2.22", 80)),
    )  # fmt: skip
    assert services["tcp [2001:db8::10]:80"].flags == ("mh-fallback", "mh-port")
    assert services["udp 192.0.2.10:53"].one_packet
    assert services["tcp 192.0.2.10:21"].engine == "sip"
    assert services["tcp 192.0.2.12:8080"].servers[1] == Server("192.0.2.22", 8080, "nat", 0)
    assert services["mark 7 (ipv4)"].servers == (
        Server("192.0.2.21", 0, "tunnel", 2, "gue", 6080),
        Server("192.0.2.22", 0, "tunnel", 1, "gre"),
    )
    assert services["mark 8 (ipv6)"] == Service(
        "mark", mark=8, family="ipv6", scheduler="sed", persistence_seconds=300, netmask=64,
        servers=(Server("2001:db8::21", 0, "tunnel", 1, "ipip"),),
    )  # fmt: skip


def test_what_is_counted_comes_to_its_server():
    rates, connections = read_counted(printed("rates"), 5), read_counted(printed("connections"), 4)
    services = by_name(counting(read_saved(SAVED), connections, rates))
    first, second = services["tcp 192.0.2.10:80"].servers
    assert (first.active, first.persistent, second.active, second.persistent) == (0, 0, 2, 1)
    assert second.rates == services["tcp 192.0.2.10:80"].rates == Rates(bytes_in=20)
    assert [each.active for each in services["tcp [2001:db8::10]:80"].servers] == [1, 1]


def test_a_table_that_has_changed_between_two_looks_counts_nothing():
    bare = [replace(each, servers=(*each.servers, Server("192.0.2.99", 1))) for each in read_saved(SAVED)]
    assert counting(bare, {}, {}) == bare


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("-A -f -1 -s fo", Service("mark", mark=2**32 - 1, scheduler="fo")),
        ("-A --sctp-service 192.0.2.10:9 -s ovf", Service("sctp", "192.0.2.10", 9, scheduler="ovf")),
        (
            "-A -u 192.0.2.10:53 -s rr -p 10 -o",
            Service("udp", "192.0.2.10", 53, scheduler="rr", persistence_seconds=10, one_packet=True),
        ),
        (
            "-A -t 192.0.2.10:82 -s rr -b flag-3,flag-1",
            Service("tcp", "192.0.2.10", 82, scheduler="rr", flags=("flag-1", "flag-3")),
        ),
    ],
)
def test_a_service_of_any_kind_is_read(line, service):
    assert read_saved(line) == [service]


def test_a_server_of_another_family_behind_a_tunnel_is_read():
    (service,) = read_saved(
        "-A -u 192.0.2.10:53 -s rr\n"
        "-a -u 192.0.2.10:53 -r 192.0.2.50:53 -i -w 1 --tun-type gue --tun-port 5555 --tun-remcsum\n"
        "-a -u 192.0.2.10:53 -r [2001:db8::21]:53 -i -w 1 --tun-type ipip\n"
    )
    assert [each.name for each in service.servers] == ["192.0.2.50:53", "[2001:db8::21]:53"]


def test_numbers_that_are_rounded_are_read():
    text = "FWM  8 IPv6    12K     3M   100000K     2G   1T\n  -> 192.0.2.21:80   0 0 0 0 99999999\n"
    assert read_counted(text, 5) == {
        ("mark 8 (ipv6)", ""): [12_000, 3_000_000, 100_000_000, 2 * 10**9, 10**12],
        ("mark 8 (ipv6)", "192.0.2.21:80"): [0, 0, 0, 0, 99999999],
    }


def test_both_daemons_are_read_and_none():
    shared = {"interface": "eth0", "sync_id": 51, "group": "224.0.0.81", "port": 8848}
    assert read_daemons(printed("daemon")) == [{"way": "sends", **shared}, {"way": "receives", **shared}]
    assert read_daemons("") == []


def test_statistics_are_hexadecimal():
    assert read_statistics(printed("ip_vs_stats")) == {
        "totals": {"connections": 6, "packets_in": 15, "packets_out": 0, "bytes_in": 956, "bytes_out": 0},
        "rates": {"connections": 1, "packets_in": 2, "packets_out": 0, "bytes_in": 104, "bytes_out": 0},
    }


def test_entries_are_counted():
    lines = printed("ip_vs_conn_sync").splitlines()
    assert read_entries(lines) == {"all": 7, "synced": 0, "persistent": 1}
    assert read_entries(each.replace("LOCAL", "SYNC ") for each in lines)["synced"] == 7
    assert read_entries(lines[:1]) == {"all": 0, "synced": 0, "persistent": 0}


READERS = [
    read_saved,
    read_daemons,
    read_statistics,
    lambda text: read_counted(text, 5),
    lambda text: read_counted(text, 4),
    lambda text: read_entries(text.splitlines()),
]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_saved, "-A -t 192.0.2.300:80 -s rr"),
        (read_saved, "-A -t 192.0.2.10:99999 -s rr"),
        (read_saved, "-A -t 192.0.2.10:80 -s"),
        (read_saved, "-A -s rr"),
        (read_saved, "-A -t 192.0.2.10:80 -u 192.0.2.10:80 -s rr"),
        (read_saved, "-a -t 192.0.2.10:80 -r 192.0.2.21:80 -g -w 1"),
        (read_saved, "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 192.0.2.21:80 -w 1"),
        (read_saved, "-D -t 192.0.2.10:80"),
        (read_saved, "-A -t 192.0.2.10:80 -s rr -p many"),
        (read_saved, "-A -t 192.0.2.10:80 -s rr -M 255.0.255.0"),
        (READERS[3], "  -> 192.0.2.21:80  0 0 0 0"),
        (READERS[3], "ICMP 192.0.2.10:80  0 0 0 0 0"),
        (read_daemons, "master sync daemon"),
        (read_daemons, "master sync daemon (mcast=eth0)"),
        (read_statistics, ""),
        (read_statistics, "a\nb\n1 2 3\nc\n1 2 3\n"),
        (READERS[5], "TCP C0000232"),
    ],
)
def test_what_nobody_prints_is_refused_in_one_line(read, text):
    with pytest.raises(HaLbError) as refused:
        read(text)
    assert len(str(refused.value).splitlines()) == 1


WORDS = st.sampled_from(
    [*SAVED.split(), *printed("rates").split(), *printed("daemon").split(), "->", "\n", "-1", "[", "K", "１"]
)


@pytest.mark.parametrize("read", READERS)
@given(text=st.text(max_size=60) | st.lists(WORDS, max_size=24).map(" ".join))
def test_garbage_is_refused_or_read_and_nothing_else(read, text):
    try:
        read(text)
    except HaLbError as error:
        assert str(error).isprintable()
