"""The list of messages: what it looks like at each size, and what the keys do in it."""
import time

import pytest

from lib.genmail import Generator, write_maildir
from office import message

LIST_80 = """\
 work/INBOX                                               9 messages · 2 unread
  2024-11 ● Łukasz Żółć          Release 2.1 is out                         dev
▸ 2024-11 ● Zoë Brontë         3 Re: Budget meeting
  2024-11 ★ O'Neill, Pat         Invoice 4711                         finance +
▸ 2024-11   dev-list           2 Re: [PATCH v3 0/7] pager: fold quotes
  2024-11   Nguyễn Văn A         Chào bạn
  2024-03   old@example.net      Your receipt
~"""

def lines(terminal, n):
    return "\n".join(terminal.row(i) for i in range(n))


def test_80x24(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    assert lines(terminal, 8) == LIST_80
    assert terminal.row(22).startswith(" ○ offline")
    assert terminal.row(22).rstrip().endswith("0%") and "1 of 6" in terminal.row(22)
    assert terminal.row(23).startswith(" Enter open")
    assert terminal.reversed_rows() == [1]
    assert terminal.cell(1, 33).bold and not terminal.cell(3, 33).bold


def test_40x12(tui):
    terminal = tui(40, 12)
    terminal.wait("offline")
    assert terminal.row(0) == " INBOX                        9 · 2 new"
    assert terminal.row(1) == "   2024 ● Łukasz Żółć  Release 2.1 is o…"
    assert terminal.row(2) == "▸  2024 ● Zoë Brontë   Re: Budget meeti…"
    assert terminal.row(10).startswith(" ○ offline") and terminal.row(10).endswith("1 of 6")
    assert terminal.row(11).startswith(" Enter open")


def test_20x5(tui):
    terminal = tui(20, 5)
    terminal.wait("offline")
    assert terminal.row(0).startswith(" INBOX")
    assert terminal.row(1).startswith(" ● Łukas…")
    assert "offline" in terminal.row(3)
    terminal.send("j")
    terminal.wait_for(lambda: terminal.reversed_rows() == [2])


def test_120x40_has_a_sidebar_and_a_message_below(tui):
    terminal = tui(120, 40)
    terminal.wait("offline")
    assert terminal.row(0).startswith(" work") and "│ work/INBOX" in terminal.row(0)
    assert terminal.row(1).startswith("  Inbox") and "2 │" in terminal.row(1)
    assert any(terminal.row(n).startswith("▾ Projects") for n in range(10))
    terminal.send("j", "<Enter>")
    terminal.wait("Subject")
    assert "─────" in terminal.row(13)
    assert "Release 2.1 is out" in terminal.row(1)
    terminal.send("q")
    terminal.wait_gone("─────")


def test_160_columns_put_the_message_beside(tui):
    terminal = tui(160, 30)
    terminal.wait("offline")
    terminal.send("<Enter>")
    terminal.wait("Subject")
    row = terminal.row(terminal.rows_with("Subject")[0])
    assert row.count("│") == 2


def test_sidebar_option(ada_synced, tui):
    ada_synced.conf.write_text("[tern]\nsidebar = no\n" + ada_synced.conf.read_text())
    terminal = tui(120, 40)
    terminal.wait("offline")
    assert "│" not in terminal.text()


def test_moving(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    for key, row in (("j", 2), ("<Down>", 3), ("k", 2), ("<Up>", 1), ("k", 1), ("G", 6), ("j", 6), ("=", 1), ("*", 6),
                     ("<Home>", 1), ("<End>", 6), ("<PgUp>", 1), ("<Space>", 6), ("<C-u>", 1), ("<Tab>", 3)):
        terminal.send(key)
        terminal.wait_for(lambda: terminal.reversed_rows() == [row], what=f"{key} to row {row}")


def test_threads_unfold_as_trees(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("j", "z")
    terminal.wait("└ Zoë")
    assert terminal.row(2).startswith("▾ 2024-11   Ada Lovelace         Budget meeting")
    assert terminal.row(3).startswith("  2024-11 ●   ├ 田中 太郎")
    assert terminal.row(4).startswith("  2024-11 ↩   └ Zoë Brontë")
    # The cursor stays on its message, which the folded row showed.
    assert terminal.reversed_rows() == [4]
    terminal.send("z")
    terminal.wait_gone("├")
    assert terminal.reversed_rows() == [2]
    terminal.send("Z")
    terminal.wait("├")
    assert len(terminal.rows_with("▾")) == 2
    terminal.send("Z")
    terminal.wait_gone("▾")


def test_flat(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("o")
    terminal.wait_for(lambda: terminal.row(23).startswith(" o  t sort"))
    terminal.send("t")
    terminal.wait("1 of 9")
    assert terminal.row(2).startswith("  2024-11 ↩ Zoë Brontë") and terminal.row(3).startswith("  2024-11 ● 田中")
    terminal.send(":sort threads<Enter>")
    terminal.wait("1 of 6")


def test_next_unread_goes_into_folded_threads(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("<Tab>")
    terminal.wait_for(lambda: terminal.reversed_rows() and "田中" in terminal.row(terminal.reversed_rows()[0]))
    terminal.send("<Tab>")
    terminal.wait("No unread message follows")
    terminal.send("<S-Tab>")
    terminal.wait_for(lambda: terminal.reversed_rows() == [1])


def test_read_and_flag_at_once_and_kept(ada_synced, tui):
    terminal = tui(80, 24)
    terminal.wait("2 unread")
    terminal.send("N")
    terminal.wait("1 unread")
    terminal.wait_for(lambda: "●" not in terminal.row(1))
    terminal.send("N")
    terminal.wait("2 unread")
    terminal.send("N", "F")
    terminal.wait_for(lambda: "★" in terminal.row(1))
    terminal.settle()
    terminal.send("q")
    assert terminal.wait_exit() == 0
    row = ada_synced.json("list", "INBOX", "--limit", "1").rows[0]
    assert sorted(row["flags"]) == ["flagged", "seen"]
    again = tui(80, 24)
    again.wait("1 unread")
    again.wait_for(lambda: "★" in again.row(1))


def test_the_cursor_follows_the_message(tern, empty_server, screen):
    for n in range(30):
        empty_server.append("ada", "INBOX", message(f"Person {n} <p@example.org>", f"Subject {n}", day=1 + n % 28, hour=n % 24,
                                                    mid=f"m{n}"), r"\Seen")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")

    def arrive(name):
        """By another tern: the screen hears of it from the store."""
        empty_server.deliver("ada", message("New <n@example.org>", name, month=12, day=len(name), mid=name))
        tern.ok("sync")

    # At the top the list makes room, and the cursor goes one row lower with its message.
    first = terminal.row(1)
    arrive("x")
    terminal.wait_for(lambda: terminal.row(2) == first)
    assert terminal.reversed_rows() == [2]
    # Further down nothing moves on the screen.
    terminal.send("G")
    terminal.wait("31 of 31")
    before = [terminal.row(n) for n in range(1, 22)]
    arrive("xx")
    terminal.wait("32 of 32")
    assert [terminal.row(n) for n in range(1, 22)] == before


def test_keys_while_the_server_is_stopped(tern, make_server, screen, tmp_path):
    server = make_server()
    write_maildir(tmp_path / "m", Generator(seed=4, count=300, plain=True))
    server.fill("ada", "INBOX", tmp_path / "m")
    tern.write(server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24)
    terminal.wait("live")
    terminal.send(":sort flat<Enter>")
    terminal.wait("1 of 300")
    terminal.settle()
    server.freeze()
    try:
        terminal.send("$")
        times = [terminal.key_time("j") for _ in range(100)]
        assert all(t is not None for t in times)
        assert sorted(times)[95] < 0.1
        terminal.wait("101 of 300")
    finally:
        server.thaw()


@pytest.mark.parametrize("count", [5000])
def test_held_key_in_a_long_list(tern, make_server, screen, tmp_path, count):
    server = make_server()
    write_maildir(tmp_path / "m", Generator(seed=3, count=count, plain=True))
    server.fill("ada", "INBOX", tmp_path / "m")
    tern.write(server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")
    terminal.send(":sort flat<Enter>")
    terminal.wait(f"1 of {count:,}")
    # Typed faster than it can be drawn: none is lost, and it stands where it should at once.
    begin = time.monotonic()
    terminal.send("j" * 1000)
    terminal.wait(f"1,001 of {count:,}")
    assert time.monotonic() - begin < 3
    terminal.send("G")
    terminal.wait(f"{count:,} of {count:,}")
    terminal.send("k" * 500)
    terminal.wait(f"{count - 500:,} of {count:,}")
