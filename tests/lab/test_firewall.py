"""A firewall with policy drop lets VRRP from the peers in, even after its own rules are loaded again."""

import pytest

from lab.playbook import Run

BALANCERS = ("lb1", "lb2")

RULES = """
flush ruleset
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        iif { lo, mgmt0 } accept
        tcp dport { 25, 80, 3306, 8404 } accept
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    }
}
"""


@pytest.fixture
def firewall(lab):
    """Start nftables on both balancers, on the backup first; without our rule both would be active."""
    try:
        for node in BALANCERS:
            lab.run(node, "apt-get -q install -y --no-install-recommends nftables")
            lab.run(node, f"cat >/etc/nftables.conf <<'END'\n{RULES}\nEND\nsystemctl start nftables")
        yield
    finally:
        for node in BALANCERS:
            lab.run(node, "systemctl disable --now nftables; nft flush ruleset; rm -f /etc/nftables.conf", check=False)


@pytest.mark.short
@pytest.mark.usefixtures("firewall")
def test_vrrp_passes_an_active_firewall(lab, cluster):
    assert Run(lab, "site", {}).finish().process.returncode == 0
    for node in BALANCERS:
        lab.run(node, "systemctl restart nftables")
    cluster.wait_whole()
    for node in BALANCERS:
        peer = next(lab.nodes[other].address for other in BALANCERS if other != node)
        rules = lab.run(node, "nft list chain inet filter input").stdout
        assert f'ip saddr {peer} meta l4proto vrrp accept comment "ha_lb VRRP {peer}"' in rules.replace("112", "vrrp")
