# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery of one message to one receiver, and its outcome: delivered, to be retried, or refused for good.

As a program, it reads a channel and a message as JSON, and prints the outcome as JSON.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import smtplib
import ssl
import subprocess
import sys
from email.message import EmailMessage
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type
from urllib.parse import urlsplit

from ...basics.discreet import without
from ..config import Channel, Command, Mail, Webhook, read_channel
from .errand import DELIVERED, Outcome
from .filling import as_environment, as_form, as_json
from .message import one_line

PATIENCE_SECONDS = 10.0
LATER_STATUS = (408, 425, 429)  # RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4
MOST_LETTERS = 200  # of a receiver's error message


def deliver(channel: Channel, message: Mapping[str, Any]) -> Outcome:
    """Deliver a message; every error is in the outcome, and none quotes a secret of the channel."""
    problem, final = _handed_over(channel, message)
    return Outcome(without(problem, secrets_of(channel)), final)


def _handed_over(channel: Channel, message: Mapping[str, Any]) -> Outcome:
    """Return the outcome; what cannot become a message is final.

    A certificate that is not accepted is a ValueError too, but one of the receiver's.
    """
    hand_over: Dict[Type[Any], Callable[[Any, Mapping[str, Any]], Outcome]] = {
        Mail: _mail,
        Webhook: _request,
        Command: _command,
    }
    try:
        return hand_over[type(channel)](channel, message)
    except (OSError, http.client.HTTPException, ValueError) as error:
        final = isinstance(error, (ValueError, http.client.InvalidURL)) and not isinstance(error, OSError)
        return Outcome(short_line(getattr(error, "strerror", None) or str(error) or type(error).__name__), final)


def secrets_of(channel: Channel) -> List[str]:
    """Return the texts of a channel that nobody is to read: also the arguments of a command, which may have a token."""
    if isinstance(channel, Mail):
        return [channel.password]
    if isinstance(channel, Command):
        return list(channel.argv[1:])
    parts = urlsplit(channel.url)
    before_host = parts.netloc.rpartition("@")[0]
    return [before_host, parts.path, parts.query, *_texts([channel.headers, channel.body, channel.form])]


def _texts(value: Any) -> List[str]:
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def short_line(text: object) -> str:
    """Return a receiver's text as one short line."""
    return " ".join(str(text).split())[:MOST_LETTERS]


def mail_of(mail: Mail, message: Mapping[str, Any]) -> EmailMessage:
    """Return the mail; its Message-ID is the same in every attempt, so that a duplicate can be recognised."""
    made = EmailMessage()
    made["Subject"] = one_line(f"[{message['cluster']}] {message['subject']}")
    made["From"], made["To"] = mail.sender, ", ".join(mail.to)
    made["Message-ID"] = f"<{message['id']}@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no automatic reply, such as an absence note
    made.set_content(message["text"])
    return made


def _mail(mail: Mail, message: Mapping[str, Any]) -> Outcome:
    context = ssl.create_default_context(cafile=mail.ca_file or None)
    if mail.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.server, mail.port, timeout=PATIENCE_SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.server, mail.port, timeout=PATIENCE_SECONDS)
    try:
        if mail.tls == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password)
        refused = server.send_message(mail_of(mail, message), mail.sender, list(mail.to))
        with contextlib.suppress(OSError, smtplib.SMTPException):  # it is delivered, even if QUIT fails
            server.quit()
        return Outcome(_refusals(refused)[0], True) if refused else DELIVERED
    except smtplib.SMTPRecipientsRefused as error:
        problem, code = _refusals(error.recipients)
        return Outcome(problem, code >= 500)
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return Outcome(short_line(f"{error.smtp_code} {text}"), error.smtp_code >= 500)
    finally:
        server.close()


def _refusals(recipients: Mapping[str, Tuple[int, bytes]]) -> Tuple[str, int]:
    """Return the refused recipients, and the lowest code: one refusal that is temporary (4xx) is worth a retry."""
    parts = [f"{who}: {code} {text.decode(errors='replace')}" for who, (code, text) in recipients.items()]
    return short_line("; ".join(parts)), min(code for code, _text in recipients.values())


def request_of(hook: Webhook, message: Mapping[str, Any]) -> Tuple[str, Optional[str], Dict[str, str]]:
    """Return the target, the body and the headers of a request."""
    parts = urlsplit(hook.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if hook.form is None:
        body, kind = as_json(hook.body, message), "application/json"
    else:
        body, kind = as_form(hook.form, message), "application/x-www-form-urlencoded"
    headers = {"User-Agent": "evenkeel.ha_lb", "Idempotency-Key": str(message["id"]), "Connection": "close"}
    if hook.method == "GET":
        return f"{target}{'&' if parts.query else '?'}{body}", None, {**headers, **hook.headers}
    return target, body, {**headers, "Content-Type": kind, **hook.headers}


def _request(hook: Webhook, message: Mapping[str, Any]) -> Outcome:
    parts = urlsplit(hook.url)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=hook.ca_file or None)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    try:
        target, body, headers = request_of(hook, message)
        connection.request(hook.method, target, None if body is None else body.encode(), headers)
        return judged(connection.getresponse().status)
    finally:
        connection.close()


def judged(status: int) -> Outcome:
    """Return the outcome of an HTTP status; a redirection is final, because the configured URL is wrong."""
    if 200 <= status < 300:
        return DELIVERED
    return Outcome(f"HTTP {status}", status < 500 and status not in LATER_STATUS)


def _command(command: Command, message: Mapping[str, Any]) -> Outcome:
    """Run a command in its own session, so that all its processes can be killed on a timeout."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **as_environment(message)}
    with subprocess.Popen(
        command.argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            err = process.communicate(timeout=command.timeout_seconds)[1]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return Outcome(f"no end within {command.timeout_seconds:g} s")
    if process.returncode == 0:
        return DELIVERED
    return Outcome(short_line(f"status {process.returncode} {err.decode(errors='replace')}"))


def main() -> None:
    """Deliver what is on standard input."""
    given = json.load(sys.stdin)
    sys.stdout.write(json.dumps(deliver(read_channel(given["channel"]), given["message"])) + "\n")
    sys.stdout.flush()
    os._exit(0)  # at once: it is delivered, and would be again if the notifier died before it knows


if __name__ == "__main__":
    main()
