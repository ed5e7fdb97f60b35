"""A folder that goes, since its making is undone or since somebody deletes it, never takes along what that person has not seen:
what others have put into it, or what was there before."""
import pytest

from lib.mailbox import Mailbox, visit

TEXT = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: theirs %d\r\nMessage-ID: <theirs%d@example.org>\r\n"
        b"Date: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\ntext\r\n")


@pytest.fixture
def mine(empty_server, tern):
    empty_server.deliver("ada", TEXT % (0, 0))
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    return Mailbox(empty_server, tern)


def fill(box, folder, count=3):
    for n in range(1, count + 1):
        box.server.append("ada", folder, TEXT % (n, n))


def shown(tern, account="ada"):
    return {row["folder"] for row in tern.json("--offline", "folders").rows if row["account"] == account}


def test_a_folder_that_holds_mail_by_now_stays(mine):
    tern = mine.tern
    tern.ok("flag", mine.ids()[0])
    tern.ok("folder", "create", "Proj")
    tern.ok("sync")
    fill(mine, "Proj")
    tern.ok("sync")
    undone = tern("undo")
    assert undone.status == 1 and "Proj made; it holds 3 messages by now" in undone.err
    mine.release()
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 3 and "Proj" in shown(tern)
    assert "1 message flagged" in tern.ok("undo").err  # the next one is the change before it
    tern.ok("sync")
    mine.agree()


def test_mail_that_came_since_the_undo_keeps_the_folder(mine):
    """This program does not know of it: the server is asked before the folder is deleted."""
    tern = mine.tern
    tern.ok("folder", "create", "Proj")
    tern.ok("sync")
    fill(mine, "Proj", 2)
    assert "taken back" in tern.ok("undo").err and "Proj" not in shown(tern)
    mine.release()
    assert "“Proj” was to go since its making was undone, but holds 2 messages by now" in tern.ok("sync").err
    assert len(mine.on_server()["Proj"]) == 2 and "Proj" in shown(tern)
    tern.ok("sync")
    mine.agree()


def test_an_empty_one_goes(mine):
    tern = mine.tern
    tern.ok("folder", "create", "Proj")
    tern.ok("move", mine.ids()[0], "Proj")
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 1
    tern.ok("undo", "2")  # the message goes back first
    mine.release()
    tern.ok("sync")
    tern.ok("sync")
    assert "Proj" not in mine.on_server() and "Proj" not in shown(tern)
    assert len(mine.on_server()["INBOX"]) == 1
    mine.agree()


def test_one_that_was_there_already_is_not_ours(mine):
    tern = mine.tern
    tern.ok("--offline", "folder", "create", "Proj")
    mine.server.create("ada", "Proj")
    tern.ok("sync")
    undone = tern("undo")
    assert undone.status == 1 and "Proj made; it was there before" in undone.err
    mine.release()
    tern.ok("sync")
    assert "Proj" in mine.on_server() and "Proj" in shown(tern)


def test_a_folder_made_for_a_move_stays_with_the_mail_of_others(mine):
    tern = mine.tern
    tern.ok("delete", mine.ids()[0])  # makes the Trash
    tern.ok("sync")
    fill(mine, "Trash")
    tern.ok("sync")
    assert "1 message deleted" in tern.ok("undo").err
    mine.release()
    tern.ok("sync")
    there = mine.on_server()
    assert len(there["Trash"]) == 3 and len(there["INBOX"]) == 1
    mine.agree()


def test_a_deleted_folder_keeps_what_came_since(mine):
    """It is told, and seen; deleted once more it goes."""
    tern = mine.tern
    mine.server.create("ada", "Proj")
    fill(mine, "Proj", 1)
    tern.ok("sync")
    tern.ok("--offline", "move", mine.ids()[0], "Proj")  # this one is known of
    tern.ok("--offline", "folder", "delete", "Proj")
    mine.server.append("ada", "Proj", TEXT % (9, 9))
    mine.release()
    assert "“Proj” holds 3 messages, more than when it was deleted here" in tern("sync").err
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 3 and "Proj" in shown(tern)
    mine.agree()
    tern.ok("folder", "delete", "Proj")
    mine.release()
    tern.ok("sync")
    tern.ok("sync")
    assert "Proj" not in mine.on_server() and "Proj" not in shown(tern)


# --- made again while its deletion waits ---


def test_one_that_is_to_go_is_made_again_by_redo(mine):
    """Its deletion, which is held back, goes: nothing is made, and what others have put into it is kept."""
    tern = mine.tern
    tern.ok("folder", "create", "Proj")
    tern.ok("flag", mine.ids()[0])
    tern.ok("sync")
    tern.ok("undo", "2")
    assert "Proj" not in shown(tern)
    fill(mine, "Proj", 2)
    assert "folder Proj made" in tern.ok("redo", "2").err  # the flag is made after it
    assert "Proj" in shown(tern) and mine.rows()[0]["flags"] == ["flagged"]
    mine.release()
    tern.ok("sync")
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 2
    mine.agree()


def test_and_can_be_undone_and_made_ever_again(mine):
    tern = mine.tern
    tern.ok("folder", "create", "Proj")
    tern.ok("sync")
    for _ in range(3):
        tern.ok("undo")
        assert "Proj" not in shown(tern)
        tern.ok("redo")
        assert "Proj" in shown(tern) and mine.journal() == []
    tern.ok("undo")
    mine.release()
    tern.ok("sync")
    assert "Proj" not in mine.on_server() and "Proj" not in shown(tern)
    tern.ok("redo")  # by now it has to be made
    tern.ok("sync")
    assert "Proj" in mine.on_server() and "Proj" in shown(tern)


def test_one_that_is_to_go_is_made_again_by_hand(mine):
    """With its mail; and each undo takes back what was done before it."""
    tern = mine.tern
    mine.server.create("ada", "Proj")
    fill(mine, "Proj", 2)
    mine.server.create("ada", "Empty")
    tern.ok("sync")
    for folder in ("Proj", "Empty"):
        tern.ok("folder", "delete", folder)
        tern.ok("folder", "create", folder)
        assert folder in shown(tern) and mine.journal() == []
    assert len(mine.rows("Proj")) == 2
    tern.ok("undo")  # that Empty was made: its deletion waits again
    assert "Empty" not in shown(tern) and [row["verb"] for row in mine.journal()] == ["delete"]
    tern.ok("undo")  # and that one is taken back
    assert "Empty" in shown(tern) and mine.journal() == []
    undone = tern("undo")
    assert undone.status == 1 and "Proj made; it holds 2 messages by now" in undone.err
    mine.release()
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 2 and "Empty" in mine.on_server()
    mine.agree()


def test_a_deletion_that_goes_on_takes_no_mail_along(mine):
    """It was made for a folder with a message; when it goes on, the folder is empty, and has to be when it is played."""
    tern = mine.tern
    mine.server.create("ada", "Proj")
    fill(mine, "Proj", 1)
    tern.ok("sync")
    tern.ok("folder", "delete", "Proj")
    tern.ok("folder", "create", "Proj")
    with visit(mine.server, "ada") as imap:
        imap.select("Proj")
        imap.uid("MOVE", "1:*", "INBOX")
    tern.ok("sync")
    tern.ok("undo")
    assert "Proj" not in shown(tern)
    fill(mine, "Proj", 1)
    mine.release()
    assert "“Proj” was to go since its making was undone, but holds 1 message by now" in tern.ok("sync").err
    tern.ok("sync")
    assert len(mine.on_server()["Proj"]) == 1 and "Proj" in shown(tern)
    mine.agree()


def test_what_goes_to_a_role_takes_the_deletion_of_its_folder_back(mine):
    tern = mine.tern
    mine.server.create("ada", "Archive")
    tern.ok("sync")
    tern.ok("folder", "delete", "Archive")
    tern.ok("archive", mine.ids()[0])
    assert "Archive" in shown(tern)
    mine.release()
    tern.ok("sync")
    assert len(mine.on_server()["Archive"]) == 1
    mine.agree()


# --- on this disk ---


def test_on_this_disk_one_is_made_again(local):
    box, root = local
    tern = box.tern
    tern.ok("folder", "create", "Proj")
    tern.ok("undo")
    put(root, ".Proj", 1)
    tern.ok("redo")
    box.release()
    tern.ok("sync")
    assert [path.name for path in (root / ".Proj").glob("*/*M1P1*")] and len(box.rows("Proj")) == 1
    tern.ok("folder", "delete", "Proj")
    tern.ok("folder", "create", "Proj")
    assert len(box.rows("Proj")) == 1


def put(root, folder, n):
    place = root / folder / "new" / f"179000000{n}.M1P{n}.other"
    place.write_bytes((TEXT % (n, n)).replace(b"\r\n", b"\n"))


@pytest.fixture
def local(tern, tmp_path):
    root = tmp_path / "mail"
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{root}\n")
    tern.ok("sync")
    return Mailbox(None, tern), root


@pytest.mark.parametrize("is_known", [True, False])
def test_on_this_disk_too(local, is_known):
    box, root = local
    tern = box.tern
    tern.ok("folder", "create", "Proj")
    put(root, ".Proj", 1)
    if is_known:
        tern.ok("sync")
    undone = tern("undo")
    if is_known:
        assert undone.status == 1 and "it holds 1 message by now" in undone.err
    else:
        assert undone.status == 0
        box.release()
        assert "holds 1 message by now" in tern.ok("sync").err
    tern.ok("sync")
    assert [path.name for path in (root / ".Proj").glob("*/*M1P1*")] and "Proj" in shown(tern, "local")


def test_on_this_disk_what_was_there_and_what_is_empty(local):
    box, root = local
    tern = box.tern
    tern.ok("folder", "create", "Empty")
    tern.ok("undo")
    box.release()
    tern.ok("sync")
    assert not (root / ".Empty").exists() and "Empty" not in shown(tern, "local")
    for part in ("tmp", "new", "cur"):
        (root / ".There" / part).mkdir(parents=True)
    tern.ok("folder", "create", "There")
    undone = tern("undo")
    assert undone.status == 1 and "it was there before" in undone.err


def test_on_this_disk_a_deleted_folder_keeps_what_came_since(local):
    box, root = local
    tern = box.tern
    tern.ok("folder", "create", "Proj")
    put(root, ".Proj", 1)
    (root / ".Proj" / "cur" / "1790000009.M1P9.odd:2,S").symlink_to("/nowhere")  # no message, and nobody counts it
    tern("sync")
    tern.ok("folder", "delete", "Proj")
    put(root, ".Proj", 2)
    box.release()
    assert "“Proj” holds 2 messages, more than when it was deleted here" in tern("sync").err
    tern.ok("sync")
    assert "Proj" in shown(tern, "local") and len(list((root / ".Proj").glob("*/*.other*"))) == 2
    tern.ok("folder", "delete", "Proj")
    box.release()
    tern.ok("sync")
    assert not (root / ".Proj").exists() and "Proj" not in shown(tern, "local")


@pytest.mark.parametrize("other", ["renames", "deletes"])
def test_a_name_that_is_free_by_now(mine, other):
    """P1 is renamed here, then P2 to its name; meanwhile another client renames or deletes P1, so that only the second is played."""
    tern, server = mine.tern, mine.server
    server.create("ada", "P1", "P1/sub", "P2", "P2/sub")
    fill(mine, "P2/sub")
    tern.ok("sync")
    tern.ok("--offline", "folder", "rename", "P1", "X")
    tern.ok("--offline", "folder", "rename", "P2", "P1")
    with server.imap("ada") as client:
        if other == "renames":
            client.rename("P1", "P4")
        else:
            client.delete("P1/sub")
            client.delete("P1")
    assert "the new name X of a folder was taken back" in tern.ok("sync").err
    tern.ok("sync")
    there = {"P1", "P1/sub"} | ({"P4", "P4/sub"} if other == "renames" else set())
    assert {name for name in shown(tern) if name.startswith(("P", "X"))} == there
    assert len(mine.ids("P1/sub")) == 3
    mine.agree()
    assert "folder renamed to P1" in tern.ok("undo").err
    tern.ok("sync")
    assert "P2/sub" in mine.on_server()
    mine.agree()


def test_a_folder_above_others_is_made_last(mine):
    """What is below it was made before, and is another folder: it stays, with what is on its way into it."""
    tern = mine.tern
    moved = mine.ids()[0]
    tern.ok("--offline", "folder", "create", "Lists/foo")
    tern.ok("--offline", "folder", "create", "Lists")
    tern.ok("--offline", "move", str(moved), "Lists/foo")
    done = tern.ok("sync")
    assert "refused" not in done.err and "not there" not in done.err, done
    assert mine.ids("Lists/foo") == [moved]
    mine.agree()
