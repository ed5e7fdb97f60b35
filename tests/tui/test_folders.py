"""The folders: what is folded and hidden lasts, and roles are said."""
import pytest

from lines import catch_up, step

SIZES = [(80, 24), (120, 40), (40, 12)]


def show(tui, cols=80, rows=24):
    terminal = tui(cols, rows)
    terminal.wait("Release 2.1")
    terminal.send("y")
    terminal.wait("Enter open  Tab next unread  z fold")
    return terminal


def cursor_is_on(terminal, name):
    return any(name in terminal.row(row)[:30] for row in terminal.reversed_rows())


def go_to(terminal, name):
    """Puts the cursor on a folder further down."""
    catch_up(terminal)
    for _ in range(12):
        if cursor_is_on(terminal, name):
            return
        step(terminal, "j")
    raise AssertionError(f"the cursor does not come to {name}:\n{terminal.text()}")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_folded_stays_folded(tui, cols, rows):
    with show(tui, cols, rows) as terminal:
        go_to(terminal, "▾ Projects")
        terminal.send("z")
        terminal.wait("▸ Projects")
        assert not terminal.rows_with("house")
    with show(tui, cols, rows) as terminal:
        terminal.wait("▸ Projects")
        go_to(terminal, "Projects")
        terminal.send("Z")
        terminal.wait("▾ Projects")
        assert cursor_is_on(terminal, "Projects"), terminal.text()
        terminal.send("j")
        terminal.wait("house")


def test_hidden_folders(tui):
    with show(tui) as terminal:
        terminal.send("<M-h>")
        terminal.wait("No folder is hidden")
        go_to(terminal, "▾ Projects")
        terminal.send("H")
        terminal.wait("Hidden: Projects")
        terminal.wait_gone("house")
        assert cursor_is_on(terminal, "Hostile"), terminal.text()  # what was hidden stood last
    with show(tui) as terminal:
        assert not terminal.rows_with("house") and not terminal.rows_with("Projects"), terminal.text()
        terminal.send("<M-h>")
        terminal.wait("house  hidden")
        go_to(terminal, "▾ Projects")
        terminal.send("H")
        terminal.wait("is shown again")
        terminal.wait_gone("house  hidden")
        terminal.send("<M-h>")
        terminal.settle()
        assert terminal.rows_with("house"), terminal.text()


def test_roles_are_said(tern, make_server, screen):
    server = make_server(roles=["Drafts", "Gesendet=Sent", "Papierkorb=Trash"])
    tern.write(server.account("ada", section="work"))
    tern.ok("sync", "work/INBOX")
    with screen(80, 24, "--offline") as terminal:
        terminal.send("y")
        terminal.wait("Papierkorb  trash")
        assert terminal.rows_with("Gesendet  sent")
        assert not [r for r in terminal.rows_with("Drafts") if "drafts" in terminal.row(r)], terminal.text()


def test_thousands_of_folders(tern, empty_server, screen):
    """All are there, in order, found by a few letters; the keys that are typed meanwhile are not lost."""
    names = [f"Projects-{n // 100:02d}/part {n:04d}" for n in range(1500)]
    empty_server.create_many("ada", names)
    tern.write(empty_server.account("ada", section="work", keep_offline="headers"))
    tern.ok("sync", "work/INBOX")
    with screen(80, 24, "--offline") as terminal:
        terminal.wait("INBOX")
        terminal.send("c")
        terminal.wait("Folder:")
        terminal.send("pa1234")
        terminal.wait_for(lambda: any("Projects-12/part 1234" in terminal.row(n) for n in terminal.reversed_rows()))
        terminal.send("<Enter>")
        terminal.wait("Projects-12/part 1234")
        terminal.wait_gone("Folder:")
        terminal.send("y", "G")
        terminal.wait_for(lambda: cursor_is_on(terminal, "part 1499"))
        terminal.send("<Home>", "j" * 300)
        terminal.wait_for(lambda: cursor_is_on(terminal, "part 0291"), what="300 rows further down")


def test_q_goes_back_the_way_one_came(tui):
    terminal = tui(80, 24)
    for folder in ("Projects/tern", "Archive", "Sent", "Archive"):  # which was open before: that is gone back to
        terminal.send(f":folder {folder}<Enter>")
        terminal.wait_for(lambda: terminal.row(0).startswith(f" work/{folder} "))
    for folder in ("Projects/tern", "INBOX"):
        terminal.send("q")
        terminal.wait_for(lambda: terminal.row(0).startswith(f" work/{folder} "))
    terminal.send("q")
    assert terminal.wait_exit() == 0


def test_q_goes_back_from_the_folders_to_the_list(tui):
    """A look at the folders is no reason to quit; a folder that was opened from there leads back there."""
    with show(tui) as terminal:
        for _ in range(2):
            terminal.send("q")
            terminal.wait_for(lambda: terminal.row(0).startswith(" work/INBOX "))
            terminal.send("y")
            terminal.wait("Enter open  Tab next unread  z fold")
        terminal.send("q")
        terminal.wait_for(lambda: terminal.row(0).startswith(" work/INBOX "))
        terminal.send("y")
        go_to(terminal, "Archive")
        terminal.send("<Enter>")
        terminal.wait_for(lambda: terminal.row(0).startswith(" work/Archive "))
        terminal.send("q")
        terminal.wait("Enter open  Tab next unread  z fold")
        terminal.send("q")
        assert terminal.wait_exit() == 0
