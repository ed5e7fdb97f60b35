"""The configuration is read again when it changes: options, keys and themes at once, a broken one not at all."""
import os

import pytest

from lines import wait_for_bottom


@pytest.fixture
def conf(ada_synced, office):
    """Writes the account and whatever is given, as an editor does: a new file, renamed."""
    def write(*more, **keys):
        new = ada_synced.conf.with_suffix(".new")
        new.write_text(office.account("ada", section="work", **keys) + "\n".join(more) + "\n")
        new.chmod(0o600)
        os.replace(new, ada_synced.conf)
    return write


def test_options_and_keys_at_once(tui, conf):
    terminal = tui(80, 24)
    terminal.wait("c folder")
    conf("[tern]", "symbols = ascii", "hints = no", "[keys]", "list:& = last")
    terminal.wait("configuration was read again")
    terminal.wait("- offline")
    assert "Restart" not in terminal.text()
    terminal.send("&")
    terminal.wait("6 of 6")
    conf("[tern]", "hints = yes")
    terminal.wait("○ offline")
    terminal.send("&")
    terminal.wait("& is not bound here")


def test_a_theme_at_once(tui, conf, ada_synced):
    themes = ada_synced.profile / "themes"
    themes.mkdir()
    (themes / "mine.theme").write_text("[theme]\ninherit = dark\ntitle = red black\n")
    conf("[tern]", "theme = mine")
    terminal = tui(80, 24)
    terminal.wait("Release 2.1")
    assert terminal.cell(0, 1).fg == "red", terminal.text()
    (themes / "mine.theme").write_text("[theme]\ninherit = dark\ntitle = green black\n")
    terminal.wait_for(lambda: terminal.cell(0, 1).fg == "green")
    conf("[tern]", "theme = light")
    terminal.wait_for(lambda: terminal.cell(0, 1).fg != "green")


@pytest.mark.parametrize("cols,rows", [(80, 24), (120, 40), (40, 12)])
def test_a_broken_one_keeps_the_old(tui, conf, ada_synced, cols, rows):
    conf("[keys]", "list:e = last")
    terminal = tui(cols, rows)
    terminal.wait("Release 2.1"[:14] if cols > 40 else "Release")
    lines = len(ada_synced.conf.read_text().splitlines())
    conf("[tern]", "hints = maybe")
    terminal.wait(f"tern.conf:{lines}: ")
    terminal.send("e")  # as it was
    terminal.wait("6 of 6")
    conf("[keys]", "e = fly")
    terminal.wait(f"tern.conf:{lines}: ")
    terminal.send("k")
    terminal.wait("5 of 6")
    ada_synced.conf.unlink()
    terminal.settle(0.2)
    terminal.send("e")
    terminal.wait("6 of 6")
    conf("[keys]", "list:w = first")
    terminal.wait("configuration was read again"[:20])
    terminal.send("w")
    terminal.wait("1 of 6")


@pytest.mark.parametrize("cols,rows", [(80, 24), (120, 40), (40, 12)])
def test_mistakes_at_the_start(tui, conf, ada_synced, cols, rows):
    """One sentence on the last line, and the default for what is wrong; the rest counts."""
    conf("[tern]", "theme = mine", "[keys]", "list:e = fly", "list:w = last")
    lines = len(ada_synced.conf.read_text().splitlines())
    terminal = tui(cols, rows)
    terminal.wait(f"tern.conf:{lines - 3}: ")
    wait_for_bottom(terminal, "there is no theme “mine”")
    terminal.send("w")
    terminal.wait("6 of 6")
    terminal.send("q")
    terminal.wait_exit()
    themes = ada_synced.profile / "themes"
    themes.mkdir()
    (themes / "mine.theme").write_text("inherit = dark\nstatus = nonsense\ntitle = red black\n")
    conf("[tern]", "theme = mine")
    terminal = tui(cols, rows)
    terminal.wait("mine.theme:2: ")
    assert "red" in {terminal.cell(0, col).fg for col in range(cols)}
    terminal.send(":set theme=nosuch<Enter>")
    terminal.wait("there is no theme")
    assert "red" in {terminal.cell(0, col).fg for col in range(cols)}


def test_a_broken_theme_keeps_the_old(tui, conf, ada_synced):
    themes = ada_synced.profile / "themes"
    themes.mkdir()
    (themes / "mine.theme").write_text("inherit = dark\ntitle = red black\n")
    conf("[tern]", "theme = mine")
    terminal = tui(80, 24)
    terminal.wait("Release 2.1")
    (themes / "mine.theme").write_text("inherit = dark\ntitle = grren black\n")
    terminal.wait("mine.theme:2: title: “grren”")
    assert terminal.cell(0, 1).fg == "red"
    (themes / "mine.theme").write_text("inherit = dark\ntitle = green black\n")
    terminal.wait_for(lambda: terminal.cell(0, 1).fg == "green")


def test_changed_accounts_are_told(tui, conf):
    terminal = tui(80, 24)
    terminal.wait("Release 2.1")
    conf(max_connections="2")
    terminal.wait("Restart tern to use the changed accounts")


def test_a_link_to_the_file(tui, conf, ada_synced, tmp_path):
    target = tmp_path / "real.conf"
    os.replace(ada_synced.conf, target)
    ada_synced.conf.symlink_to(target)
    terminal = tui(80, 24)
    terminal.wait("c folder")
    with target.open("a") as file:
        file.write("[tern]\nhints = no\n")
    terminal.wait("configuration was read again")


def test_the_first_account(tern, office, screen):
    terminal = screen(80, 24)
    terminal.wait("[account")
    tern.write(office.account("ada", section="work"))
    terminal.wait("Release 2.1", 20)
    terminal.send("G")
    terminal.wait("6 of 6")
