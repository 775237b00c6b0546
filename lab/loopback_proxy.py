#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a proxy on loopback, and say what its servers were asked: a program for a node, which needs Python alone.

Its argument is JSON: {command: the proxy's arguments, path: of its configuration, configuration, address: on which it
listens, servers: {port: name}, requests: [{port, source, head}]}. It prints JSON: for every request {status, server,
target, headers: [[name, value]]}, and the last three only where a server was asked.
"""

import contextlib
import http.server
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
from typing import Any, ClassVar

SECONDS = 10.0
HOP = ("connection",)  # between the proxy and its server alone (RFC 9110 §7.6.1)


class Server(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"
    names: ClassVar[dict[int, str]] = {}

    def do_GET(self) -> None:
        """Return it as JSON."""
        headers = sorted([name.lower(), value] for name, value in self.headers.items() if name.lower() not in HOP)
        answer = {"server": self.names[self.connection.getsockname()[1]], "target": self.path, "headers": headers}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Answer until the connection ends, however it does: a proxy resets those of its checks."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def connected(proxy: subprocess.Popen[bytes], where: tuple[str, int], source: str) -> socket.socket:
    """Connect, as soon as the proxy listens."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(where, SECONDS, (source, 0))
        except ConnectionRefusedError:
            if proxy.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def asked(client: socket.socket, head: str) -> dict[str, Any]:
    """Send a request, and return what came of it."""
    with client:
        client.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    line, _, rest = answer.partition(b"\r\n")
    body = rest.partition(b"\r\n\r\n")[2]
    return {"status": int(line.split()[1]), **(json.loads(body) if body.startswith(b"{") else {})}


def main() -> None:
    """Put every request to the proxy, in order."""
    given = json.loads(sys.argv[1])
    Server.names = {int(port): name for port, name in given["servers"].items()}
    for port in Server.names:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    pathlib.Path(given["path"]).write_text(given["configuration"], encoding="utf-8")
    with subprocess.Popen(given["command"], stdout=subprocess.DEVNULL) as proxy:
        try:
            answers = [
                asked(connected(proxy, (given["address"], each["port"]), each["source"]), each["head"])
                for each in given["requests"]
            ]
        finally:
            proxy.terminate()
            pathlib.Path(given["path"]).unlink()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
