"""Selecting: by hand, by thread, all, none, the others; commands then work on what is selected."""
import pytest

from lib.genmail import Generator, write_maildir
from office import message

STARS = {80: 1, 120: 1, 40: 0, 20: 0}


def stars(terminal):
    """The rows that are marked as selected (below the title, above the status line)."""
    side = next((n for n in range(40) if terminal.row(1)[n:n + 1] == "│"), -1) if terminal.screen.columns >= 120 else -1
    at = side + 1 + STARS[terminal.screen.columns]
    return [n for n in range(1, terminal.screen.lines - 2) if terminal.row(n)[at:at + 1] == "*"]


def flags(tern, folder="INBOX"):
    return {row["subject"]: sorted(row["flags"]) for row in tern.json("list", folder).rows}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
def test_by_hand(ada_synced, tui, size):
    terminal = tui(*size)
    terminal.wait("INBOX")
    terminal.send("t")
    terminal.wait("1 selected")
    # The cursor has gone on to the next one.
    assert stars(terminal) == [1] and 2 in terminal.reversed_rows()
    terminal.send("j", "x")
    terminal.wait("2 selected")
    assert stars(terminal) == [1, 3]
    terminal.send("k", "t")
    terminal.wait("1 selected")
    assert stars(terminal) == [1]
    terminal.send("<Esc>")
    terminal.wait_gone("selected")
    assert stars(terminal) == []


def test_a_folded_thread_is_all_of_it(ada_synced, tui):
    terminal = tui(80, 24)
    terminal.wait("2 unread")
    terminal.send("j", "t")
    terminal.wait("3 selected")
    terminal.send("=", "j", "z")
    terminal.wait("├")
    assert stars(terminal) == [2, 3, 4]
    # One of them taken back; the folded row still says that some are selected.
    terminal.send("k", "t")
    terminal.wait("2 selected")
    terminal.send("k", "z")
    terminal.wait_gone("├")
    assert stars(terminal) == [2]
    terminal.send("F")
    terminal.wait("Flagged 2 messages")
    terminal.send("q")
    assert terminal.wait_exit() == 0
    assert sorted(subject for row in ada_synced.json("list", "INBOX").rows if "flagged" in row["flags"]
                  for subject in [row["message_id"]]) == ["11.5.12@example.org", "b0@example.org", "b2@example.org"]


def test_thread_from_within(tui):
    terminal = tui(80, 24)
    terminal.wait("2 unread")
    terminal.send("j", "z")
    terminal.wait("├")
    terminal.send("k", "<M-t>")
    terminal.wait("3 selected")
    assert stars(terminal) == [2, 3, 4]
    assert terminal.reversed_rows() == [5]
    terminal.send("k", "k", "<M-t>")
    terminal.wait_gone("selected")


def test_all_none_and_the_others(ada_synced, tui):
    terminal = tui(80, 24)
    terminal.wait("2 unread")
    terminal.send("<M-a>")
    terminal.wait("9 selected")
    assert stars(terminal) == [1, 2, 3, 4, 5, 6]
    terminal.send("t")
    terminal.wait("8 selected")
    terminal.send("<M-i>")
    terminal.wait("1 selected")
    assert stars(terminal) == [1]
    terminal.send("<M-i>")
    terminal.wait("8 selected")
    terminal.send("N")
    terminal.wait("Marked 8 messages read")
    terminal.wait("1 unread")
    terminal.send("<M-u>")
    terminal.wait_gone("selected")
    terminal.wait("9 messages · 1 unread")


def test_selection_follows_messages(tern, empty_server, screen):
    """New mail, scrolling and a sync in between: the same messages are selected as before."""
    for n in range(60):
        empty_server.append("ada", "INBOX", message(f"P{n} <p@example.org>", f"Subject {n}", day=1 + n % 28, month=1 + n // 28,
                                                    mid=f"m{n}"), "")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.wait("60 unread")
    terminal.send("t", "G", "t")
    terminal.wait("2 selected")
    empty_server.deliver("ada", message("New <n@example.org>", "Newest", month=12, mid="new"))
    tern.ok("sync")
    terminal.wait("61 unread")
    terminal.send("=")
    terminal.wait("Newest")
    terminal.wait_for(lambda: stars(terminal) == [2])
    terminal.send("N")
    terminal.wait("59 unread")
    terminal.wait("Marked 2 messages read")
    read = [row["subject"] for row in tern.json("list", "INBOX").rows if "seen" in row["flags"]]
    assert read == ["Subject 59", "Subject 0"]
    # "All" is what was there when it was said.
    terminal.send("<Esc>")
    terminal.wait_gone("selected")
    terminal.send("<M-a>")
    terminal.wait("61 selected")
    empty_server.deliver("ada", message("New <n@example.org>", "Newer", month=12, day=2, mid="newer"))
    tern.ok("sync")
    terminal.wait("Newer")
    assert stars(terminal)[0] == 2
    terminal.send("=", "t")
    terminal.wait("select all anew")
    terminal.send("F")
    terminal.wait("Flagged 61 messages")
    terminal.send("q")
    assert terminal.wait_exit() == 0
    assert [row["subject"] for row in tern.json("list", "INBOX").rows if "flagged" not in row["flags"]] == ["Newer"]


@pytest.mark.slow
def test_many_at_once(tern, make_server, screen, tmp_path):
    """All of a long folder: the screen answers as if it were one."""
    server = make_server()
    write_maildir(tmp_path / "m", Generator(seed=5, count=5000, plain=True))
    server.fill("ada", "INBOX", tmp_path / "m")
    tern.write(server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")
    terminal.send(":sort flat<Enter>")
    terminal.wait("1 of 5,000")
    terminal.send("<M-a>")
    terminal.wait("5,000 selected")
    terminal.send("F")
    terminal.wait("Flagged 5,000 messages")
    times = [terminal.key_time("j") for _ in range(50)]
    assert sorted(times)[45] < 0.1
    terminal.send("G")
    terminal.wait("5,000 of 5,000")
    terminal.wait_for(lambda: len(stars(terminal)) >= 20 and "★" in terminal.row(20))
