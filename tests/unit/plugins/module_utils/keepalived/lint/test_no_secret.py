# SPDX-License-Identifier: GPL-3.0-or-later
"""No finding of the linter shows a secret of the configurations that it reads."""

from __future__ import annotations

import json

import pytest
from keepalived_secrets import BLOCKS, LINES, OTHER_LINES
from module_utils.keepalived.lint.result import lint_result

INSTANCE = "vrrp_instance web {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress {\n192.0.2.10\n}\n}\n"
PROXY = "global\nsetenv TOKEN s3cret\nfrontend a\nbind *:80\nstats auth a:s3cret\nserver a 192.0.2.1:80 cookie s3cret\n"


def said(*texts, **facts):
    """Return everything that the linter says of these configurations, as text."""
    configs = [
        {"node": f"lb{number}", "path": "keepalived.conf", "content": text, "facts": facts}
        for number, text in enumerate(texts, start=1)
    ]
    return json.dumps(lint_result(configs, sarif=True), default=str)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("line", [*LINES, *OTHER_LINES])
def test_no_finding_shows_a_secret(line, block):
    text = INSTANCE + block.format(line)
    for other in (INSTANCE, text.replace("s3cret", "an0ther")):
        found = said(text, other)
        assert "s3cret" not in found
        assert "an0ther" not in found


def test_no_finding_about_a_proxy_shows_a_secret():
    nginx = "http { server { listen 80; proxy_set_header Authorization s3cret; location /s3cret {} } }"
    assert "s3cret" not in said(INSTANCE, INSTANCE, haproxy_cfg=PROXY, nginx_conf=nginx)
