# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a host, from a folder as its root directory and canned output of commands."""

from __future__ import annotations

import json
import os

import pytest
from configurations import node
from module_utils.basics.errors import HaLbError
from module_utils.keepalived.lint.host_facts import configuration_of_host, host_facts

TEXT = """\
vrrp_script chk {
    script "/usr/local/bin/check"
    user nobody
}
vrrp_script other {
    script "killall -0 haproxy"
}
vrrp_instance VI_1 {
    interface eth0.5
    virtual_router_id 7
}
"""
LINKS = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
    {
        "ifname": "eth0.5",
        "addr_info": [
            {"family": "inet", "local": "192.0.2.11", "prefixlen": 24, "scope": "global"},
            {"family": "inet", "local": "192.0.2.10", "prefixlen": 24, "scope": "global"},
            {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
            {"family": "inet6", "local": "2001:db8::11", "prefixlen": 64, "scope": "global"},
        ],
    },
]
ANSWERS = {
    "keepalived --version": (0, "", "Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C) 2001-2022\n"),
    # As dpkg-query says it where one package is not known to it, and one was removed
    "dpkg-query --show --showformat=${Package} ${db:Status-Status} ${Version}\\n keepalived haproxy nginx": (
        1,
        "haproxy installed 2.6.12-1+deb12u2\nnginx config-files 1.22.1-9\n",
        "dpkg-query: no packages found matching keepalived\n",
    ),
    "ip -json addr": (0, json.dumps(LINKS), ""),
    "nft list ruleset": (0, "table inet filter {\n}\n", ""),
    "systemd-detect-virt": (1, "none\n", ""),
    "timedatectl show --property=NTPSynchronized --value": (0, "yes\n", ""),
    "systemctl is-active --quiet systemd-networkd": (0, "", ""),
    "getent passwd root": (0, "root:x:0:0:root:/root:/bin/bash\n", ""),
    "getent passwd nobody": (0, "nobody:x:65534:65534::/:/bin/false\n", ""),
}


def run(command):
    return ANSWERS.get(" ".join(command), (127, "", "not found"))


def silent(command):
    return 127, "", "not found"


@pytest.fixture
def host(tmp_path):
    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("proc/sys/net/ipv4/ip_nonlocal_bind", "1\n")
    write("proc/sys/net/ipv4/conf/eth0.5/proxy_arp", "1\n")
    write("etc/netplan/50-lan.yaml", "addresses: [192.0.2.11/24, 2001:db8::11/64]\n# 192.0.2.99\n")
    write("etc/haproxy/haproxy.cfg", "global\n    maxconn 10\n")
    write("etc/nginx/nginx.conf", "http {\n}\n")
    write("etc/nginx/conf.d/web.conf", "server {\n    listen 80;\n}\n")
    write("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n')
    write("usr/bin/killall", "\x7fELF")
    (tmp_path / "usr/bin/killall").chmod(0o755)
    return write, tmp_path


def test_a_guard_that_runs(tmp_path):
    def guarded(command):
        return (0, "", "") if command[-1] == "ha_lb-guard" else run(command)

    assert host_facts(node("lb1", TEXT), guarded, tmp_path)["guarded"] is True


def test_all_facts(host):
    _write, root = host
    facts = host_facts(node("lb1", TEXT), run, root)
    assert facts == {
        "hostname": os.uname().nodename,
        "keepalived_version": "2.2.7",
        "packages": {"haproxy": "2.6.12-1+deb12u2"},
        "distribution": "debian 12",
        "interfaces": [
            {"name": "lo", "addresses": ["127.0.0.1/8"], "own": ["127.0.0.1"]},
            {
                "name": "eth0.5",
                "addresses": ["192.0.2.11/24", "192.0.2.10/24", "2001:db8::11/64"],
                "own": ["192.0.2.11"],
            },
        ],
        "sysctls": {"net.ipv4.ip_nonlocal_bind": "1", "net.ipv4.conf.eth0.5.proxy_arp": "1"},
        "firewall": "table inet filter {\n}\n",
        "virtualization": "none",
        "cloud": "",
        "time_synchronised": True,
        "network_services": ["systemd-networkd"],
        "guarded": False,
        "keeps_addresses": False,
        "configured_addresses": {
            "192.0.2.11": "/etc/netplan/50-lan.yaml",
            "2001:db8::11": "/etc/netplan/50-lan.yaml",
        },
        "haproxy_cfg": "global\n    maxconn 10\n",
        "nginx_conf": "http {\n}\nserver {\n    listen 80;\n}\n",
        "real_servers": {},
        "users": ["nobody", "root"],
        "files": {"/usr/local/bin/check": {"exists": False, "executable": False, "shebang": False, "writable_by": ""}},
        "commands": {"killall": "/usr/bin/killall"},
    }


def test_unknown_facts_are_left_out(tmp_path):
    facts = host_facts(node("lb1", TEXT), silent, tmp_path)
    assert not {"keepalived_version", "interfaces", "firewall", "virtualization", "time_synchronised"} & set(facts)
    assert not {"haproxy_cfg", "nginx_conf", "initial_namespaces"} & set(facts)
    assert (facts["users"], facts["sysctls"], facts["configured_addresses"]) == ([], {}, {})


@pytest.mark.parametrize("printed", ["", "[5]", '[{"ifname": "eth0"}]', "{"])
def test_unreadable_interfaces_are_left_out(printed, tmp_path):
    facts = host_facts(node("lb1", TEXT), lambda command: (0, printed, ""), tmp_path)
    assert "interfaces" not in facts


@pytest.mark.parametrize(
    ("file", "text", "cloud"),
    [
        ("sys_vendor", "Amazon EC2\n", "amazon"),
        ("sys_vendor", "QEMU\n", ""),
        ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n", "azure"),
        ("chassis_asset_tag", "OracleCloud.com\n", "oracle"),
    ],
)
def test_clouds(host, file, text, cloud):
    write, root = host
    write(f"sys/class/dmi/id/{file}", text)
    assert host_facts(node("lb1", TEXT), run, root)["cloud"] == cloud


@pytest.mark.parametrize(("said", "keeps"), [("yes", True), ("static", True), ("no", False), ("dhcp", False)])
def test_keep_configuration_of_networkd(host, said, keeps):
    write, root = host
    write("etc/systemd/network/10-lan.network", f"[Network]\nKeepConfiguration={said}\n")
    assert host_facts(node("lb1", TEXT), run, root)["keeps_addresses"] is keeps


@pytest.mark.parametrize(
    ("user", "net", "initial"),
    [
        ("user:[4026531837]", "net:[1]", True),
        ("user:[4026532837]", "net:[1]", False),
        ("user:[4026531837]", "net:[2]", False),
    ],
)
def test_namespaces(tmp_path, user, net, initial):
    links = {"self/ns/user": user, "self/ns/pid": "pid:[4026531836]", "self/ns/net": net, "1/ns/net": "net:[1]"}
    for path, target in links.items():
        (tmp_path / "proc" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "proc" / path).symlink_to(target)
    assert host_facts(node("lb1", TEXT), run, tmp_path)["initial_namespaces"] is initial


def test_a_director_leaves_real_servers_out(tmp_path):
    assert "real_servers" not in host_facts(node("lb1", "virtual_server 192.0.2.10 80 {\n}\n"), run, tmp_path)


def test_the_configuration_with_its_includes(tmp_path):
    (tmp_path / "keepalived.conf").write_text("include part.conf\n")
    (tmp_path / "part.conf").write_text(TEXT)
    config = configuration_of_host("lb1", tmp_path / "keepalived.conf", run)
    assert (config["node"], config["path"]) == ("lb1", str(tmp_path / "keepalived.conf"))
    assert config["content"] == "include part.conf\n"
    assert config["included"] == [
        {"by": config["path"], "pattern": "part.conf", "path": str(tmp_path / "part.conf"), "content": TEXT}
    ]
    assert "/usr/local/bin/check" in config["facts"]["files"]


def test_a_missing_configuration(tmp_path):
    with pytest.raises(HaLbError, match=r"keepalived.conf: cannot be read: No such file or directory"):
        configuration_of_host("lb1", tmp_path / "keepalived.conf", run)
