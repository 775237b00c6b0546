# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a delivery by the receiver's answer."""

from __future__ import annotations

import http.client
import smtplib
import ssl

import pytest
from module_utils.agent.config import Command, Mail, Webhook
from module_utils.agent.notify import delivery
from module_utils.agent.notify.delivery import deliver, judged, mail_of, request_of, secrets_of
from module_utils.agent.notify.errand import DELIVERED, Outcome
from module_utils.agent.notify.message import MessagePlace, change_message
from module_utils.agent.states import StateChange
from module_utils.basics.discreet import without

PLACE = MessagePlace("loadbalancers", "lb2")
MESSAGE = change_message(7, PLACE, StateChange(1_700_000_000.0, "web", "active", "backup", 0.0, 244))
MAIL = Mail("mail", ("ops@example.org", "boss@example.org"), "lb@example.org", "192.0.2.25", 587, "none")
HOOK = Webhook("chat", "https://hooks.example.org/T0?a=b", "POST", {"X-A": "1"})
SHELL = "/bin/sh"


def command(script, seconds=5.0):
    return Command("command", (SHELL, "-c", script), seconds)


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (400, True),
        (401, True),
        (404, True),
        (301, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_judged_status(status, final):
    assert judged(status) == Outcome(f"HTTP {status}", final)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_delivered(status):
    assert judged(status) == DELIVERED


@pytest.mark.parametrize(
    ("raised", "final"),
    [
        (ValueError("no line breaks in a header"), True),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "ordinal not in range"), True),
        (http.client.InvalidURL("URL can't contain control characters"), True),
        (ssl.SSLCertVerificationError("certificate verify failed"), False),
        (ConnectionRefusedError(111, "Connection refused"), False),
        (http.client.BadStatusLine("x"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_become_a_message_is_final_and_the_rest_is_tried_again(monkeypatch, raised, final):
    def fail(*_):
        raise raised

    monkeypatch.setattr(delivery, "_request", fail)
    assert deliver(HOOK, MESSAGE).final == final


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x85", "\u2028"])
def test_a_subject_is_one_line_whatever_the_cluster_is_called(end):
    assert mail_of(MAIL, {**MESSAGE, "cluster": f"a{end}b"})["Subject"].startswith("[a b] ")


def test_a_request_has_the_whole_message_and_its_id():
    target, body, headers = request_of(HOOK, MESSAGE)
    assert (target, headers["X-A"], headers["Content-Type"]) == ("/T0?a=b", "1", "application/json")
    assert headers["Idempotency-Key"] == "lb2-7"
    assert '"state": "active"' in body


def test_a_configured_header_overrides_ours():
    hook = Webhook("chat", "http://192.0.2.1", "POST", {"Content-Type": "application/merge-patch+json"})
    target, _body, headers = request_of(hook, MESSAGE)
    assert (target, headers["Content-Type"]) == ("/", "application/merge-patch+json")


def test_the_form_of_a_get_is_its_query():
    hook = Webhook("sms", "https://sms.example.org/send?key=1", "GET", {}, form={"text": "{instance} {state}"})
    target, body, headers = request_of(hook, MESSAGE)
    assert (target, body) == ("/send?key=1&text=web+active", None)
    assert "Content-Type" not in headers


def test_mail_of():
    made = mail_of(MAIL, MESSAGE)
    assert made["Subject"] == "[loadbalancers] web: lb2 is now active (was backup)"
    assert made["To"] == "ops@example.org, boss@example.org"
    assert made["Message-ID"] == "<lb2-7@example.org>"
    assert made.get_content() == MESSAGE["text"]


class Post:
    """A mail server whose answers a test sets."""

    raises: Exception | None = None
    refused: dict = {}  # noqa: RUF012

    def __init__(self, *_arguments, **_options):
        pass

    def send_message(self, *_arguments):
        if self.raises is not None:
            raise self.raises  # pylint: disable=raising-bad-type
        return self.refused

    def quit(self):
        raise smtplib.SMTPServerDisconnected("gone")

    def close(self):
        pass


@pytest.mark.parametrize(
    ("raises", "refused", "expected"),
    [
        (None, {}, DELIVERED),
        (None, {"a@b": (550, b"no such user")}, Outcome("a@b: 550 no such user", True)),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), {}, Outcome("a@b: 550 no", True)),
        (
            smtplib.SMTPRecipientsRefused({"a@b": (550, b"no"), "c@d": (451, b"later")}),
            {},
            Outcome("a@b: 550 no; c@d: 451 later"),
        ),
        (smtplib.SMTPDataError(554, b"spam"), {}, Outcome("554 spam", True)),
        (smtplib.SMTPSenderRefused(451, b"greylisted", "x"), {}, Outcome("451 greylisted")),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), {}, Outcome("535 wrong", True)),
        (smtplib.SMTPServerDisconnected("gone"), {}, Outcome("gone")),
        (ConnectionRefusedError(111, "Connection refused"), {}, Outcome("Connection refused")),
        (TimeoutError("timed out"), {}, Outcome("timed out")),
    ],
)
def test_outcomes_of_a_mail_server(monkeypatch, raises, refused, expected):
    monkeypatch.setattr(delivery.smtplib, "SMTP", type("Said", (Post,), {"raises": raises, "refused": refused}))
    assert deliver(MAIL, MESSAGE) == expected


def test_a_command_gets_the_message(tmp_path):
    out = tmp_path / "out"
    assert deliver(command(f'echo "$HA_LB_INSTANCE $HA_LB_STATE" > {out}'), MESSAGE) == DELIVERED
    assert out.read_text() == "web active\n"


@pytest.mark.parametrize(
    ("script", "problem"),
    [("echo no >&2; exit 3", "status 3 no"), ("sleep 60 & wait", "no end within 0.2 s")],
)
def test_a_command_that_fails_is_retried(script, problem):
    assert deliver(command(script, 0.2), MESSAGE) == Outcome(problem)


def test_a_missing_command():
    assert deliver(Command("c", ("/nowhere",), 1.0), MESSAGE) == Outcome("No such file or directory")


def test_an_error_message_is_shortened():
    assert deliver(command("seq 1000 >&2; exit 1"), MESSAGE).problem.startswith("status 1 1 2 3 4 5")
    assert len(deliver(command("seq 1000 >&2; exit 1"), MESSAGE).problem) == delivery.MOST_LETTERS


SECRET = "hunter2"
TELLING = [
    Webhook("chat", f"http://127.0.0.1:1/{SECRET} x", "POST", {}),
    Webhook("chat", "http://127.0.0.1:1/", "POST", {"Authorization": f"Bearer {SECRET}\n"}),
    Webhook("chat", f"http://{SECRET}@127.0.0.1:1x/{SECRET}", "POST", {}),
    command(f"echo it is not {SECRET} >&2; exit 1"),
    Command("pager", (SHELL, "-c", "echo $0 is not known >&2; exit 1", SECRET), 5.0),
]


@pytest.mark.parametrize("channel", TELLING, ids=str)
def test_no_problem_quotes_a_secret(channel):
    outcome = deliver(channel, MESSAGE)
    assert outcome.problem
    assert SECRET not in outcome.problem


def test_a_mail_server_that_quotes_the_password(monkeypatch):
    raises = smtplib.SMTPAuthenticationError(535, f"5.7.8 {SECRET} is wrong".encode())
    monkeypatch.setattr(delivery.smtplib, "SMTP", type("Said", (Post,), {"raises": raises, "refused": {}}))
    assert deliver(MAIL._replace(password=SECRET), MESSAGE) == Outcome("535 5.7.8 *** is wrong", True)


def test_a_receiver_that_quotes_what_it_got():
    hook = HOOK._replace(body={"text": "{subject}", "keys": ["key-one", 12345]}, form={"to": "key-two"})
    said = "T0 key-one 12345 key-two a=b are refused at hooks.example.org"
    assert without(said, secrets_of(hook)) == "T0 *** *** *** *** are refused at hooks.example.org"
