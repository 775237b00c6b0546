# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver of messages that behaves as it is told, for tests: HTTP on port 18080, SMTP on port 18025.

It runs in a node, in the directory that is its argument: it appends what it gets to `got`, a line of JSON each, and
does what `mode` says: `take`, `hang`, `refuse` (for ever) or `later`.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTTP_PORT, SMTP_PORT = 18080, 18025
STATUS = {"take": 204, "refuse": 403, "later": 503}
SMTP_SAYS = {"take": b"250 taken\r\n", "refuse": b"554 never\r\n", "later": b"451 later\r\n"}
POLL_SECONDS = 0.05


def mode(directory: Path) -> str:
    """Return what to do, once it is not to hang any more."""
    while (said := (directory / "mode").read_text().strip()) == "hang":
        time.sleep(POLL_SECONDS)
    return said


def note(directory: Path, got: dict[str, object]) -> None:
    """Write down what came, and when."""
    with (directory / "got").open("a") as file:
        file.write(json.dumps({**got, "at": time.time()}) + "\n")


class Http(BaseHTTPRequestHandler):
    """A web hook."""

    directory: Path

    def do_POST(self) -> None:
        """Take a message, or not; /always takes each."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 204 if self.path == "/always" else STATUS[mode(self.directory)]
        if status == 204:
            note(self.directory, {"path": self.path, **body})
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as is needed to refuse a letter."""

    directory: Path

    def handle(self) -> None:
        """Speak with one client."""
        self.wfile.write(b"220 receiver\r\n")
        for line in self.rfile:
            verb = line[:4].strip().upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                said = mode(self.directory)
                if said == "take":
                    note(self.directory, {"path": "smtp", "letter": letter.decode()})
                self.wfile.write(SMTP_SAYS[said])
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    """A thread for each client."""

    allow_reuse_address = daemon_threads = True


def main() -> None:
    """Receive for ever."""
    Http.directory = Smtp.directory = Path(sys.argv[1])
    threading.Thread(target=SmtpServer(("0.0.0.0", SMTP_PORT), Smtp).serve_forever, daemon=True).start()
    ThreadingHTTPServer(("0.0.0.0", HTTP_PORT), Http).serve_forever()


if __name__ == "__main__":
    main()
