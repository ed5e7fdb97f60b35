"""A message that asks for a receipt, on the screen: told, asked about, sent once or refused for good."""
import email
import email.policy

import pytest

from lib.mailserver import MailServer
from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]


def asking(address="Zoe <zoe@example.com>"):
    made = email.message_from_bytes(message("Zoë Brontë <zoe@example.com>", "Plans", "Shall we?\n", day=9, mid="plans"),
                                    policy=email.policy.SMTP)
    made["Disposition-Notification-To"] = address
    return made.as_bytes()


@pytest.fixture
def box(tern):
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Archive", "Trash", "Junk")
        server.append("ada", "INBOX", asking(), r"\Seen", date=1_735_000_000)
        tern.write(server.account("ada"), "[tern]\nhints = no\n")
        tern.ok("sync", "--keep")
        yield server


def flat(terminal):
    return " ".join(terminal.text().split())


def wait_flat(terminal, text):
    terminal.wait_for(lambda: text in flat(terminal), what=repr(text), timeout=60)


def open_message(screen, *words, size=(80, 24)):
    terminal = screen(*size, *words)
    terminal.wait("Plans")
    terminal.send("<Enter>")
    terminal.wait("Shall we?")
    return terminal


@pytest.mark.parametrize("size", SIZES)
def test_sent_after_a_question(tern, box, screen, size):
    terminal = open_message(screen, size=size)
    wait_flat(terminal, "asks for a receipt")
    terminal.send("<M-r>")
    wait_flat(terminal, "Tell Zoe <zoe@example.com> that this message was read?")
    assert box.sink.sent() == []
    terminal.send("n")
    terminal.send("<M-r>")
    wait_flat(terminal, "(y/n)")
    terminal.send("y")
    terminal.wait_for(lambda: len(box.sink.sent()) == 1, timeout=60, what="the receipt")
    sent, = box.sink.sent()
    made = email.message_from_bytes(sent.data, policy=email.policy.default)
    assert sent.sender == "" and made.get_content_type() == "multipart/report" and made["In-Reply-To"] == "<plans@example.org>"
    terminal.wait_gone("asks for")
    terminal.send("<M-r>")
    wait_flat(terminal, "asks for no receipt, or it was answered")
    with box.imap("ada") as imap:
        imap.select("INBOX", readonly=True)
        terminal.wait_for(lambda: imap.noop() and b"$MDNSent" in imap.fetch("1", "(FLAGS)")[1][0], timeout=60, what="$MDNSent at the server")
    assert len(box.sink.sent()) == 1


def test_one_that_cannot_be_sent_can_be_tried_again(tern, box, screen):
    terminal = open_message(screen)
    wait_flat(terminal, "asks for a receipt")
    outbox = tern.profile / "data/outbox"
    aside = outbox.with_name("aside")
    if outbox.exists():
        outbox.rename(aside)
    outbox.write_text("no folder\n")
    terminal.send("<M-r>")
    wait_flat(terminal, "(y/n)")
    terminal.send("y")
    terminal.wait_gone("(y/n)")
    wait_flat(terminal, "outbox")  # the error names it
    outbox.unlink()
    if aside.exists():
        aside.rename(outbox)
    terminal.send("<M-r>")
    wait_flat(terminal, "(y/n)")
    terminal.send("y")
    terminal.wait_for(lambda: len(box.sink.sent()) == 1, timeout=60, what="the receipt")


def test_junk_learns_nothing(tern, box, screen):
    box.append("ada", "Junk", asking(), "", date=1_735_000_000)
    tern.ok("sync")
    terminal = screen(80, 24, "-f", "Junk")
    terminal.wait("Plans")
    terminal.send("<Enter>")
    terminal.wait("Shall we?", timeout=60)
    terminal.send("<M-r>")
    wait_flat(terminal, "asks for no receipt, or it was answered")
    assert "asks for a receipt" not in flat(terminal)


def test_refused_for_good(tern, box, screen):
    terminal = open_message(screen, "--offline")
    wait_flat(terminal, "asks for a receipt")
    terminal.send(":receipt no<Enter>")
    wait_flat(terminal, "No receipt is sent, and nobody asks again.")
    terminal.send("q")
    terminal.wait_gone("Shall we?")
    terminal.send("<Enter>")
    terminal.wait("Shall we?")
    terminal.send("<M-r>")
    wait_flat(terminal, "asks for no receipt, or it was answered")
    assert tern.json("outbox").rows == []
    assert tern.json("list").rows[0]["keywords"] == ["$MDNSent"]
