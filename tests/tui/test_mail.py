"""What is done to messages with keys: at once on the screen, in the store, taken back by u and made again by Ctrl-R."""
import contextlib
import re
import sqlite3

import pytest

from lib.mailserver import MailServer
from office import INBOX, message

SIZES = [(80, 24), (120, 40), (40, 12)]


@pytest.fixture
def box(tern):
    """A mailbox of the test's own, with the folders of all uses."""
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Archive", "Trash", "Junk", "Projects/tern", "Projects/house")
        for raw, flags in INBOX:
            server.append("ada", "INBOX", raw, flags, date=1_735_000_000)
        server.append("ada", "Trash", message("Old <o@example.org>", "Thrown away"), r"\Seen")
        tern.write(server.account("ada"))
        tern.ok("sync")
        yield server


def subjects(tern, folder):
    return [row["subject"] for row in tern.json("list", folder).rows]


def place(terminal, ordinal, total):
    terminal.wait(f"{ordinal} of {total}")


def news(terminal, text):
    """A sentence on the bottom line, or on as many lines as it needs on a narrow screen."""
    def stands():
        lines = [terminal.row(n) for n in range(-3, 0)]
        return "".join(text.split()) in "".join("".join(lines).split())
    terminal.wait_for(stands, what=repr(text))


def start(screen, size=(80, 24), *words):
    terminal = screen(*size, "--offline", *words)
    terminal.wait("Trash" if "Trash" in words else "INBOX")
    return terminal


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key, folder, said", [
    ("d", "Trash", "Deleted 1 message. u undoes it."),
    ("a", "Archive", "Archived 1 message. u undoes it."),
    ("!", "Junk", "Moved 1 message to the junk. u undoes it."),
    ("stern<Enter>", "Projects/tern", "Moved 1 message to Projects/tern. u undoes it."),
])
def test_away_and_back(tern, box, screen, size, key, folder, said):
    terminal = start(screen, size)
    place(terminal, 1, 6)
    before = subjects(tern, folder)
    terminal.send(key)
    news(terminal, said)
    place(terminal, 1, 5)
    assert not terminal.rows_with("Release 2.1")
    assert subjects(tern, folder) == ["Release 2.1 is out", *before]
    assert "Release 2.1 is out" not in subjects(tern, "INBOX")
    terminal.send("u")
    news(terminal, "Undone: ")
    place(terminal, 2, 6)
    assert terminal.rows_with("Release 2.1") and subjects(tern, folder) == before
    terminal.send("<C-r>")
    news(terminal, "Again: ")
    place(terminal, 1, 5)
    assert subjects(tern, folder) == ["Release 2.1 is out", *before]


def test_a_folded_thread_goes_as_a_whole(tern, box, screen):
    terminal = start(screen)
    terminal.send("j", "d")
    news(terminal, "Deleted 3 messages. u undoes it.")
    place(terminal, 2, 5)
    terminal.wait("6 messages · 1 unread")
    assert len(subjects(tern, "Trash")) == 4
    terminal.send("u")
    news(terminal, "Undone: ")
    terminal.wait("9 messages · 2 unread")
    terminal.wait("▸ 2024-11 ● Zoë Brontë         3")


def test_one_of_an_unfolded_thread(tern, box, screen):
    terminal = start(screen)
    terminal.send("j", "z")
    terminal.wait("├")
    terminal.send("k", "d")
    news(terminal, "Deleted 1 message")
    terminal.wait_gone("├")
    terminal.wait("└ Zoë")
    assert subjects(tern, "Trash")[0] == "Re: Budget meeting"
    terminal.send("u")
    terminal.wait("├")


def test_what_is_selected_goes(tern, box, screen):
    terminal = start(screen)
    terminal.send("t", "j", "t")
    terminal.wait("2 selected")
    terminal.send("a")
    news(terminal, "Archived 2 messages. u undoes it.")
    terminal.wait_gone("selected")
    assert sorted(subjects(tern, "Archive")) == ["Invoice 4711", "Release 2.1 is out"]
    # All of it, and nothing remains.
    terminal.send("<M-a>", "d")
    news(terminal, "Deleted 7 messages")
    terminal.wait("No messages here.")
    terminal.wait("0 messages")
    terminal.send("u", "u")
    terminal.wait("9 messages · 2 unread")
    assert len(subjects(tern, "INBOX")) == 9
    terminal.send("u")
    news(terminal, "There is nothing to undo")


def test_in_the_trash_it_is_for_good_after_a_minute(tern, box, screen):
    terminal = start(screen)
    terminal.send(":folder Trash<Enter>")
    terminal.wait("Thrown away")
    terminal.send("d")
    news(terminal, "Deleting 1 message for good in a minute. u undoes it.")
    terminal.wait("No messages here.")
    terminal.send("u")
    terminal.wait("Thrown away")
    terminal.send(":undelete<Enter>")
    news(terminal, "Undeleted 1 message")
    assert "Thrown away" in subjects(tern, "INBOX") and not subjects(tern, "Trash")


def test_out_of_the_trash_to_where_it_was(tern, box, screen):
    terminal = start(screen)
    terminal.send("shouse<Enter>")
    news(terminal, "Moved 1 message to Projects/house")
    terminal.send(":folder Projects/house<Enter>")
    terminal.wait("Release 2.1 is out")
    # What is no junk is only marked where it is no Junk either.
    terminal.send(":not-junk<Enter>")
    news(terminal, "1 message is not junk")
    assert "$NotJunk" in tern.json("list", "Projects/house").rows[0]["keywords"]
    terminal.send("d")
    news(terminal, "Deleted 1 message")
    terminal.send(":folder Trash<Enter>")
    terminal.wait("Release 2.1 is out")
    terminal.send(":undelete<Enter>")
    news(terminal, "Undeleted 1 message")
    terminal.wait_gone("Release 2.1 is out")
    assert subjects(tern, "Projects/house") == ["Release 2.1 is out"] and subjects(tern, "Trash") == ["Thrown away"]


def test_purge_what_others_have_marked(tern, box, screen):
    with box.imap("ada") as client:
        client.select("INBOX")
        client.store("1,3,4", "+FLAGS", r"(\Deleted)")
    tern.ok("sync")
    terminal = start(screen)
    assert [terminal.row(n)[10] for n in (4, 6)] == ["D", "D"]
    # Undeleted is one of them; two are purged, wherever the cursor is.
    terminal.send("G", ":undelete<Enter>")
    news(terminal, "Undeleted 1 message")
    terminal.send("=", "X")
    news(terminal, "Deleting 2 messages for good in a minute. u undoes it.")
    terminal.wait("7 messages")
    assert "D" not in [terminal.row(n)[10:11] for n in range(1, 7)]
    terminal.send("u")
    terminal.wait("9 messages")
    terminal.send("X", "X")
    news(terminal, "Nothing is marked as deleted here")


def test_copy(tern, box, screen):
    terminal = start(screen)
    terminal.send("Chouse<Enter>")
    news(terminal, "Copied 1 message to Projects/house. u undoes it.")
    place(terminal, 1, 6)
    assert subjects(tern, "Projects/house") == ["Release 2.1 is out"] and len(subjects(tern, "INBOX")) == 9
    terminal.send("u")
    news(terminal, "Undone: ")
    assert subjects(tern, "Projects/house") == []


def test_the_last_destination_comes_first(tern, box, screen):
    terminal = start(screen)
    terminal.send("shouse<Enter>")
    news(terminal, "Moved 1 message to Projects/house")
    terminal.send("s")
    terminal.wait("Move to:")
    assert terminal.row(12).split()[0] == "Projects/house"
    # The folder one is in makes no sense.
    assert not terminal.rows_with(" INBOX ")
    terminal.send("<Enter>")
    news(terminal, "Moved 3 messages to Projects/house")
    assert len(subjects(tern, "Projects/house")) == 4
    terminal.send(":move Nosuch<Enter>")
    news(terminal, "there is no folder “Nosuch”")
    terminal.send(":move INBOX<Enter>")
    news(terminal, "They are in that folder already")
    terminal.send("s", "<Esc>")
    terminal.wait_gone("Move to:")
    place(terminal, 1, 4)


def test_tags(tern, box, screen):
    terminal = start(screen)
    terminal.send("Y", "work urgent<Enter>")
    news(terminal, "Tagged 1 message. u undoes it.")
    terminal.wait("work")
    row = tern.json("list", "INBOX", "--limit", "1").rows[0]
    assert sorted(row["keywords"]) == ["dev", "urgent", "work"]
    terminal.send("Y", "-dev -ur<Tab><Enter>")
    news(terminal, "Untagged 1 message")
    assert tern.json("list", "INBOX", "--limit", "1").rows[0]["keywords"] == ["work"]
    terminal.send("u", "u")
    terminal.wait_gone("work ")
    assert tern.json("list", "INBOX", "--limit", "1").rows[0]["keywords"] == ["dev"]
    for bad in ("a(b", "ü", r"\Seen", "x" * 65):
        terminal.send(f":tag {bad}<Enter>")
        terminal.wait("cannot be a tag")
        terminal.send("j", "k")
        terminal.wait_gone("cannot be a tag")
    terminal.send(":untag dev<Enter>")
    news(terminal, "Untagged 1 message")
    assert tern.json("list", "INBOX", "--limit", "1").rows[0]["keywords"] == []


def test_read_and_flags_with_undo(tern, box, screen):
    terminal = start(screen)
    terminal.send("N")
    news(terminal, "Marked read. u undoes it.")
    terminal.wait("1 unread")
    terminal.send("F")
    news(terminal, "Flagged. u undoes it.")
    terminal.wait_for(lambda: "★" in terminal.row(1))
    terminal.send("u")
    terminal.wait_for(lambda: "★" not in terminal.row(1))
    terminal.send("u")
    terminal.wait("2 unread")
    terminal.send("<C-r>", "<C-r>")
    terminal.wait("1 unread")
    terminal.wait_for(lambda: "★" in terminal.row(1))
    # A folded thread: read as a whole while something in it is unread.
    terminal.send("j", "N")
    news(terminal, "Marked 3 messages read")
    terminal.wait_gone("unread")
    terminal.send("N")
    news(terminal, "Marked 3 messages unread")
    terminal.wait("3 unread")


def test_mark_all_read(tern, box, screen):
    terminal = start(screen)
    terminal.send("<C-k>")
    news(terminal, "Marked 2 messages read. u undoes it.")
    terminal.wait_gone("unread")
    assert all("seen" in row["flags"] for row in tern.json("list", "INBOX").rows)
    terminal.send("<C-k>")
    news(terminal, "Nothing is unread here")
    terminal.send("u")
    terminal.wait("2 unread")


def test_not_junk_from_the_junk(tern, box, screen):
    terminal = start(screen)
    terminal.send("!")
    news(terminal, "Moved 1 message to the junk")
    terminal.send(":folder Junk<Enter>")
    terminal.wait("Release 2.1")
    row = tern.json("list", "Junk").rows[0]
    assert "$Junk" in row["keywords"]
    terminal.send("!")
    news(terminal, "1 message is not junk")
    terminal.wait("No messages here.")
    row = tern.json("list", "INBOX", "--limit", "1").rows[0]
    assert "$NotJunk" in row["keywords"] and "$Junk" not in row["keywords"]


@pytest.mark.parametrize("after, wanted", [("next", "Subject  Re: Budget meeting"), ("list", "5 of 5|1 of 5"),
                                           ("previous", None)])
def test_from_the_message(tern, box, screen, after, wanted):
    tern.conf.write_text(f"[tern]\nafter-move = {after}\n" + tern.conf.read_text())
    terminal = start(screen)
    terminal.send("<Enter>")
    terminal.wait("Subject  Release")
    terminal.send("d")
    news(terminal, "Deleted 1 message. u undoes it.")
    if after == "list":
        terminal.wait("1 of 5")
        assert not terminal.rows_with("Subject ")
    else:
        terminal.wait("Subject  Re: Budget meeting")
        # What was opened by that is no change of one's own: u takes the deletion back.
        terminal.send("u")
        news(terminal, "Undone: ")
        assert subjects(tern, "INBOX")[0] == "Release 2.1 is out"


def test_previous_one_after_a_message(tern, box, screen):
    tern.conf.write_text("[tern]\nafter-move = previous\nmark-read = no\n" + tern.conf.read_text())
    terminal = start(screen)
    terminal.send("j", "j", "<Enter>")
    terminal.wait("Subject  Invoice 4711")
    terminal.send("a")
    terminal.wait("Subject  Re: Budget meeting")
    terminal.send("k")
    terminal.wait("Subject  Release")
    terminal.send("q")
    # Not marked as read by being opened.
    terminal.wait("2 unread")


def test_the_last_message_of_a_folder(tern, box, screen):
    terminal = start(screen, (80, 24), "-f", "Trash")
    terminal.wait("Thrown away")
    terminal.send("<Enter>")
    terminal.wait("Subject  Thrown away")
    terminal.send("d")
    terminal.wait("No messages here.")
    terminal.send("d")
    news(terminal, "There is no message here")


def test_without_special_folders(tern, screen):
    """Where there is no Trash one is made."""
    with MailServer(roles=()) as server:
        server.append("ada", "INBOX", message("A <a@example.org>", "Only one"), r"\Seen")
        tern.write(server.account("ada"))
        tern.ok("sync")
        made = {row["folder"]: row["role"] for row in tern.json("folders").rows}
        terminal = screen(80, 24, "--offline")
        terminal.wait("Only one")
        terminal.send("a")
        news(terminal, "Archived 1 message")
        terminal.wait("No messages here.")
        roles = {row["role"]: row["folder"] for row in tern.json("folders").rows}
        assert "archive" in roles and subjects(tern, roles["archive"]) == ["Only one"]
        terminal.send("u")
        terminal.wait("Only one")
        assert {row["folder"]: row["role"] for row in tern.json("folders").rows} == made


def test_held_down(tern, make_server, screen, tmp_path):
    """d held down: each message goes once, none is skipped, and the screen keeps up."""
    server = make_server()
    server.create("ada", "Trash")
    for n in range(100):
        server.append("ada", "INBOX", message(f"P{n} <p@example.org>", f"Subject {n:03}", day=1 + n % 28, month=1 + n // 28,
                                              mid=f"m{n}"), "")
    tern.write(server.account("ada"))
    tern.ok("sync")
    terminal = start(screen)
    terminal.send("j" * 10)
    place(terminal, 11, 100)
    terminal.send("d" * 50)
    place(terminal, 11, 50)
    terminal.wait("50 messages · 50 unread")
    kept = [f"Subject {n:03}" for n in range(99, 89, -1)] + [f"Subject {n:03}" for n in range(39, -1, -1)]
    assert subjects(tern, "INBOX") == kept
    assert len(subjects(tern, "Trash")) == 50
    terminal.send("u" * 50)
    terminal.wait("100 messages · 100 unread")
    assert len(subjects(tern, "INBOX")) == 100


def test_vt100(tern, box, screen):
    terminal = screen(80, 24, "--offline", env={"TERM": "vt100", "LANG": "C", "NO_COLOR": "1"})
    terminal.wait("INBOX")
    terminal.send("t", "t")
    terminal.wait("4 selected")
    terminal.send("d")
    terminal.wait("Deleted 4 messages. u undoes it.")
    terminal.send("u")
    terminal.wait("Undone:")


NO_ROOM = re.compile(r"no\s+room")


@contextlib.contextmanager
def refusing_store(tern):
    """Changes fail, as on a full disk: the store takes nothing more into the journal."""
    def run(statement):
        with contextlib.closing(sqlite3.connect(tern.profile / "data/store.db", timeout=60)) as db, db:
            db.execute(statement)
    run("CREATE TRIGGER refuse BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no room'); END")
    yield
    run("DROP TRIGGER refuse")


@pytest.mark.parametrize("view, keys", [
    ("list", ("d",)), ("list", ("F",)), ("list", ("<C-k>",)), ("folders", (":folder-create New<Enter>",))])
def test_what_failed_is_not_said_to_be_done(tern, box, screen, view, keys):
    terminal = start(screen)
    if view == "folders":
        terminal.send(":folders<Enter>")
        terminal.wait("1 account")
    with refusing_store(tern):
        terminal.send(*keys)
        terminal.wait(NO_ROOM)
        terminal.send("j")  # an error goes with a key, and what it lay over is not so
        terminal.wait_gone(NO_ROOM)
        terminal.settle()
        assert "undoes it" not in terminal.text()
    if view == "list":
        terminal.wait("9 messages · 2 unread")
