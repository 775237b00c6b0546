# SPDX-License-Identifier: GPL-3.0-or-later
"""Handing one message to one receiver, and what came of it: delivered, later, or never."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import smtplib
import ssl
import subprocess
from email.message import EmailMessage
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple, Type
from urllib.parse import urlsplit

from ..config import Channel, Command, Mail, Webhook
from .message import as_environment, as_form, as_json

PATIENCE_SECONDS = 10.0
LATER_STATUS = (408, 425, 429)  # RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4
MOST_SAID = 200


class Outcome(NamedTuple):
    """What came of it; `problem` is empty when it was delivered, and `final` means that trying again is of no use."""

    problem: str = ""
    final: bool = False


DELIVERED = Outcome()


def deliver(channel: Channel, message: Mapping[str, Any]) -> Outcome:
    """Hand it over; whatever goes wrong is in the outcome."""
    hand_over: Dict[Type[Any], Callable[[Any, Mapping[str, Any]], Outcome]] = {
        Mail: _mail,
        Webhook: _request,
        Command: _command,
    }
    try:
        return hand_over[type(channel)](channel, message)
    except (OSError, ValueError, http.client.HTTPException, smtplib.SMTPException) as error:
        return Outcome(said(getattr(error, "strerror", None) or str(error) or type(error).__name__))


def said(text: object) -> str:
    """Return what a stranger said as a short line."""
    return " ".join(str(text).split())[:MOST_SAID]


def letter(mail: Mail, message: Mapping[str, Any]) -> EmailMessage:
    """Write the mail; its Message-ID is the same each time it is tried, so that a reader can tell."""
    made = EmailMessage()
    made["Subject"] = f"[{message['cluster']}] {message['subject']}"
    made["From"], made["To"] = mail.sender, ", ".join(mail.to)
    made["Message-ID"] = f"<{message['id']}@{mail.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no answer from someone on holiday
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
        refused = server.send_message(letter(mail, message), mail.sender, list(mail.to))
        with contextlib.suppress(OSError, smtplib.SMTPException):  # it is delivered, whatever comes of the goodbye
            server.quit()
        return Outcome(_refusals(refused)[0], True) if refused else DELIVERED
    except smtplib.SMTPRecipientsRefused as error:
        problem, code = _refusals(error.recipients)
        return Outcome(problem, code >= 500)
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return Outcome(said(f"{error.smtp_code} {text}"), error.smtp_code >= 500)
    finally:
        server.close()


def _refusals(recipients: Mapping[str, Tuple[int, bytes]]) -> Tuple[str, int]:
    """Say who was refused, with the mildest code: when all but one are for ever, that one is worth another try."""
    parts = [f"{who}: {code} {text.decode(errors='replace')}" for who, (code, text) in recipients.items()]
    return said("; ".join(parts)), min(code for code, _text in recipients.values())


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
    """Return what an HTTP status means for the message; a redirection is a mistake in the configuration."""
    if 200 <= status < 300:
        return DELIVERED
    return Outcome(f"HTTP {status}", status < 500 and status not in LATER_STATUS)


def _command(command: Command, message: Mapping[str, Any]) -> Outcome:
    """Run it in a session of its own, so that nothing of it is left when its time is over."""
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
    return Outcome(said(f"status {process.returncode} {err.decode(errors='replace')}"))
