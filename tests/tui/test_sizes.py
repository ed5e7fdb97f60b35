"""What changes mail and folders, on screens of three sizes: nothing is cut off that one has to know."""
import re

import pytest

from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]
size = pytest.mark.parametrize("cols,rows", SIZES)


def said(terminal, text):
    """On the bottom lines, on as many as it needs."""
    def stands():
        lines = [terminal.row(n) for n in range(-3, 0)]
        return "".join(text.split()) in "".join("".join(lines).split())
    terminal.wait_for(stands, what=repr(text))


def unread(terminal, count):
    """In the title: in full, or on a narrow screen in short."""
    wanted = re.compile(rf"\b{count} (unread|new)\b" if count else r"^((?!unread|new).)*$")
    terminal.wait_for(lambda: wanted.search(terminal.row(0)), what=f"{count} unread")


def mark(terminal):
    """Of the message that the cursor is on."""
    row, = terminal.reversed_rows()[-1:]
    return terminal.row(row)


@size
def test_read_flag_and_all_read(tui, cols, rows):
    with tui(cols, rows) as terminal:
        terminal.wait("Release 2.1")
        unread(terminal, 2)
        terminal.send("N")
        said(terminal, "Marked read. u undoes it.")
        unread(terminal, 1)
        terminal.send("F")
        said(terminal, "Flagged. u undoes it.")
        terminal.wait_for(lambda: "★" in mark(terminal))
        terminal.send("<C-k>")
        said(terminal, "Marked 1 message read. u undoes it.")
        unread(terminal, 0)
        terminal.send("u", "u", "u")
        unread(terminal, 2)
        terminal.wait_for(lambda: "★" not in mark(terminal))
        terminal.send("<C-r>")
        said(terminal, "Again: ")
        unread(terminal, 1)


@size
def test_folder_prompt(tui, ada_synced, cols, rows):
    with tui(cols, rows) as terminal:
        terminal.wait("Release 2.1")
        terminal.send("C")
        terminal.wait("Copy to:")
        shown = {name for name in ("Drafts", "Sent", "Archive") if terminal.rows_with(name)}
        assert len(shown) >= 3 if rows > 12 else shown, terminal.text()
        terminal.send("phou")  # fuzzily: Projects/house
        terminal.wait("Projects/house")
        terminal.wait_for(lambda: any("Projects/house" in terminal.row(n) for n in terminal.reversed_rows()))
        terminal.send("<Enter>")
        said(terminal, "Copied 1 message to Projects/house. u undoes it.")
        terminal.send("s")
        terminal.wait("Move to:")
        # The one that was chosen last stands first.
        terminal.wait_for(lambda: any("Projects/house" in terminal.row(n) for n in terminal.reversed_rows()))
        terminal.send("<Enter>")
        said(terminal, "Moved 1 message to Projects/house. u undoes it.")
    assert len(ada_synced.json("--offline", "list", "Projects/house").rows) == 2


@size
def test_a_selected_thread(tui, ada_synced, cols, rows):
    with tui(cols, rows) as terminal:
        terminal.wait("Re: Budget")
        terminal.send("j", "<M-t>")
        terminal.wait("3 selected")
        terminal.send("a")
        said(terminal, "Archived 3 messages. u undoes it.")
        terminal.wait_gone("Re: Budget")
        terminal.send("u")
        terminal.wait("Re: Budget")


@size
def test_new_mail_moves_nothing(ada_synced, office, screen, cols, rows):
    """While the first row is seen the list makes room at the top, and the cursor stays on its message."""
    with screen(cols, rows) as terminal:
        terminal.wait("live", timeout=30)
        terminal.send("j")
        terminal.settle()
        before, = terminal.reversed_rows()[-1:]
        text = terminal.row(before)
        office.append("ada", "INBOX", message("Eve <eve@example.org>", "News", day=28, month=12), "")
        terminal.wait("News", timeout=30)
        terminal.wait_for(lambda: terminal.row(before + 1)[-30:] == text[-30:] and before + 1 in terminal.reversed_rows(),
                          what="the cursor one row lower")


@size
def test_sync_now_and_offline(ada_synced, office, screen, cols, rows):
    with screen(cols, rows) as terminal:
        terminal.wait("live", timeout=30)
        terminal.send("$")
        said(terminal, "Nothing new")
        terminal.send("O")
        terminal.wait("offline")
        terminal.wait_gone("live")
        terminal.send("d")
        said(terminal, "Deleted 1 message. u undoes it.")
        terminal.wait(re.compile("offline +1 waiting"))
        terminal.send("d")
        terminal.wait(re.compile("offline +[2-9] waiting"))  # a thread
        terminal.send("u", "u")
        terminal.wait_gone("waiting")
        terminal.send("F")
        terminal.wait("1 waiting")
        terminal.send("O")
        terminal.wait("live", timeout=30)
        terminal.wait_gone("waiting")
