"""tern send to a real Postfix: what it offers is used, and what it takes is what was sent."""
import email
import email.policy
import tempfile
from pathlib import Path

import pytest

from lib.cyrus import Unavailable
from lib.postfix import Postfix
from lib.program import PROGRAM

MESSAGE = "From: ada@example.org\nTo: bob@example.org\nSubject: one\nMessage-ID: <one@example.org>\n" \
          "Date: Mon, 30 Nov 2026 10:00:00 +0000\n\nhello\n.\n..dots\n".encode()


@pytest.fixture(scope="module")
def postfix():
    with tempfile.TemporaryDirectory(prefix="tern-postfix-") as folder:
        try:
            with Postfix(folder, PROGRAM.parent / "postfix") as running:
                yield running
        except Unavailable as why:
            pytest.skip(str(why))


def account(postfix):
    return ("[account work]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:9\noffline = no\n"
            f"outgoing = smtp://127.0.0.1:{postfix.port}\n")


def content(raw):
    """As it was sent, without what Postfix puts before it."""
    return raw[raw.index(b"From: ada@"):]


def test_real_postfix(postfix, tern, tmp_path):
    tern.write(account(postfix))
    trace = tmp_path / "trace"
    tern.ok("send", "-t", "-i", "--trace", trace, input=MESSAGE)
    assert content(postfix.received(1)[0]) == MESSAGE
    assert "BDAT " in trace.read_text() and "LAST" in trace.read_text()

    tern.ok("send", "-i", "jürgen@example.org", input=MESSAGE.replace(b"hello", "Grüße".encode()))
    raw = postfix.received(2)[1]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Delivered-To"] == "jürgen@example.org" and message.get_content().startswith("Grüße\n")

    large = MESSAGE + b"".join(b".%d " % i + b"x" * 70 + b"\n" for i in range(20000))
    tern.ok("send", "-t", "-i", input=large)
    assert content(postfix.received(3)[2]) == large

    result = tern.ok("send", "-i", "bob@example.org", "refuse@example.org", "later@example.org", input=MESSAGE)
    (row,) = tern.json("outbox").rows
    assert [r["state"] for r in row["recipients"]] == ["sent", "refused", "waiting"], result
    assert "greylisted" in row["error"]
    postfix.received(4)


def test_many_in_one_connection(postfix, tern):
    before = len(postfix.received(0))
    tern.write(account(postfix))
    for number in range(15):
        tern.ok("send", "-t", "-i", "--offline", input=MESSAGE.replace(b"Subject: one", b"Subject: n%d" % number))
    connections = postfix.log().count(": connect from")
    tern("sync")
    assert tern.json("outbox").rows == []
    subjects = {str(email.message_from_bytes(raw)["Subject"]) for raw in postfix.received(before + 15)[before:]}
    assert subjects == {f"n{number}" for number in range(15)}
    assert postfix.log().count(": connect from") == connections + 1
