"""A POP3 account on the screen: what is only on the server, and how it comes; the question of the first visit; downloading,
cancelled and gone on with; then all of it with the server stopped."""
import re

import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.mailbox import visit

SIZES = [(80, 24), (120, 40), (40, 12)]
LARGE = b"Subject: A large one\r\nFrom: Bob <bob@example.org>\r\nMessage-ID: <large@example.org>\r\n\r\nthe text\r\n" + b"x\r\n" * 200000


@pytest.fixture
def pop(tern, make_server):
    """A server of its own; pop(**keys) writes the account "pop" on it."""
    server = make_server()

    def configure(**keys):
        tern.write(server.account("ada", "pop", incoming="pop3s", outgoing=None, **keys))
        return server
    return configure


@pytest.mark.parametrize("size", SIZES)
def test_a_large_message_is_fetched_by_a_key(tern, pop, screen, size):
    server = pop(max_size="100K")
    server.deliver("ada", LARGE)
    tern.ok("sync", "--yes")
    terminal = screen(*size)
    terminal.wait("A large", timeout=60)
    terminal.wait("586 KB on the server" if size[0] >= 60 else "586 KB", timeout=60)
    # It goes nowhere, and says why.
    terminal.send("a")
    terminal.wait("only the header", timeout=60)
    terminal.wait("A large", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("586 KB, on the server only.", timeout=60)
    terminal.wait("w fetches", timeout=60)
    terminal.send("w")
    terminal.wait("the text", timeout=60)
    terminal.send("w")
    terminal.wait("All of this message is here", timeout=60)
    terminal.send("q")
    terminal.wait_gone("586 KB", timeout=60)


def test_a_large_message_without_a_connection(tern, pop, screen):
    server = pop(max_size="100K")
    server.deliver("ada", LARGE)
    tern.ok("sync", "--yes")
    terminal = screen(80, 24, "--offline")
    terminal.wait("A large", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("on the server only", timeout=60)
    terminal.send("w")
    terminal.wait("offline", timeout=60)


def test_a_long_notice_says_that_there_is_more_of_it(pop, screen):
    server = pop()
    server.deliver("ada", LARGE[:120] + b"text\r\n")
    terminal = screen(40, 12)
    terminal.wait_for(lambda: re.search(r"on the server\. tern sync.*…\s*\n *keep-on-server", terminal.text()), 60, "the notice")


def here(tern):
    box = tern.profile / "data/mail/pop"
    return [path for part in ("new", "cur") for path in (box / part).iterdir()] if box.is_dir() else []


def there(server):
    """How many messages the server has."""
    with server.imap("ada") as client:
        return int(client.select("INBOX", readonly=True)[1][0])


@pytest.fixture
def slow(tern, make_server, tmp_path):
    """A link at 40 KB a second to a server with 1.5 MB in 100 messages."""
    server = make_server()
    write_maildir(tmp_path / "texts", Generator(seed=11, count=99))
    server.fill("ada", "INBOX", tmp_path / "texts")
    server.deliver("ada", b"Subject: The newest\r\nFrom: Bob <bob@example.org>\r\n\r\n" + b"a line of it\r\n" * 70000)
    with Link(server.ports["pop3s"], rate=40_000) as link:
        account = server.account("ada", "pop", incoming="pop3s", outgoing=None)
        assert f":{server.ports['pop3s']}" in account
        tern.write(account.replace(f":{server.ports['pop3s']}", f":{link.port}"))
        yield server, link


@pytest.mark.parametrize("size", SIZES)
def test_downloaded_in_two_goes_and_read_without_the_server(tern, slow, screen, size):
    server, link = slow
    terminal = screen(*size)
    # Count, bytes and, once they can be told, rate and time left.
    terminal.wait(re.compile(r"syncing INBOX 0 of 100"), timeout=60)
    if size[0] >= 80:
        terminal.wait(re.compile(r"\d+ [KM]B of \d+(\.\d+)? MB"), timeout=60)
        terminal.wait(re.compile(r"\d+ KB/s"), timeout=60)
        terminal.wait(re.compile(r"\d+ (s|min)\b"), timeout=60)
    terminal.send("<C-g>")
    terminal.wait("Ended. What is here stays", timeout=60)
    terminal.wait_gone("syncing INBOX", timeout=60)
    assert len(here(tern)) < 100
    terminal.send("<C-g>")
    terminal.wait("Nothing is being downloaded", timeout=60)
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit() == 0
    link.rate = None
    terminal = screen(*size)
    terminal.wait_for(lambda: len(here(tern)) == 100, timeout=60, what="all messages")
    terminal.wait("100 messages" if size[0] >= 80 else "100 ", timeout=60)
    # The question of the first visit stands in the status line until it is answered.
    if size[0] >= 80:
        terminal.wait("100 also on the server: D", timeout=60)
    else:  # There is no room for that; before the visit's end nothing is asked.
        terminal.wait("connected", timeout=60)
    terminal.send("D")
    terminal.wait(re.compile(r"Delete on the server.*100\s+messages", re.S), timeout=60)
    terminal.send("n")
    terminal.wait_gone("(y/n)", timeout=60)
    assert there(server) == 100
    terminal.send("D", "y")
    terminal.wait_for(lambda: there(server) == 0, timeout=60, what="the server to be empty")
    terminal.wait_gone("also on the server", timeout=60)
    server.stop()
    terminal.send("<Home>")
    terminal.wait("The newest", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("a line of it", timeout=60)


def test_folders_are_made_renamed_and_deleted(tern, pop, screen):
    """With the server stopped: they are here alone."""
    server = pop()
    server.deliver("ada", b"Subject: One\r\nFrom: Bob <bob@example.org>\r\n\r\ntext\r\n")
    tern.ok("sync", "--yes")
    server.stop()
    box = tern.profile / "data/mail/pop"
    terminal = screen(80, 24)
    terminal.wait("One", timeout=60)
    terminal.send("y", "C")
    terminal.wait("folder:", timeout=60)
    terminal.send("Travel<Enter>")
    terminal.wait_for(lambda: (box / ".Travel").is_dir(), timeout=60, what="the folder")
    terminal.send("=")
    for _ in range(20):
        terminal.settle()
        if any("Travel" in terminal.row(n) for n in terminal.reversed_rows()):
            break
        terminal.send("j")
    terminal.send("r")
    terminal.wait("name", timeout=60)
    terminal.send("<C-u>", "Journeys<Enter>")
    terminal.wait_for(lambda: (box / ".Journeys").is_dir() and not (box / ".Travel").exists(), timeout=60, what="the new name")
    terminal.wait("Journeys", timeout=60)
    terminal.send("d")
    terminal.wait("(y/n)", timeout=60)
    terminal.send("y")
    # It can be taken back for a minute; quitting plays it.
    terminal.wait("u undoes it", timeout=60)
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit() == 0
    assert "Journeys" not in {row["folder"] for row in tern.json("folders").rows}
    tern("sync")
    assert not (box / ".Journeys").exists()


@pytest.fixture
def both(tern, make_server):
    """A POP3 account "pop" with a message in its Inbox, and an IMAP account "post" with another; keep-on-server = no."""
    server = make_server()
    server.deliver("ada", b"Subject: By POP3\r\nFrom: Bob <bob@example.org>\r\nMessage-ID: <pop@example.org>\r\n\r\none\r\n")
    server.append("bob", "INBOX", b"Subject: By IMAP\r\nFrom: Eve <eve@example.org>\r\nMessage-ID: <imap@example.org>\r\n\r\ntwo\r\n")
    tern.write(server.account("ada", "pop", incoming="pop3s", outgoing=None), server.account("bob", "post", outgoing=None))
    tern.ok("sync", "--yes")
    return server


def subjects_there(server, user="bob"):
    with visit(server, user) as imap:
        if not int(imap.select("INBOX", readonly=True)[1][0]):
            return []
        parts = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    return sorted(part[1].decode().strip().removeprefix("Subject: ") for part in parts if isinstance(part, tuple))


def subjects_here(tern):
    return sorted(row["subject"] for row in tern.json("--offline", "list", "pop/INBOX").rows)


def files_here(tern):
    return sum(1 for path in (tern.profile / "data/mail/pop").glob("*/*") if path.parent.name in ("cur", "new"))


@pytest.mark.parametrize("size", SIZES)
def test_moved_between_pop3_and_imap(tern, both, screen, size):
    """Both ways by keys; the server and the disk have what the screen says, and u brings it back."""
    terminal = screen(*size)
    terminal.wait("By POP3", timeout=60)
    terminal.send("s")
    terminal.wait("Move to:", timeout=60)
    terminal.send("post/inb")
    terminal.wait("post/INBOX", timeout=60)
    terminal.send("<Enter>")
    terminal.wait_gone("By POP3", timeout=60)
    terminal.wait_for(lambda: subjects_there(both) == ["By IMAP", "By POP3"], timeout=60, what="the mail on the server")
    terminal.wait_for(lambda: files_here(tern) == 0, timeout=60, what="no file")
    terminal.send("u")
    terminal.wait("By POP3", timeout=60)
    terminal.wait_for(lambda: subjects_there(both) == ["By IMAP"], timeout=60, what="it taken from the server")
    terminal.wait_for(lambda: files_here(tern) == 1, timeout=60, what="the file back")

    terminal.send("c")
    terminal.wait("Folder:", timeout=60)
    terminal.send("post/inb")
    terminal.wait("post/INBOX", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("By IMAP", timeout=60)
    terminal.send("s")
    terminal.wait("Move to:", timeout=60)
    terminal.send("pop/inb")
    terminal.wait("pop/INBOX", timeout=60)
    terminal.send("<Enter>")
    terminal.wait_gone("By IMAP", timeout=60)
    terminal.wait_for(lambda: subjects_there(both) == [], timeout=60, what="an empty Inbox on the server")
    terminal.wait_for(lambda: files_here(tern) == 2, timeout=60, what="its file")
    assert subjects_here(tern) == ["By IMAP", "By POP3"]
    assert subjects_there(both, "ada") == []      # and nothing was put where POP3 is polled from
