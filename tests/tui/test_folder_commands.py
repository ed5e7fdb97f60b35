"""The list of folders: made, renamed, put below another, deleted, subscribed to, emptied; what may not be is refused in
words."""
import pytest

from lib.mailserver import MailServer
from lines import catch_up, marked, step
from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]
HOSTILE = "\u202eevil\u2066 " + "long" * 20


@pytest.fixture
def box(tern):
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Trash", "Projects/tern", "Projects/house", "Old")
        server.append("ada", "INBOX", message("A <a@example.org>", "Hello"), "")
        for n in range(3):
            server.append("ada", "Old", message(f"P{n} <p@example.org>", f"Old {n}", day=1 + n, mid=f"o{n}"), "")
        for n in range(2):
            server.append("ada", "Trash", message(f"P{n} <p@example.org>", f"Thrown {n}", day=1 + n, mid=f"t{n}"), "")
        tern.write(server.account("ada"))
        tern.ok("sync")
        yield server


def names(tern):
    return [row["folder"] for row in tern.json("folders").rows]


def start(screen, size=(80, 24)):
    terminal = screen(*size, "--offline")
    terminal.wait("Hello")
    terminal.send("y")
    terminal.wait("Tab next unread")
    return terminal


def go_to(terminal, name):
    """Puts the cursor on a folder."""
    terminal.send("=")
    catch_up(terminal)
    for _ in range(20):
        if any(name in line for line in marked(terminal)):
            return
        step(terminal, "j")
    raise AssertionError(f"{name} is not in\n{terminal.text()}")


def news(terminal, text):
    """A sentence on the bottom line, or on as many lines as it needs on a narrow screen."""
    def stands():
        lines = [terminal.row(n) for n in range(-3, 0)]
        return "".join(text.split()) in "".join("".join(lines).split())
    terminal.wait_for(stands, what=repr(text))


@pytest.mark.parametrize("size", SIZES)
def test_create_rename_delete(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("C")
    terminal.wait("New folder:")
    terminal.send("Projects/new<Enter>")
    news(terminal, "Made the folder Projects/new. u undoes it.")
    terminal.wait_for(lambda: "Projects/new" in names(tern))
    go_to(terminal, "new")
    terminal.send("r")
    terminal.wait("New name: Projects/new")
    terminal.send("<C-u>Renamed<Enter>")
    news(terminal, "Renamed to Renamed")
    terminal.wait_for(lambda: "Renamed" in names(tern))
    terminal.send("u")
    news(terminal, "Undone: ")
    assert "Projects/new" in names(tern) and "Renamed" not in names(tern)
    go_to(terminal, "Old")
    terminal.send("d")
    terminal.wait("messages? (y/n)" if size[0] >= 60 else "(y/n)")
    terminal.send("n")
    terminal.wait_gone("(y/n)")
    assert "Old" in names(tern)
    terminal.send("d", "y")
    news(terminal, "Deleting the folder Old in a minute. u undoes it.")
    terminal.wait_for(lambda: "Old" not in names(tern))
    terminal.send("u")
    news(terminal, "Undone: ")
    assert "Old" in names(tern)
    assert len(tern.json("list", "Old").rows) == 3


@pytest.mark.parametrize("size", SIZES)
def test_undo_leaves_a_folder_that_others_have_put_mail_into(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("C")
    terminal.wait("New folder:")
    terminal.send("New<Enter>")
    news(terminal, "Made the folder New. u undoes it.")
    tern.ok("sync")
    box.append("ada", "New", message("P <p@example.org>", "Theirs", day=1, mid="theirs"), "")
    tern.ok("sync")
    terminal.send("u")
    news(terminal, "Not undone: folder New made; it holds 1 message by now")
    assert "New" in names(tern)
    terminal.send("u")
    news(terminal, "There is nothing to undo")


def test_below_another(tern, box, screen):
    terminal = start(screen)
    go_to(terminal, "Old")
    terminal.send("s")
    terminal.wait("Move below:")
    assert terminal.rows_with("(the top level)") and terminal.rows_with("Projects")
    terminal.send("Projects<Enter>")
    news(terminal, "Renamed to Projects/Old")
    assert "Projects/Old" in names(tern)
    assert len(tern.json("list", "Projects/Old").rows) == 3
    go_to(terminal, "Old")
    terminal.send(":folder-move /<Enter>")
    news(terminal, "Renamed to Old")
    assert "Old" in names(tern)
    # With all that is below it.
    go_to(terminal, "Projects")
    terminal.send(":folder-rename Work<Enter>")
    terminal.wait_for(lambda: {"Work/tern", "Work/house"} <= set(names(tern)) or terminal.rows_with("no folder by itself"))


def test_what_may_not_be(tern, box, screen):
    terminal = start(screen)
    before = names(tern)
    for folder, line, said in (
            ("Inbox", "folder-delete", "“INBOX” is where new mail comes; it stays"),
            ("Inbox", "folder-rename In", "“INBOX” is where new mail comes; it stays"),
            ("Trash", "folder-delete", "“Trash” has a use of its own"),
            ("Sent", "folder-move Projects", "“Sent” has a use of its own"),
            ("Old", "folder-rename Sent", "there is a folder “Sent” already"),
            ("Old", "folder-rename Old/er", "“Old” cannot be moved into itself"),
            ("Old", "folder-rename a//b", "“a//b” is no name for a folder"),
            ("Old", "folder-create /", "“/” is no name for a folder"),
            ("Old", "folder-create inbox", "there is a folder “inbox” already"),
            ("Old", "unsubscribe", "It is not subscribed to")):
        go_to(terminal, folder)
        if line == "unsubscribe":
            terminal.send(":unsubscribe<Enter>")
            terminal.settle()
        terminal.send(f":{line}<Enter>")
        news(terminal, said)
    assert names(tern) == before


def test_subscribe(tern, box, screen):
    terminal = start(screen)
    go_to(terminal, "Old")

    def is_subscribed():
        return next(row["subscribed"] for row in tern.json("folders").rows if row["folder"] == "Old")
    was = is_subscribed()
    terminal.send("S")
    news(terminal, "Unsubscribed from Old. u" if was else "Subscribed to Old. u")
    assert is_subscribed() != was
    terminal.send("S")
    news(terminal, "Subscribed to Old. u" if was else "Unsubscribed from Old. u")
    assert is_subscribed() == was
    terminal.send("u")
    news(terminal, "Undone: ")
    assert is_subscribed() != was


def test_mark_read_and_empty(tern, box, screen):
    terminal = start(screen)
    go_to(terminal, "Old")
    terminal.wait("3 unread")
    terminal.send("<C-k>")
    news(terminal, "Marked 3 messages read. u undoes it.")
    terminal.wait_gone("3 unread")
    # The Trash of the account, wherever one stands.
    terminal.send("E")
    terminal.wait("Delete all 2 messages in “Trash” for good? (y/n)")
    terminal.send("y")
    news(terminal, "Emptying Trash for good in a minute. u undoes it.")
    terminal.wait_for(lambda: not tern.json("list", "Trash").rows)
    terminal.send("u")
    news(terminal, "Undone: ")
    assert len(tern.json("list", "Trash").rows) == 2
    terminal.send("u")
    terminal.wait("3 unread")


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5)])
def test_hostile_names(tern, box, screen, size):
    box.create("ada", HOSTILE)
    box.append("ada", HOSTILE, message("A <a@example.org>", "Inside"), "")
    tern.ok("sync")
    terminal = screen(*size, "--offline")
    terminal.wait("INBOX")
    terminal.send("y")
    terminal.wait("Inbox" if size[1] > 5 else "Fold")
    terminal.send("G")
    catch_up(terminal)
    while not any("evil" in line for line in marked(terminal)):
        step(terminal, "k")
    terminal.send("d")
    terminal.wait("(y/n)")
    assert "\u202e".encode() not in terminal.raw and "\u2066".encode() not in terminal.raw.replace("\u2068".encode(), b"")
    terminal.send("x", "<Enter>", "7")
    terminal.settle()
    assert terminal.rows_with("(y/n)")
    terminal.send("n")
    terminal.wait_gone("(y/n)")
    assert HOSTILE in names(tern)


def test_hidden_by_command(tern, screen, box):
    """tern folder hide and unhide set the mark that H sets; a screen that is open sees it with the next change."""
    def hidden():
        return [row["folder"] for row in tern.json("folders").rows if row["hidden"]]
    terminal = start(screen)
    terminal.wait("house")
    assert "the screen hides" in tern.ok("folder", "hide", "Projects").err
    assert hidden() == [name for name in names(tern) if name.split("/")[0] == "Projects"] != []
    assert "nothing had to be changed" in tern.ok("folder", "hide", "Projects").err
    assert "below a folder that is hidden" in tern.ok("folder", "unhide", "Projects/house").err
    tern.ok("folder", "create", "Shown")
    terminal.wait("Shown")
    assert not terminal.rows_with("house")
    terminal.send("<M-h>")
    terminal.wait("house  hidden")
    terminal.send("<M-h>")
    terminal.wait_gone("house  hidden")
    assert "the screen shows" in tern.ok("folder", "unhide", "Projects").err and not hidden()
    tern.ok("folder", "create", "Shown too")
    terminal.wait("Shown too")
    terminal.wait("house")
    # What H hid there is brought back here, also where the folder has gone since.
    go_to(terminal, "Old")
    terminal.send("H")
    terminal.wait("Hidden: Old")
    assert hidden() == ["Old"]
    tern.ok("--yes", "folder", "delete", "Old")
    assert "Old" not in names(tern)
    tern.ok("folder", "unhide", "Old")
    tern.ok("undo")
    assert "Old" in names(tern) and not hidden()
    terminal.wait("Old")


def test_hide_refused(tern, box):
    for words, status, what in ((("hide",), 2, ""), (("hide", "None"), 1, "None"), (("unhide", "None"), 1, "None")):
        result = tern("folder", *words)
        assert result.status == status and what in result.err, repr(result)
    tern.ok("folder", "hide", "inbox")
    assert [row["folder"] for row in tern.json("folders").rows if row["hidden"]] == ["INBOX"]
    marks = next(tern.profile.rglob("folders"))
    marks.unlink()
    marks.mkdir()  # in the file's place
    result = tern.json("folder", "hide", "Old")
    assert result.status == 1 and '"kind":"store"' in result.err.replace(" ", ""), repr(result)
