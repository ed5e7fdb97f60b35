"""Pasted text: typed into a prompt as one safe line, run as keys nowhere; Ctrl-Z in the middle of a sequence."""
import pytest

BEGIN, END = "\x1b[200~", "\x1b[201~"


def bottom(terminal):
    return terminal.row(terminal.screen.lines - 1)


def paste(terminal, text):
    terminal.send(BEGIN + text + END)


@pytest.mark.parametrize("cols,rows", [(80, 24), (120, 40), (40, 12)])
def test_pasted_text_is_no_key(tui, cols, rows):
    terminal = tui(cols, rows)
    terminal.wait("offline")
    assert b"\x1b[?2004h" in terminal.raw
    before = terminal.row(0)
    paste(terminal, "qqq\r:quit\rNFd\x1b[Bj" * 50)
    terminal.wait("Pasted text is not taken")
    assert terminal.row(0) == before and terminal.process.poll() is None
    terminal.send("ot")  # a sequence works after it
    terminal.wait("Flat, the newest")
    terminal.send("o")
    paste(terminal, "t")
    terminal.wait("Pasted text is not taken")
    terminal.send("q")
    assert terminal.wait_exit() == 0
    assert terminal.raw.rfind(b"\x1b[?2004l") > terminal.raw.rfind(b"\x1b[?2004h")


def test_pasted_into_a_prompt_it_is_one_safe_line(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":")
    paste(terminal, "last\x1b]0;x\x07\x1b[2J\r\nquit\r")
    terminal.wait_for(lambda: bottom(terminal).startswith(":last") and "quit" in bottom(terminal))
    assert terminal.process.poll() is None
    terminal.send("<C-u>")
    paste(terminal, "last\r")
    terminal.wait_for(lambda: bottom(terminal) == ":last")
    terminal.send("<Enter>")
    terminal.wait("6 of 6")


def test_a_paste_in_pieces_and_one_whose_end_is_lost(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":")
    for piece in (BEGIN, "la", "st", "\x1b[20", "1~"):
        terminal.send(piece)
        terminal.settle(0.15)
    terminal.wait_for(lambda: bottom(terminal) == ":last")
    terminal.send("<C-u>", BEGIN + "first")
    terminal.settle(1.2)  # longer than a paste may pause: the next key is one again
    terminal.send("<C-a>")
    terminal.wait_for(lambda: bottom(terminal) == ":first")
    terminal.send("x")
    terminal.wait_for(lambda: bottom(terminal) == ":xfirst")


def test_more_than_there_is_room_for(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    paste(terminal, "q\r" * 100_000)
    terminal.wait("Pasted text is not taken")
    terminal.send("G")
    terminal.wait("6 of 6")


def test_stopping_within_a_sequence(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("o")
    terminal.wait_for(lambda: bottom(terminal).startswith(" o"))
    terminal.send("<C-z>")
    terminal.wait_for(lambda: b"\x1b[?2004l" in terminal.raw)
