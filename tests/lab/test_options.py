"""Every variant of VRRP, on both generations of keepalived: site ends with one holder for every VIP."""

import pytest

from lab.playbook import Run

DUAL_STACK = {
    "ha_lb_vips": [
        {"name": "web", "addresses": ["192.168.1.200/24", "2001:db8::200/64"]},
        {"name": "api", "addresses": ["192.168.1.201/24"]},
    ]
}


@pytest.mark.short
@pytest.mark.parametrize(
    "variables",
    [
        pytest.param(
            {"keepalived_vrrp_version": 2, "keepalived_auth_pass": "secret12"},
            id="version 2 with a password",
            marks=pytest.mark.matrix,
        ),
        pytest.param({"keepalived_transport": "multicast"}, id="multicast", marks=pytest.mark.matrix),
        pytest.param({"keepalived_vmac": True}, id="virtual MAC", marks=pytest.mark.matrix),
        pytest.param({"keepalived_preempt": False}, id="no preemption", marks=pytest.mark.matrix),
        pytest.param({"ha_lb_check_port": 9005}, id="another port for health checks"),
        pytest.param({}, id="defaults"),
    ],
)
def test_site_ends_with_one_holder_for_every_vip(lab, variables):
    run = Run(lab, "site", variables).finish()
    assert run.process.returncode == 0, run.output
    assert "secret12" not in run.output


@pytest.mark.short
def test_dual_stack(lab, cluster):
    if not any(":" in address for address in lab.nodes["lb1"].addresses):
        pytest.skip("this lab has no IPv6 on its service network")
    run = Run(lab, "site", DUAL_STACK).finish()
    assert run.process.returncode == 0, run.output
    assert Run(lab, "site", {}).finish().process.returncode == 0
