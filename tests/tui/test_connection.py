"""A message that is open while the connection comes and goes, and while other clients change it."""
import contextlib

import pytest

from lib.link import Link
from lib.mailbox import visit
from office import message

TEXT = "shall we meet on Thursday"


@pytest.fixture
def meeting(make_server):
    """A server with two messages: the older one is short, and is the one that the tests open."""
    server = make_server()
    server.append("ada", "INBOX", message("Zoë <zoe@example.com>", "Budget meeting", f"{TEXT}\n", day=1), "")
    server.append("ada", "INBOX", message("Bob <bob@example.com>", "Newer", "Other text.\n", day=2), r"\Seen")
    return server


@pytest.fixture
def account(tern, meeting):
    def write(port=None, **keys):
        # What is not opened does not come by itself.
        text = meeting.account("ada", section="work", **{"keep_offline": "headers", **keys})
        tern.write(text.replace(f":{meeting.ports['imaps']}", f":{port}") if port else text)
    write()
    tern.ok("sync")
    return write


def open_meeting(terminal):
    terminal.wait("Newer")
    terminal.send("j", "<Enter>")
    terminal.wait("Subject  Budget meeting")


def test_flags_of_an_open_message_follow_other_clients(account, meeting, screen):
    terminal = screen(80, 24)
    open_meeting(terminal)
    terminal.wait(TEXT)
    assert "★" not in terminal.row(0)
    client = meeting.imap("ada")
    client.select("INBOX")
    client.store("1", "+FLAGS", r"(\Flagged \Answered)")
    terminal.send("$")
    terminal.wait_for(lambda: "★↩" in terminal.row(0))
    client.store("1", "-FLAGS", r"(\Flagged)")
    terminal.send("$")
    terminal.wait_for(lambda: "★" not in terminal.row(0) and "↩" in terminal.row(0))
    client.store("1", "+FLAGS", r"(\Deleted)")
    client.expunge()
    terminal.send("$")
    terminal.wait_for(lambda: "D" in terminal.row(0))
    assert TEXT in terminal.text()  # what one reads is not taken away


def test_what_was_read_is_there_offline(account, screen):
    with screen(80, 24) as terminal:
        open_meeting(terminal)
        terminal.wait(TEXT)
    with screen(80, 24, "--offline") as terminal:
        open_meeting(terminal)
        terminal.wait(TEXT)
        terminal.send("k")
        terminal.wait("Subject  Newer")
        terminal.wait("offline")


def test_online_again_the_open_message_comes(account, screen):
    terminal = screen(80, 24, "--offline")
    open_meeting(terminal)
    terminal.wait("The text is not here, and tern is offline. O goes online and fetches it.")
    assert TEXT not in terminal.text()
    terminal.send("O")
    terminal.wait(TEXT)
    terminal.send("O")
    terminal.wait("Offline. O goes online again.")
    terminal.send("k")
    terminal.wait("Subject  Newer")
    terminal.wait_gone("being fetched")
    assert "Other text" not in terminal.text()
    terminal.send("O")
    terminal.wait("Other text")


def test_headers_stand_there_while_the_text_is_coming(account, meeting, screen):
    with Link(meeting.ports["imaps"]) as link:
        account(link.port)
        terminal = screen(80, 24)
        terminal.wait("● ")
        link.silence()
        open_meeting(terminal)
        terminal.wait("The text is being fetched.")
        terminal.settle(0.3)
        assert "zoe@example.com" in terminal.text() and TEXT not in terminal.text()
        link.heal()
        terminal.wait(TEXT)


def test_a_cut_link_does_not_lose_the_open_message(account, meeting, screen):
    with Link(meeting.ports["imaps"]) as link:
        account(link.port)
        terminal = screen(80, 24)
        terminal.wait("● ")
        link.silence()
        open_meeting(terminal)
        terminal.wait("The text is being fetched.")
        link.heal()
        link.cut()
        terminal.wait(TEXT)


def test_an_open_folder_that_another_client_deletes(tern, meeting, screen):
    meeting.create("ada", "Old")
    meeting.append("ada", "Old", message("Bob <bob@example.com>", "Kept for long", day=1), "")
    tern.write(meeting.account("ada", section="work"))
    tern.ok("sync")
    terminal = screen(80, 24, "-f", "Old")
    terminal.wait("1 message · 1 unread")
    with visit(meeting, "ada") as client:
        assert client.delete("Old")[0] == "OK"
    for _ in range(12):  # the list of folders that is being read just now may be older than the deletion
        terminal.send("$")
        with contextlib.suppress(TimeoutError):
            terminal.wait("This folder is no longer there. c opens another one.", 5)
            break
    assert terminal.row(0).split() == ["work/Old", "gone"]
    terminal.send("d", ":folder INBOX<Enter>")
    terminal.wait("2 messages · 1 unread")
