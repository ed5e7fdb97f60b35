"""Receipts (RFC 8098): never sent by themselves, once at most, to one person, and in a form that programs understand."""
import email
import email.policy

import pytest

from lib.smtpsink import SmtpSink

STRICT = email.policy.default.clone(raise_on_defect=True)


class Reader:
    """Mail on this disk, and a server that takes what goes out."""

    def __init__(self, tern, folder):
        self.tern, self.mail, self.sink = tern, folder / "mail", SmtpSink(folder / "sink", {"ada": "secret"})
        self.sink.__enter__()
        tern.write("[account work]\nname = Ada Example\naddress = ada@example.org\npassword = secret\n"
                   f"incoming = maildir:{self.mail}\noutgoing = smtp://ada@127.0.0.1:{self.sink.ports['submission']}\n")
        tern.ok("sync")
        self.number = 0

    def take(self, *fields, to="Ada <ada@example.org>", sender="Zoë Brontë <zoe@example.com>", subject="Plans"):
        """A message that came; its id."""
        self.number += 1
        made = email.message.EmailMessage(policy=email.policy.SMTP)
        made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, to, f"{subject} {self.number}", f"<m{self.number}@example.com>"
        made.set_content("Shall we?\n")
        head, body = made.as_bytes().split(b"\r\n\r\n", 1)
        for field in fields:
            head += b"\r\n" + (field if isinstance(field, bytes) else field.encode())
        (self.mail / "new" / f"{self.number}.a.b").write_bytes((head + b"\r\n\r\n" + body).replace(b"\r\n", b"\n"))
        self.tern.ok("sync")
        return next(str(row["id"]) for row in self.tern.json("list").rows if row["message_id"] == f"m{self.number}@example.com")

    def keywords(self, message):
        return next(row["keywords"] for row in self.tern.json("list").rows if str(row["id"]) == message)


@pytest.fixture
def reader(tern, tmp_path):
    reader = Reader(tern, tmp_path)
    yield reader
    reader.sink.__exit__()


ASKS = "Disposition-Notification-To: Zoe <zoe@example.com>"


def test_a_receipt_as_it_should_be(reader):
    message = reader.take(ASKS, "Original-Recipient: rfc822;ada@old.example")
    reader.tern.ok("show", message)
    reader.tern.ok("sync")
    assert reader.sink.sent() == []                                  # nothing goes by itself
    result = reader.tern("receipt", message)
    assert result.status == 1 and "Tell Zoe <zoe@example.com> that “Plans 1” was read?" in result.err
    assert reader.sink.sent() == [] and reader.keywords(message) == []
    reader.tern.ok("--yes", "receipt", message)
    sent, = reader.sink.sent()
    assert sent.sender == "" and sent.recipients == ["zoe@example.com"]
    made = email.message_from_bytes(sent.data, policy=STRICT)
    assert made.get_content_type() == "multipart/report" and made.get_param("report-type") == "disposition-notification"
    assert made["From"] == "Ada Example <ada@example.org>" and made["To"] == "zoe@example.com"
    assert made["Subject"] == "Read: Plans 1" and made["In-Reply-To"] == "<m1@example.com>" and made["Message-ID"]
    words, report = made.iter_parts()
    assert "was shown on the reader's screen" in words.get_content()
    assert report.get_content_type() == "message/disposition-notification"
    fields = dict(line.split(": ", 1) for part in report.get_payload() for line in part.as_string().splitlines() if ": " in line)
    assert fields["Final-Recipient"] == "rfc822; ada@example.org" and fields["Original-Message-ID"] == "<m1@example.com>"
    assert fields["Original-Recipient"] == "rfc822;ada@old.example"
    assert fields["Disposition"] == "manual-action/MDN-sent-manually; displayed"
    assert b"tern" not in sent.data.split(b"\r\n\r\n")[0].lower().replace(b"@tern.invalid", b"")
    # Once.
    assert reader.keywords(message) == ["$MDNSent"]
    again = reader.tern("--yes", "receipt", message)
    assert again.status == 1 and "before" in again.err and len(reader.sink.sent()) == 1
    assert reader.tern.json("outbox").rows == []
    assert not [row for row in reader.tern.json("folders").rows if row["folder"] == "Sent" and row["messages"]]     # no copy of it


def test_two_who_say_yes_send_one(reader):
    """Both were asked before either had answered."""
    message = reader.take(ASKS)
    with reader.tern.terminal(80, 24, "receipt", message) as one, reader.tern.terminal(80, 24, "receipt", message) as other:
        one.wait("(y/n)", timeout=60)
        other.wait("(y/n)", timeout=60)
        one.send("y<Enter>")
        assert one.wait_exit(timeout=60) == 0
        other.send("y<Enter>")
        assert other.wait_exit(timeout=60) == 1
    assert len(reader.sink.sent()) == 1 and reader.keywords(message) == ["$MDNSent"]
    assert reader.tern.json("outbox").rows == []


def test_refused_for_good(reader):
    message = reader.take(ASKS)
    reader.tern.ok("receipt", "--refuse", message)
    assert reader.keywords(message) == ["$MDNSent"]
    assert reader.tern("--yes", "receipt", message).status == 1 and reader.sink.sent() == []


@pytest.mark.parametrize("fields", [
    [],
    [ASKS, "List-Id: <dev.example.com>"],
    [ASKS, "List-Unsubscribe: <https://example.com>"],
    [ASKS, "Precedence: bulk"],
    [ASKS, "Auto-Submitted: auto-generated"],
    [ASKS, "Return-Path: <>"],
    [ASKS, "Disposition-Notification-Options: x=required,1"],
    ["Disposition-Notification-To: zoe@example.com, eve@example.com"],
    ["Disposition-Notification-To: ada@example.org"],
    ["Disposition-Notification-To: zoe@"],
    ["Disposition-Notification-To:"],
    [b"Disposition-Notification-To: \xff\xfe <zoe at example.com>"],
])
def test_none_where_no_person_asks(reader, fields):
    message = reader.take(*fields)
    result = reader.tern("--yes", "receipt", message)
    assert result.status == 1 and "no receipt" in result.err
    assert reader.sink.sent() == [] and reader.tern.json("outbox").rows == [] and reader.keywords(message) == []


def test_none_to_oneself_and_none_for_a_receipt(reader):
    own = reader.take(ASKS, sender="ada@example.org")
    assert reader.tern("--yes", "receipt", own).status == 1
    first = reader.take(ASKS)
    reader.tern.ok("--yes", "receipt", first)
    sent, = reader.sink.sent()
    (reader.mail / "new/9.a.b").write_bytes(sent.data.replace(b"\r\n", b"\n").replace(b"\n", b"\nDisposition-Notification-To: zoe@example.com\n", 1))
    reader.tern.ok("sync")
    receipt = next(str(row["id"]) for row in reader.tern.json("list").rows if row["subject"].startswith("Read:"))
    assert reader.tern("--yes", "receipt", receipt).status == 1 and len(reader.sink.sent()) == 1


def test_who_asks_is_not_who_sent_it(reader):
    message = reader.take("Disposition-Notification-To: tracker@evil.example")
    assert "tracker@evil.example>, who is not its sender" in reader.tern("receipt", message).err
    assert reader.sink.sent() == []


def test_nothing_of_the_message_breaks_out(reader):
    """Names, subjects and fields of others become text, whatever is in them."""
    message = reader.take("Disposition-Notification-To: =?utf-8?q?Zoe=0D=0ABcc=3A_eve=40example=2Ecom?= <zoe@example.com>",
                          "Original-Recipient: rfc822;x\r\n\tBcc: eve@example.com",
                          subject="=?utf-8?q?One=0D=0ABcc=3A_eve=40example=2Ecom?=")
    reader.tern.ok("--yes", "receipt", message)
    sent, = reader.sink.sent()
    made = email.message_from_bytes(sent.data, policy=STRICT)
    assert made["Bcc"] is None and sent.recipients == ["zoe@example.com"]
    assert b"\nBcc" not in sent.data


def test_an_account_that_cannot_send(reader):
    message = reader.take(ASKS)
    reader.tern.write("[account work]\naddress = ada@example.org\n" + f"incoming = maildir:{reader.mail}\n")
    result = reader.tern("--yes", "receipt", message)
    assert result.status != 0 and "cannot send" in result.err and reader.keywords(message) == []
