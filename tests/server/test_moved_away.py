"""Flags and keywords changed here, of messages that another client has moved meanwhile: the changes follow them, and no other
message gets them."""
import os
import shutil
import sqlite3
import subprocess

import pytest

from lib.mailbox import Mailbox, visit

WAYS = [(), ("QRESYNC", "CONDSTORE", "ENABLE"), ("MOVE", "UIDPLUS"), ("ESEARCH",)]


@pytest.fixture
def box(make_server, tern, request):
    server = make_server(without=getattr(request, "param", ()))
    for n in range(1, 5):
        server.deliver("ada", letter(n))
    server.create("ada", "Archive")
    server.create("ada", "Later")
    tern.write(server.account("ada"))
    tern.ok("sync")
    return Mailbox(server, tern)


def letter(n, message_id=True):
    name = f"Message-ID: <nr{n}@example.org>\r\n" if message_id else ""
    return (f"From: a@example.org\r\nTo: b@example.org\r\nSubject: Nr {n}\r\n{name}"
            "Date: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\ntext\r\n").encode()


def numbers(box, folder="INBOX"):
    return {row["subject"]: row["id"] for row in box.rows(folder)}


def move(box, subjects, folder, source="INBOX", keep=False):
    """As another client without MOVE would: the copies first, the originals deleted for good then."""
    with visit(box.server, "ada") as imap:
        imap.select(source)
        for subject in subjects:
            found = imap.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0].decode()
            assert imap.uid("COPY", found, folder)[0] == "OK"
            if not keep:
                imap.uid("STORE", found, "+FLAGS", "(\\Deleted)")
        imap.expunge()


def delete_for_good(box, subject, folder="INBOX"):
    with visit(box.server, "ada") as imap:
        imap.select(folder)
        imap.uid("STORE", imap.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0].decode(), "+FLAGS", "(\\Deleted)")
        imap.expunge()


def marks(box, folder):
    return {message[0][2]: {*message[1:]} for message in box.on_server()[folder]}


@pytest.mark.parametrize("box", WAYS, ids=lambda way: "+".join(way) or "all", indirect=True)
def test_changes_follow_a_message(box):
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 1"], ids["Nr 2"])
    box.tern.ok("--offline", "tag", ids["Nr 2"], "todo")
    box.tern.ok("--offline", "read", ids["Nr 3"])
    move(box, ["Nr 2", "Nr 3"], "Archive")
    done = box.tern.ok("sync")
    assert "taken back" not in done.err
    assert marks(box, "INBOX") == {"1": {"\\Flagged"}, "4": set()}
    assert marks(box, "Archive") == {"2": {"\\Flagged", "todo"}, "3": {"\\Seen"}}
    assert numbers(box, "Archive") == {name: ids[name] for name in ("Nr 2", "Nr 3")}  # the same messages still
    assert {entry["state"] for entry in box.journal("--all")} == {"done"}
    box.agree()
    box.tern.ok("undo", 2)  # of "read" and "tag"
    box.tern.ok("sync")
    assert marks(box, "Archive") == {"2": {"\\Flagged"}, "3": set()}
    box.agree()


def test_where_it_was_found_before_it_was_missed(box):
    """Its new folder is synced first: two rows for a while, which are one again."""
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 2"])
    move(box, ["Nr 2"], "Archive", keep=True)
    store = box.tern.profile / "data/store.db"
    hold(store, "not_before = 4000000000")
    box.tern.ok("sync", "ada/Archive")
    delete_for_good(box, "Nr 2")
    hold(store, "not_before = 0")
    box.tern.ok("sync")
    assert marks(box, "Archive") == {"2": {"\\Flagged"}} and numbers(box, "Archive") == {"Nr 2": ids["Nr 2"]}
    box.agree()


def hold(store, what):
    with sqlite3.connect(store, timeout=20) as database:
        database.execute(f"UPDATE journal SET {what} WHERE state < 3")
    database.close()


def test_a_sync_that_is_quicker_than_the_journal(box):
    """What the server says of the old folder comes before the change is sent."""
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 2"])
    hold(box.tern.profile / "data/store.db", "not_before = 4000000000")
    move(box, ["Nr 2"], "Archive")
    box.tern.ok("sync", "ada/INBOX")
    assert "Nr 2" not in numbers(box)
    box.tern.ok("sync")
    assert marks(box, "Archive") == {"2": {"\\Flagged"}} and numbers(box, "Archive") == {"Nr 2": ids["Nr 2"]}
    box.agree()


def test_an_older_copy_is_another_message(box):
    """It was there before the change was made: what is deleted for good takes its change along, without a word."""
    move(box, ["Nr 2"], "Archive", keep=True)
    box.tern.ok("sync")
    box.tern.ok("--offline", "flag", numbers(box)["Nr 2"])
    delete_for_good(box, "Nr 2")
    assert "Nr 2" not in box.tern.ok("sync").err
    box.tern.ok("sync")
    assert marks(box, "Archive") == {"2": set()}
    assert [entry["state"] for entry in box.journal("--all")] == ["refused"]
    box.agree()


def test_of_two_the_one_that_came_last(box):
    """A move puts it there last; what came before it was copied."""
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 2"])
    store = box.tern.profile / "data/store.db"
    hold(store, "not_before = 4000000000")
    for folder in ("Archive", "Later"):
        move(box, ["Nr 2"], folder, keep=True)
        box.tern.ok("sync", f"ada/{folder}")
    delete_for_good(box, "Nr 2")
    hold(store, "not_before = 0")
    box.tern.ok("sync")
    assert marks(box, "Archive") == {"2": set()} and marks(box, "Later") == {"2": {"\\Flagged"}}
    assert numbers(box, "Later") == {"Nr 2": ids["Nr 2"]}
    box.agree()


def test_deleted_everywhere_is_no_loss(box):
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 2"], ids["Nr 3"])
    delete_for_good(box, "Nr 2")
    done = box.tern.ok("sync")
    assert "Nr 2" not in done.err and "taken back" not in done.err
    assert marks(box, "INBOX") == {"1": set(), "3": {"\\Flagged"}, "4": set()}
    box.agree()


def test_what_cannot_be_known_again_is_told(box):
    """Nothing says which message it is, without a Message-ID."""
    box.server.deliver("ada", letter(9, message_id=False))
    box.tern.ok("sync")
    box.tern.ok("--offline", "flag", numbers(box)["Nr 9"])
    move(box, ["Nr 9"], "Archive")
    told = box.tern("sync").err
    assert "the change of “Nr 9” was taken back" in told and "not on the server any more" in told
    box.tern.ok("sync")
    assert [row["flags"] for row in box.rows("Archive")] == [[]]
    box.agree()


def test_no_round_trip_more_where_all_are_there(box):
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 1"], ids["Nr 2"])
    trace = box.tern.profile / "trace"
    box.tern.ok("sync", "--trace", trace)
    lines = [line for line in trace.read_text().splitlines() if " UID STORE " in line or " UID SEARCH " in line]
    assert len(lines) == 2 and "UID STORE" in lines[0] and "UID SEARCH RETURN (ALL) UID" in lines[1], lines
    box.agree()


@pytest.mark.skipif(not shutil.which("strace"), reason="machine: no strace")
@pytest.mark.parametrize("when", [3, 9, 15, 21, 30, 45])
def test_killed_in_between(box, when):
    ids = numbers(box)
    box.tern.ok("--offline", "flag", ids["Nr 1"], ids["Nr 2"])
    move(box, ["Nr 2"], "Archive")
    subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", f"inject=pwrite64:signal=KILL:when={when}",
                    *box.tern.argv("sync")], capture_output=True, timeout=300, check=False,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    box.tern.ok("sync")
    assert marks(box, "INBOX")["1"] == {"\\Flagged"} and marks(box, "Archive") == {"2": {"\\Flagged"}}
    assert box.doubled() == set()
    box.agree()
