"""Shared folders and other users' under headings of their own, what one may not do in them, and the quota."""
import re

import pytest

from lib.mailserver import MailServer
from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]


@pytest.fixture(scope="module")
def server():
    with MailServer(spaces=True, extra="plugin {\n  quota_rule = *:storage=1000K\n}\n") as running:
        running.append("ada", "INBOX", message("Bob <bob@example.org>", "Of my own", "x" * 70 + "\n" + ("y" * 76 + "\n") * 5000))
        running.create("bob", "Plans")
        running.append("bob", "Plans", message("Bob <bob@example.org>", "The plan"))
        running.share("ada", "Team", "lrsik")
        running.share("ada", "Plans", "lr", of="bob")
        with running.imap("ada") as client:
            client.append("shared/Team", None, None, message("Zoë <zoe@example.org>", "For the team").replace(b"\n", b"\r\n"))
        yield running


@pytest.fixture
def work(server, tern):
    tern.write(server.account("ada", section="work"))
    tern.ok("sync")
    return tern


def open_folder(terminal, name, subject):
    terminal.send("c")
    terminal.wait("Folder:")
    terminal.send(name, "<Enter>")
    terminal.wait(subject)


@pytest.mark.parametrize("cols,rows", SIZES)
def test_headings_and_quota(work, screen, cols, rows):
    with screen(cols, rows) as terminal:
        terminal.wait("Of my own", timeout=30)
        terminal.send("y")
        terminal.wait("Other users", timeout=30)
        assert terminal.rows_with("Inbox")[0] < terminal.rows_with("Other users")[0], terminal.text()
        if cols == 80:  # 120 columns have them in the sidebar
            terminal.wait(re.compile("live +3[89]% of 1 MB"), timeout=30)
            heading, = terminal.rows_with("% of 1 MB")
            assert "work" in terminal.row(heading), terminal.text()
            assert terminal.rows_with("Other users")[0] < terminal.rows_with("Plans")[0], terminal.text()
            assert terminal.rows_with("read only") == terminal.rows_with("Plans"), terminal.text()
        terminal.send("G")
        terminal.wait("Team")
        shared = [n for n in terminal.rows_with("Shared") if "/" not in terminal.row(n)]
        assert shared and shared[-1] < terminal.rows_with("Team")[-1], terminal.text()
        terminal.send("<Home>")  # over the headings, which are no place to stand on
        terminal.wait_for(lambda: any("Inbox" in terminal.row(n) for n in terminal.reversed_rows()))


@pytest.mark.parametrize("cols,rows", SIZES)
def test_keys_say_why(work, screen, cols, rows):
    with screen(cols, rows, "--offline") as terminal:
        terminal.wait("Of my own")
        open_folder(terminal, "users/bob/Plans", "The plan")
        assert ("read only" in terminal.row(0)) == (cols > 40), terminal.text()
        for key, why in [("d", "remove mail from"), ("a", "remove mail from"), ("F", "mark mail"), ("N", "mark mail"), ("s", "remove mail from"),
                         ("Y", "mark mail"), ("!", "remove mail from"), ("<C-k>", "mark mail")]:
            terminal.send(key)
            terminal.wait("you may not")
            assert terminal.rows_with(why), terminal.text()
            assert terminal.rows_with("The plan"), terminal.text()
            terminal.send("k")  # any key takes an error away
            terminal.wait_gone("you may not")
        terminal.send("<Enter>")  # read: without a change that would be refused
        terminal.wait("From")
        terminal.send("q")
        terminal.wait("users/bob/Plans")
    assert work.json("--offline", "journal").rows == []


def test_what_may_be_done_is_done(work, screen):
    with screen(80, 24, "--offline") as terminal:
        terminal.wait("Of my own")
        terminal.send("C")
        terminal.wait("Copy to:")
        terminal.send("users/bob/Plans", "<Enter>")
        terminal.wait("may not put mail into “users/bob/Plans”")
        terminal.send("C")
        terminal.wait("Copy to:")
        terminal.send("shared/Team", "<Enter>")
        terminal.wait("Copied 1 message to shared/Team")


def test_folders_that_are_not_ones_own(work, screen):
    with screen(80, 24, "--offline") as terminal:
        terminal.wait("Of my own")
        terminal.send("y")
        terminal.wait("Team")
        terminal.send("G")
        terminal.wait_for(lambda: any("Team" in terminal.row(n) for n in terminal.reversed_rows()))
        terminal.send(":folder-delete<Enter>")
        terminal.wait("may not rename or delete “shared/Team”")
        terminal.send(":folder-create users/bob/Plans/mine<Enter>")
        terminal.wait("may not make folders below “users/bob/Plans”")
        terminal.send(":folder-create shared/Team/ours<Enter>")
        terminal.wait("Made the folder shared/Team/ours")
