"""Taking back what is not there any more, since another client has deleted it, and what has got another number since."""
import pytest

from lib.mailbox import Mailbox, visit

TEXT = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: s%d\r\nMessage-ID: <s%d@example.org>\r\n"
        b"Date: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\ntext\r\n")


@pytest.fixture
def mine(empty_server, tern):
    for n in range(4):
        empty_server.append("ada", "INBOX", TEXT % (n, n))
    empty_server.create("ada", "Lab")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    return Mailbox(empty_server, tern)


def expunge(box, folder, *subjects):
    """By another client, for good."""
    with visit(box.server, "ada") as client:
        client.select(folder)
        for subject in subjects:
            found, = client.search(None, "SUBJECT", subject)[1]
            client.store(found.decode(), "+FLAGS", r"(\Deleted)")
        client.expunge()


def ids_of(box, *subjects):
    return [row["id"] for row in box.rows() if row["subject"] in subjects]


@pytest.mark.parametrize("words, folder, told", [(("archive",), "Archive", "1 message archived"),
                                                 (("flag",), "INBOX", "1 message flagged"),
                                                 (("move", "Lab"), "Lab", "1 message moved to Lab")])
def test_a_message_that_is_gone(mine, words, folder, told):
    tern = mine.tern
    tern.ok("tag", *ids_of(mine, "s0"), "todo")
    tern.ok(words[0], *ids_of(mine, "s1"), *words[1:])
    tern.ok("sync")
    expunge(mine, folder, "s1")
    tern.ok("sync")
    undone = tern("undo")
    assert undone.status == 1 and f"{told}; the message is not there any more" in undone.err, repr(undone)
    assert "tagged todo" in tern.ok("undo").err  # the next one is the change before it
    tern.ok("sync")
    mine.agree()


def test_one_of_two_that_is_gone(mine):
    tern = mine.tern
    tern.ok("archive", *ids_of(mine, "s1", "s2"))
    tern.ok("sync")
    expunge(mine, "Archive", "s1")
    tern.ok("sync")
    assert "taken back" in tern.ok("undo").err
    tern.ok("sync")
    assert sorted(row["subject"] for row in mine.rows()) == ["s0", "s2", "s3"]
    mine.agree()


def test_what_cannot_be_made_again(mine):
    tern = mine.tern
    tern.ok("flag", *ids_of(mine, "s1"))
    tern.ok("sync")
    tern.ok("undo")
    tern.ok("sync")
    expunge(mine, "INBOX", "s1")
    tern.ok("sync")
    again = tern("redo")
    assert again.status == 1 and "cannot be made again: 1 message flagged; the message is not there any more" in again.err
    tern.ok("sync")
    mine.agree()


def test_after_another_uidvalidity(mine):
    """The folder was made anew by another client, with the same mail: the change is taken back there."""
    tern = mine.tern
    tern.ok("move", *ids_of(mine, "s1", "s2"), "Lab")
    tern.ok("sync")
    tern.ok("flag", *mine.ids("Lab"))
    tern.ok("sync")
    with visit(mine.server, "ada") as client:
        client.rename("Lab", "Old")
        client.create("Lab")
        client.select("Old")
        client.copy("1:*", "Lab")
        client.select("INBOX")
        client.delete("Old")
    tern.ok("sync")
    mine.agree()
    assert all("\\Flagged" in message for message in mine.on_server()["Lab"])
    assert "2 messages flagged" in tern.ok("undo").err
    tern.ok("sync")
    assert not any("\\Flagged" in message for message in mine.on_server()["Lab"])
    mine.agree()
