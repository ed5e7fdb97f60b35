"""Commands: the `:` line, completion, help, palette, options, folders, and keys of one's own."""
import re


def test_command_line(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":", "nosuch", "<Enter>")
    terminal.wait("there is no command “nosuch”")
    # An error stays until a key.
    terminal.settle(1)
    assert "nosuch" in terminal.row(23)
    terminal.send("j")
    terminal.wait_gone("nosuch")
    terminal.send(":", "<C-c>", ":last<Enter>")
    terminal.wait("6 of 6")
    terminal.send(":", "<Up>", "<BS>", "<BS>", "<BS>", "<BS>", "first", "<Enter>")
    terminal.wait("1 of 6")
    terminal.send(":żółć", "<Left>", "<BS>", "x")
    terminal.wait_for(lambda: terminal.row(23) == ":żóxć")
    terminal.send("<C-e>", "<C-u>", "<BS>")
    terminal.wait("Enter open")


def test_completion(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":nex")
    terminal.wait_for(lambda: terminal.row(22).split() == ["next", "next-unread"])
    terminal.send("<Tab>", "<Tab>")
    terminal.wait_for(lambda: terminal.row(23) == ":next-unread")
    terminal.send("<C-u>", "fo", "<Tab>", "<Tab>", "<Tab>", "<Tab>")
    terminal.send("<C-u>", "folder Pro", "<Tab>")
    terminal.wait_for(lambda: terminal.row(23) == ":folder Projects/tern" or terminal.row(23) == ":folder Projects/house")
    terminal.send("<Enter>")
    terminal.wait("work/Projects/")
    terminal.send(":set hin", "<Tab>")
    terminal.wait_for(lambda: terminal.row(23) == ":set hints=")
    terminal.send("no", "<Enter>")
    terminal.wait_for(lambda: terminal.row(23) == "")


def test_options(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send(":set symbols=ascii<Enter>")
    terminal.wait("- offline")
    assert re.search(r"\d \| \d+ new|messages? \| \d+ unread", terminal.text())      # "8 - 7" would be a sum
    assert "●" not in terminal.text() and "▸" not in terminal.text() and terminal.row(2).startswith("+ 2024-11 *")
    terminal.send(":set symbols=utf8<Enter>")
    terminal.wait("○ offline")
    before = terminal.cell(0, 1).fg
    terminal.send(":set theme=light<Enter>")
    terminal.wait_for(lambda: terminal.cell(0, 1).fg != before)
    terminal.send(":set theme=nosuch<Enter>")
    terminal.wait("there is no theme “nosuch”")
    terminal.send(":set text-width=3<Enter>")
    terminal.wait("text-width")
    terminal.send(":set nosuch=1<Enter>")
    terminal.wait("there is no option “nosuch”")


def test_help(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("?")
    terminal.wait("Keys in the list of messages")
    terminal.wait_for(lambda: any("next-unread" in terminal.row(n) and "Tab" in terminal.row(n) for n in range(24)))
    terminal.send("/", "sidebar-open", "<Enter>")
    terminal.wait("C-o")
    terminal.send("q")
    terminal.wait("work/INBOX")
    terminal.send("<Enter>", "?")
    terminal.wait("Keys in a message")
    terminal.send("G")
    terminal.wait("bound to other keys")


def test_palette(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("<C-p>")
    terminal.wait("Command:")
    terminal.send("unr")
    terminal.wait_for(lambda: "next-unread" in terminal.row(12))
    assert "Tab" in terminal.row(12)
    terminal.send("<Enter>")
    terminal.wait("├")
    terminal.send("<C-p>", "set", "<Enter>")
    terminal.wait_for(lambda: terminal.row(23) == ":set")
    terminal.send("<Esc>")
    terminal.wait_gone(":set")
    terminal.send("<C-p>")
    terminal.wait("Command:")
    terminal.send("<Esc>")
    terminal.wait_gone("Command:")


def test_folders(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("c")
    terminal.wait("Folder:")
    terminal.send("tern")
    terminal.wait_for(lambda: "Projects/tern" in terminal.row(12))
    terminal.send("<Enter>")
    terminal.wait("work/Projects/tern")
    terminal.send("<Left>")
    terminal.wait("1 account")
    assert terminal.row(1).startswith(" work — ada@example.org")
    rows = [terminal.row(n) for n in range(2, 14)]
    assert rows[0].startswith("  Inbox") and "2 unread" in rows[0] and rows[0].endswith("9")
    assert any(row.startswith("▾ Projects") for row in rows)
    assert "tern" in terminal.row(terminal.reversed_rows()[0])
    terminal.send("=", "<Enter>")
    terminal.wait("work/INBOX")
    # Opened from the folders, the list goes back to them; and from there one quits.
    terminal.send("q")
    terminal.wait("1 account")
    terminal.send("q")
    assert terminal.wait_exit() == 0


def test_sidebar_keys(tui):
    terminal = tui(120, 40)
    terminal.wait("offline")
    terminal.send("J", "J", "<C-o>")
    terminal.wait_gone("work/INBOX")


def test_keys_of_ones_own(ada_synced, tui):
    ada_synced.conf.write_text("[keys]\nx = quit\nmessage:j = line-down\n" + ada_synced.conf.read_text())
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("x")
    assert terminal.wait_exit() == 0


def test_unbound_key(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("&")
    terminal.wait("& is not bound here")


def test_offline_and_online(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("● live")
    terminal.send("O")
    terminal.wait("○ offline")
    terminal.send("$")
    terminal.wait("tern is offline; O goes online")
    terminal.send("O")
    terminal.wait("Online again")
    terminal.send("$")
    terminal.wait("● live")
