"""What a user changes: seen at once in the store, kept in the journal, played to the server, taken back."""
import re

import pytest

from lib.mailbox import Mailbox
from lib.ownimap import OwnImap


@pytest.fixture
def box(filled, tern, few, request):
    server = filled(few, without=getattr(request, "param", ()))
    tern.write(server.account("ada"))
    tern.ok("sync")
    return Mailbox(server, tern)


# --- one change of each kind ---

ACTIONS = {  # name: (words before and after the id, the folder it is in then, what must be among its flags or keywords)
    "read": ((), "INBOX", "\\Seen"), "flag": ((), "INBOX", "\\Flagged"), "tag": (("todo",), "INBOX", "todo"),
    "move": (("Projects/tern",), "Projects/tern", None), "archive": ((), "Archive", None), "delete": ((), "Trash", None),
    "junk": ((), "Junk", "$Junk"),
}


def test_actions_are_seen_at_once_and_played(box):
    before = box.on_server()
    rows = dict(zip(ACTIONS, box.fresh(len(ACTIONS))))
    for action, row in rows.items():
        box.tern.ok("--offline", action, row["id"], *ACTIONS[action][0])
    where = box.places()
    for action, row in rows.items():
        assert where[row["id"]] == ACTIONS[action][1]
    assert {e["state"] for e in box.journal()} == {"waiting"}
    assert len({e["group"] for e in box.journal()}) == len(ACTIONS)
    assert box.on_server() == before  # nobody was asked yet
    box.tern.ok("sync")
    there = box.on_server()
    for action, (_, folder, mark) in ACTIONS.items():
        flags = dict((m[0], m[1:]) for m in there[folder])[rows[action]["message_id"]]
        assert mark is None or mark in flags
    assert box.places() == where  # under the same ids
    box.agree()


def test_the_destination_is_numbered_anew(box):
    """That is learnt from the answer to a move; what comes next for that folder goes by the new UIDs."""
    for n in range(3):
        box.server.append("ada", "Trash", f"Subject: Nr {n}\r\nMessage-ID: <old{n}@example.org>\r\n\r\nText\r\n".encode())
    box.tern.ok("sync")
    numbers = {row["subject"]: row["id"] for row in box.tern.json("list", "Trash").rows}
    box.tern.ok("--offline", "delete", box.fresh(1)[0]["id"])
    box.tern.ok("--offline", "flag", numbers["Nr 0"])
    box.tern.ok("--offline", "archive", numbers["Nr 1"])
    imap = box.server.imap("ada")
    imap.rename("Trash", "Before")
    imap.create("Trash")
    imap.select("Before")
    for uid in ("2", "3", "1"):
        imap.uid("COPY", uid, "Trash")
    imap.logout()
    box.tern.ok("sync")
    box.tern.ok("sync")
    there = box.on_server()
    assert [message[0] for message in there["Archive"]] == ["old1@example.org"]
    flagged = [message[0] for message in there["Trash"] if "\\Flagged" in message[1:]]
    assert len(there["Trash"]) == 3 and flagged == ["old0@example.org"]
    box.agree()


def test_copy(box):
    number = box.ids()[0]
    mine = box.in_store()["INBOX"]
    box.tern.ok("copy", number, "Häuser")
    copy = box.ids("Häuser")
    assert len(copy) == 1 and copy[0] != number
    box.tern.ok("sync")
    box.agree()
    assert box.on_server()["Häuser"][0] in mine
    assert box.ids("Häuser") == copy


def test_copied_twice(box):
    """To one folder, and by two keys, before it is played: two copies."""
    first, other = box.ids()[:2]
    box.tern.ok("--offline", "copy", first, "Häuser")
    box.tern.ok("--offline", "copy", first, other, "Häuser")
    expected = box.in_store()
    assert len(expected["Häuser"]) == 3
    box.tern.ok("sync")
    box.agree(expected)
    assert box.journal() == []


def test_deleted_for_good_is_held_back(box):
    number = box.ids()[0]
    box.tern.ok("delete", number)
    box.tern.ok("sync")
    box.tern.ok("delete", number)
    assert number not in box.ids("Trash")
    assert [e["state"] for e in box.journal()] == ["held"]
    box.tern.ok("sync")
    assert len(box.on_server()["Trash"]) == 1
    box.tern.ok("undo")
    assert number in box.ids("Trash")
    box.tern.ok("sync")
    box.agree()


def test_a_thousand_become_few_commands(box):
    ids = box.ids()
    box.tern.ok("--offline", "read", *ids)
    box.tern.ok("--offline", "flag", *ids[:10])
    box.tern.ok("sync", "--trace", box.tern.profile / "trace")
    commands = [line for line in (box.tern.profile / "trace").read_text().splitlines() if " UID STORE " in line]
    assert 1 <= len(commands) <= 3, commands  # read, flagged, both
    box.agree()


# --- undo and redo ---

def test_undo_before_playing_is_never_heard_of(box):
    before = box.on_server()
    ids = box.ids()
    for at in range(10):
        box.tern.ok("--offline", ("tag", "tag", "archive", "delete", "junk")[at % 5], ids[at], *["todo"] * (at % 5 < 2))
    box.tern.ok("--offline", "undo", 5)
    assert len({e["group"] for e in box.journal()}) == 5
    box.tern.ok("--offline", "undo", 5)
    assert box.journal() == []
    box.tern.ok("sync", "--trace", box.tern.profile / "trace")
    assert not [w for w in ("STORE", "MOVE", "COPY") if f" UID {w} " in (box.tern.profile / "trace").read_text()]
    assert box.on_server() == before
    box.agree()


def test_twenty_offline_half_of_them_undone(box):
    """Listed, and what was taken back is nothing that the server hears of: neither a word nor a message of it."""
    rows = [row for row in box.rows() if row.get("message_id") and not row["keywords"]][:20]
    kinds = (("tag", "kept"), ("move", "Häuser"), ("archive",), ("copy", "Projects/tern"), ("junk",))
    for at, row in enumerate(rows[:10]):
        verb, *more = kinds[at % 5]
        box.tern.ok("--offline", verb, row["id"], *more)
    box.tern.ok("--offline", "folder", "create", "Kept")
    wanted = box.in_store()
    for at, row in enumerate(rows[10:]):
        verb, *more = (("tag", "undone"), ("move", "Undone"), ("delete",), ("copy", "Undone"), ("junk",))[at % 5]
        if at == 0:
            box.tern.ok("--offline", "folder", "create", "Undone")
        box.tern.ok("--offline", verb, row["id"], *more)
    listed = box.journal()
    assert len({e["group"] for e in listed}) == 22 and {e["state"] for e in listed} == {"waiting"}
    assert {"move", "copy", "keyword", "create"} <= {e["verb"] for e in listed}
    box.tern.ok("--offline", "undo", 11)
    assert len({e["group"] for e in box.journal()}) == 11 and box.in_store() == wanted
    box.tern.ok("sync", "--trace", box.tern.profile / "trace")
    lines = (box.tern.profile / "trace").read_text().splitlines()
    said = "".join(line.split(" > ", 1)[1] for line in lines if " > " in line).split("\\r\\n")
    assert not [command for command in said if "undone" in command.lower()]
    sets = [found for command in said for found in re.findall(r"UID (?:STORE|MOVE|COPY) (\S+)", command)]
    uids = {uid for one in sets for first, last in re.findall(r"(\d+)(?::(\d+))?", one)
            for uid in range(int(first), int(last or first) + 1)}
    assert uids and not uids & {row["uid"] for row in rows[10:]}
    box.tern.ok("sync")
    box.agree(wanted)


def test_undo_and_redo_after_playing(box):
    before, where = box.in_store(), box.places()
    rows = dict(zip(ACTIONS, box.fresh(len(ACTIONS))))
    for action, row in rows.items():
        box.tern.ok(action, row["id"], *ACTIONS[action][0])
    after, where_after = box.in_store(), box.places()
    box.tern.ok("sync")
    box.tern.ok("undo", len(ACTIONS))
    assert box.in_store() == before and box.places() == where
    box.tern.ok("sync")
    box.agree()
    assert box.in_store() == before
    box.tern.ok("redo", len(ACTIONS))
    assert box.in_store() == after and box.places() == where_after
    box.tern.ok("sync")
    box.agree()
    assert box.places() == where_after


def test_nothing_to_undo_says_so(box):
    result = box.tern("undo")
    assert result.status == 1 and "nothing to take back" in result.err
    assert box.tern("redo").status == 1


# --- what others do meanwhile ---

@pytest.mark.parametrize("box", [(), ("UIDPLUS", "MOVE"), ("QRESYNC", "CONDSTORE", "UIDPLUS", "MOVE")], indirect=True)
def test_expunged_by_another_before_it_is_played(box):
    row = box.fresh(1)[0]
    number, uid = row["id"], row["uid"]
    box.tern.ok("--offline", "archive", number)
    with box.server.imap("ada") as imap:
        imap.select("INBOX")
        imap.uid("STORE", str(uid), "+FLAGS", "\\Deleted")
        imap.expunge()
    box.tern.ok("sync")
    box.tern.ok("sync")
    box.agree()
    assert box.ids("Archive") == []


def test_moved_by_another_before_it_is_played(box):
    row = box.fresh(1)[0]
    number, uid = row["id"], row["uid"]
    box.tern.ok("--offline", "flag", number)
    with box.server.imap("ada") as imap:
        imap.select("INBOX")
        imap.uid("MOVE", str(uid), "Archive")
    box.tern.ok("sync")
    box.tern.ok("sync")
    box.agree()


def test_a_refused_change_is_computed_back_and_told(box):
    """A folder that is gone on the server before the message gets there."""
    number = box.ids()[0]
    box.tern.ok("--offline", "move", number, "Projects/tern")
    box.server.doveadm("mailbox", "delete", "-u", "ada", "Projects/tern")
    result = box.tern("sync")
    assert number in box.ids("INBOX")
    assert "Projects/tern" in result.err
    assert [e["state"] for e in box.journal("--all")] == ["refused"]
    box.agree()


def test_a_folder_that_was_only_on_the_way_is_not_told_of(box):
    """It is gone when the message is to come through it; where it was to go at last it arrives."""
    number = box.ids()[0]
    for folder in ("Projects/tern", "Archive"):
        box.tern.ok("--offline", "move", number, folder)
    box.server.doveadm("mailbox", "delete", "-u", "ada", "Projects/tern")
    for _ in range(2):
        assert "taken back" not in box.tern.ok("sync").err
    assert number in box.ids("Archive") and number not in box.ids("INBOX")
    assert not box.journal()
    box.agree()


def test_undo_passes_over_what_was_refused(box):
    """Nothing of it stands, so it is the change before it that is taken back."""
    first, second = box.fresh(2)
    box.tern.ok("flag", first["id"])
    box.tern.ok("--offline", "folder", "create", "x" * 300)
    assert "was taken back" in box.tern("sync").err
    assert "1 message flagged" in box.tern("undo").err
    box.tern.ok("sync")
    assert "flagged" not in box.tern.json("show", first["id"]).rows[0]["flags"]
    assert "nothing to take back" in box.tern("undo").err


def test_what_is_refused_is_named(box):
    """Which change, and of which message, or of how many; each kind once."""
    first, second, third = box.fresh(3)
    for row in (first, second):
        box.tern.ok("--offline", "tag", row["id"], "k" * 60)
    box.tern.ok("--offline", "tag", third["id"], "l" * 60)
    box.tern.ok("--offline", "folder", "create", "x" * 300)
    told = box.tern("sync").err
    assert f"the change of 2 messages (tag {'k' * 60}) was taken back, since the server refused it: " in told
    assert f"the change of “{third['subject']}” (tag {'l' * 60}) was taken back" in told
    assert f"the new folder {'x' * 300} was taken back" in told
    assert told.count("taken back") == 3


# --- folders ---

def test_deleting_a_folder_with_mail_is_asked_and_told(box):
    """On a terminal it asks as the screen does; a script has said it, and is told how long there is a way back."""
    box.server.append("ada", "Projects/tern", b"Subject: full\r\n\r\ntext\r\n")
    box.tern.ok("sync")
    with box.tern.terminal(80, 24, "--offline", "folder", "delete", "Projects/tern") as terminal:
        terminal.wait("Delete the folder")
        terminal.send("n", "<Enter>")
        terminal.wait("stays")
        assert terminal.wait_exit() == 1
    assert "Projects/tern" in {row["folder"] for row in box.tern.json("folders").rows}
    told = box.tern.ok("--offline", "folder", "delete", "Projects/tern").err
    assert "go with it in a minute" in told or "goes with it in a minute" in told
    box.tern.ok("undo")
    assert "Projects/tern" in {row["folder"] for row in box.tern.json("folders").rows}


def test_folders(box):
    box.tern.ok("--offline", "folder", "create", "Neu/Ärger")
    box.tern.ok("--offline", "move", box.ids()[0], "Neu/Ärger")
    box.tern.ok("--offline", "folder", "rename", "Projects", "Plans")
    box.tern.ok("--offline", "folder", "unsubscribe", "Häuser")
    names = {f["folder"] for f in box.tern.json("--offline", "folders").rows}
    assert "Neu/Ärger" in names and "Plans/tern" in names and "Projects/tern" not in names
    box.tern.ok("sync")
    listed = box.server.doveadm("mailbox", "list", "-u", "ada").splitlines()
    assert {"Neu/Ärger", "Plans/tern"} <= set(listed) and "Projects/tern" not in listed
    assert "Häuser" not in box.server.doveadm("mailbox", "list", "-u", "ada", "-s").splitlines()
    assert len(box.ids("Neu/Ärger")) == 1
    assert box.journal() == []
    box.tern.ok("undo", 4)
    box.tern.ok("sync")
    names = {f["folder"] for f in box.tern.json("--offline", "folders").rows}
    assert "Projects/tern" in names and "Plans" not in names


MISTAKES = [
    (("folder", "create", "Archive"), "already"), (("folder", "create", "a//b"), "cannot be a folder's name"),
    (("folder", "rename", "INBOX", "x"), "cannot be renamed"), (("folder", "delete", "INBOX"), "cannot be deleted"),
    (("folder", "rename", "Archive", "Archive/in"), "under itself"), (("folder", "delete", "Nowhere"), "no folder"),
    (("move", "1", "Nowhere"), "no folder"), (("read", "999999"), "no message"), (("read", "x"), "no message's id"),
    (("tag", "1", "no)good"), "keyword")]


def test_mistakes(box):
    first = str(box.ids()[0])
    for words, says in MISTAKES:
        result = box.tern(*(first if w == "1" else w for w in words))
        assert result.status == 1 and says in result.err, repr(result)
    assert box.journal() == []


@pytest.mark.parametrize("words", [("flag", "{0}"), ("move", "{0}", "Archive")])
def test_undone_while_it_is_played(tern, words):
    """What is undone while its folder is being opened is not sent, though it was read before."""
    with OwnImap(folders=['"/" INBOX', '"/" Archive']) as server:
        undone = []

        def select(talk):
            if not undone:
                undone.append(tern("undo"))
            talk.ok("* 3 EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 4] x")

        server.answers["SELECT"] = select
        server.answers["CAPABILITY"] = lambda talk: talk.ok("* CAPABILITY IMAP4rev1 MOVE UIDPLUS")
        server.answers["STATUS"] = lambda talk: talk.ok(
            f"* STATUS {talk.words.split(' (')[0]} (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 1)")
        tern.write(server.account())
        tern.ok("sync")
        number = tern.json("list").rows[0]["id"]
        tern.ok(*(word.format(number) for word in words))
        tern.ok("sync")
        assert len(undone) == 1 and undone[0].status == 0, undone
        heard = [line for line in server.heard if " STORE " in line or " MOVE " in line or " COPY " in line]
        assert heard == []
        assert [e["state"] for e in tern.json("journal", "--all").rows] == ["undone"]
        assert number in [row["id"] for row in tern.json("list").rows]
