"""Prompts: editing, history that is kept, completion by a few letters, folders that were chosen lately."""
import pytest

from lib.mailserver import MailServer


def bottom(terminal):
    return terminal.row(terminal.screen.lines - 1)


def test_history_is_kept_by_kind(ada_synced, tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":last<Enter>")
    terminal.wait("6 of 6")
    terminal.send(":first<Enter>")
    terminal.wait("1 of 6")
    terminal.send("?")
    terminal.wait("Keys in the list")
    terminal.send("/palette<Enter>")
    terminal.wait_gone("/palette")
    terminal.send("q")
    terminal.wait("work/INBOX")
    terminal.send("q")
    assert terminal.wait_exit() == 0
    folder = ada_synced.profile / "data/history"
    assert (folder / "command").read_text() == "last\nfirst\n"
    assert (folder / "search").read_text() == "palette\n"
    assert (folder / "command").stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    again = tui(80, 24)
    again.wait("offline")
    again.send(":<Up><Up>")
    again.wait_for(lambda: bottom(again) == ":last")
    # What was typed comes back below the newest line, and a beginning finds only what goes on from it.
    again.send("<Down><Down>")
    again.wait_for(lambda: bottom(again) == ":")
    again.send("la<C-p>")
    again.wait_for(lambda: bottom(again) == ":last")
    again.send("<C-n>")
    again.wait_for(lambda: bottom(again) == ":la")
    again.send("<Esc>")
    again.wait_gone(":la")


def test_emacs_keys(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":set one two<C-w><C-a><C-y>")
    terminal.wait_for(lambda: bottom(terminal) == ":twoset one")
    terminal.send("<C-e><BS><M-b><M-d>ab<C-t>")
    terminal.wait_for(lambda: bottom(terminal) == ":twoset ba")
    terminal.send("<C-u><C-g>")
    terminal.wait("Enter open")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12), (20, 5)])
def test_a_long_line_scrolls(tui, size):
    terminal = tui(*size)
    terminal.wait("INBOX")
    terminal.send(":" + "abcdefghij" * 30)
    terminal.wait_for(lambda: terminal.row(size[1] - 1).endswith("hij"))
    assert terminal.cursor[0] == size[1] - 1
    terminal.send("<C-a>")
    terminal.wait_for(lambda: terminal.row(size[1] - 1).startswith(":abcdef"))
    assert terminal.cursor == (size[1] - 1, 1)


def test_folders_complete_fuzzily(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":folder ptern")
    terminal.wait_for(lambda: terminal.row(22).split() == ["Projects/tern"])
    terminal.send("<Tab><Enter>")
    terminal.wait("work/Projects/tern")


def test_recent_folders_come_first(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("c")
    terminal.wait("Folder:")
    assert terminal.row(12).split()[0] == "INBOX"
    for name in ("Projects/house", "Archive"):
        terminal.send(name, "<Enter>")
        terminal.wait("work/" + name)
        terminal.send("c")
        terminal.wait("Folder:")
    assert [terminal.row(n).split()[0] for n in (12, 13, 14)] == ["Archive", "Projects/house", "INBOX"]
    # Of two that the letters fit, the one that was chosen; and it is so in the next tern too.
    terminal.send("pr")
    terminal.wait_for(lambda: terminal.row(12).split() == ["Projects/house"])
    terminal.close()
    again = tui(80, 24)
    again.wait("offline")
    again.send("cproj")
    again.wait_for(lambda: again.row(12).split() and again.row(12).split()[0] == "Projects/house")


HOSTILE = ["\u202eevil", "a" * 200, "new\u2028line", "ünï\u0301" * 10, "%s%n", "“quoted”", "- dash", "tab\u00adsoft"]


def test_hostile_folder_names(tern, screen):
    with MailServer() as server:
        server.create("ada", *HOSTILE)
        tern.write(server.account("ada"))
        tern.ok("sync")
        for size in ((80, 24), (40, 12)):
            terminal = screen(*size, "--offline")
            terminal.wait("INBOX")
            terminal.send("c")
            terminal.wait("Folder:")
            terminal.send("evil")
            terminal.wait_for(lambda: terminal.rows_with("evil") and not terminal.rows_with("%s%n"))
            terminal.send("<C-u>%s")
            terminal.wait("%s%n")
            terminal.send("<Enter>")
            terminal.wait("%s%n  " if size[0] < 60 else "/%s%n")
            assert "\u202e".encode() not in terminal.raw and "\u2028".encode() not in terminal.raw
            terminal.close()


def test_old_news_does_not_come_back_after_a_prompt(tui):
    terminal = tui(80, 24)
    terminal.wait("1 of 6")
    terminal.send("%")
    terminal.wait("is not bound here")
    terminal.send(":")
    terminal.wait_for(lambda: bottom(terminal) == ":")
    terminal.send("<C-g>")
    terminal.wait_for(lambda: bottom(terminal) != ":")
    assert "is not bound here" not in bottom(terminal)
