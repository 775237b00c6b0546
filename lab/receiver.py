# SPDX-License-Identifier: GPL-3.0-or-later
"""A test server for notifications: HTTP on port 18080, SMTP on port 18025.

It runs in a node, in the directory that is its argument. There it appends every message to the file `got`, one line of
JSON each. The file `mode` tells it to `take`, `hang`, `refuse` (permanently) or `later` (temporarily); `pem` has its
certificate and key.
"""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTTP_PORT, SMTP_PORT = 18080, 18025
STATUS = {"take": 204, "refuse": 403, "later": 503}
SMTP_SAYS = {"take": b"250 taken\r\n", "refuse": b"554 never\r\n", "later": b"451 later\r\n"}
ANSWERS = {b"EHLO": b"250-receiver\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", b"QUIT": b"221 bye\r\n"}
POLL_SECONDS = 0.05


def mode(directory: Path) -> str:
    """Return the mode; wait while it is `hang`."""
    while (wanted := (directory / "mode").read_text().strip()) == "hang":
        time.sleep(POLL_SECONDS)
    return wanted


def note(directory: Path, got: dict[str, object]) -> None:
    """Append a message with its time to `got`."""
    with (directory / "got").open("a") as file:
        file.write(json.dumps({**got, "at": time.time()}) + "\n")


class Http(BaseHTTPRequestHandler):
    """The HTTP side, a web hook."""

    directory: Path

    def do_POST(self) -> None:
        """Answer as `mode` says; accept every message at /always."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 204 if self.path == "/always" else STATUS[mode(self.directory)]
        if status == 204:
            note(self.directory, {"path": self.path, **body})
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print no access log."""


class Smtp(socketserver.StreamRequestHandler):
    """The SMTP side: as much of RFC 5321 as a client needs, with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954)."""

    directory: Path
    user = ""

    def handle(self) -> None:
        """Serve one client."""
        self.wfile.write(b"220 receiver\r\n")
        while line := self.rfile.readline():
            verb, _, rest = line.strip().partition(b" ")
            if verb.upper() == b"DATA":
                self.take()
            elif verb.upper() == b"STARTTLS":
                self.encrypt()
            elif verb.upper() == b"AUTH":
                login = base64.b64decode(rest.partition(b" ")[2]).decode().split("\0")
                self.user = login[1] if login[2] == (self.directory / "password").read_text() else ""
                self.wfile.write(b"235 welcome\r\n" if self.user else b"535 who are you\r\n")
            else:
                self.wfile.write(ANSWERS.get(verb.upper(), b"250 ok\r\n"))

    def encrypt(self) -> None:
        """Switch to TLS."""
        self.wfile.write(b"220 go on\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.directory / "pem")
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def take(self) -> None:
        """Receive a letter, and answer as `mode` says."""
        self.wfile.write(b"354 go on\r\n")
        letter = b"".join(iter(self.rfile.readline, b".\r\n"))
        wanted = mode(self.directory)
        if wanted == "take":
            secure = isinstance(self.request, ssl.SSLSocket)
            note(self.directory, {"path": "smtp", "letter": letter.decode(), "tls": secure, "user": self.user})
        self.wfile.write(SMTP_SAYS[wanted])


class SmtpServer(socketserver.ThreadingTCPServer):
    """One thread per client."""

    allow_reuse_address = daemon_threads = True


def main() -> None:
    """Serve until killed."""
    Http.directory = Smtp.directory = Path(sys.argv[1])
    threading.Thread(target=SmtpServer(("0.0.0.0", SMTP_PORT), Smtp).serve_forever, daemon=True).start()
    ThreadingHTTPServer(("0.0.0.0", HTTP_PORT), Http).serve_forever()


if __name__ == "__main__":
    main()
