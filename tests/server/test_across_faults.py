"""What may go wrong while messages go from one account to another: undone at any time, killed at any place, cut off, refused.

At each moment a message is in at least one place; in the end in exactly one.
"""
import random
import re
import shutil
import subprocess
import time

import pytest

from lib.accounts import Accounts, message
from lib.cutter import Cutter
from lib.filter import Filter
from lib.mailbox import visit
from lib.torture import LONG, SEED

USERS = {"ada": "ada-secret", "bob": "bob-secret", "eve": "eve-secret"}
STRACE = shutil.which("strace")
WAYS = [("imap", "imap2"), ("imap", "maildir"), ("maildir", "imap"), ("mbox", "imap2"), ("imap", "mbox"), ("maildir", "mbox")]


@pytest.fixture
def accounts(make_server, tern, tmp_path):
    return Accounts(make_server(users=USERS), tern, tmp_path)


def ids_of(rows):
    return [row["id"] for row in rows]


# --- undone and made again ---

@pytest.mark.parametrize("source,target", WAYS[:3])
def test_undone_and_made_again(accounts, source, target):
    """Before it is played, and after; the id stays all the while."""
    ids = ids_of(accounts.fill(source))
    accounts.tern.ok("--offline", "move", *ids, f"{target}/INBOX")
    accounts.tern.ok("--offline", "undo")
    assert ids_of(accounts.rows(source)) == ids and accounts.rows(target) == []
    accounts.settle()
    assert accounts.everywhere() == {n: [source] for n in range(3)}
    accounts.tern.ok("--offline", "redo")
    accounts.settle()
    assert accounts.everywhere() == {n: [target] for n in range(3)}
    accounts.tern.ok("--offline", "undo")
    assert ids_of(accounts.rows(source)) == ids and accounts.rows(target) == []
    accounts.settle()
    assert accounts.everywhere() == {n: [source] for n in range(3)}
    assert ids_of(accounts.rows(source)) == ids


def test_changed_on_the_way(accounts):
    """What is done to it before and after the move counts there; and it may go on to a third account at once."""
    ids = ids_of(accounts.fill("imap"))
    accounts.tern.ok("--offline", "tag", ids[0], "before")
    accounts.tern.ok("--offline", "move", *ids, "imap2/INBOX")
    accounts.tern.ok("--offline", "tag", ids[0], "after")
    accounts.tern.ok("--offline", "move", ids[1], "maildir/INBOX")
    accounts.settle()
    assert sorted(places[0] for places in accounts.everywhere().values()) == ["imap2", "imap2", "maildir"]
    row = next(row for row in accounts.rows("imap2") if row["id"] == ids[0])
    assert {"before", "after"} <= set(row["keywords"])
    assert {"before", "after"} <= set.union(*(flags for _, flags, _ in accounts.on_server("imap2")))


# --- killed ---

CALLS = "pwrite64,fdatasync,fsync,sendto,sendmsg,write,rename,renameat,renameat2,link,linkat,unlink,unlinkat"


def traced(accounts, words, *options):
    log = accounts.tern.profile / "strace"
    process = subprocess.run([STRACE, "-f", "-qq", "-o", log, *options, *accounts.tern.argv(*words)], capture_output=True,
                             env=accounts.tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), timeout=200)
    return process.returncode, log.read_text(errors="replace")


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
@pytest.mark.parametrize("source,target", WAYS)
def test_killed_at_each_write(accounts, source, target):
    """Just before a system call that changes something, here or at the server."""
    chance, kills, here, there = random.Random(SEED), 0, source, target
    ids = ids_of(accounts.fill(source))

    def start():
        accounts.tern.ok("--offline", "move", *ids, f"{there}/INBOX")
        return ["sync"]
    if "imap" not in here + there:  # played by the command itself, which plays them to and fro
        def start():
            return ["--offline", "move", *map(str, ids), f"{there}/INBOX"]
    _, log = traced(accounts, start(), "-e", f"trace={CALLS}")
    accounts.settle()
    here, there = there, here
    places = [(name, n + 1) for name in CALLS.split(",") for n in range(len(re.findall(rf"^\d+ +{name}\(", log, re.M)))]
    for name, n in places if LONG else chance.sample(places, min(6, len(places))):
        words = start()
        status, _ = traced(accounts, words, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={n}")
        kills += status != 0
        (accounts.folder / "spool.lock").unlink(missing_ok=True)  # the dead program's; else it is old in 5 minutes
        found = accounts.everywhere()
        assert set(found) == {0, 1, 2}, (name, n, found)
        accounts.tern.ok("--offline", "move", *ids, f"{there}/INBOX")  # a command that was killed early did nothing
        accounts.settle()
        assert accounts.everywhere() == {number: [there] for number in range(3)}, (name, n)
        assert ids_of(accounts.rows(there)) == ids
        here, there = there, here
    assert kills
    print(f"{source} {target}: {len(places)} places, {kills} kills")


# --- cut off, and servers that can do less ---

@pytest.mark.parametrize("without", [(), ("UIDPLUS",), ("MULTIAPPEND",), ("UIDPLUS", "MULTIAPPEND", "MOVE")])
def test_the_answer_is_lost(make_server, tern, tmp_path, without):
    """The messages are there and nobody said so: they are found, and not put there again."""
    server = make_server(users=USERS)
    with Cutter(server.ports["imap"]) as link, Filter(link.port, (*without, "COMPRESS")) as less:
        accounts = Accounts(server, tern, tmp_path, {"imap2": less.port})
        ids = ids_of(accounts.fill("maildir"))
        tern.ok("--offline", "move", *ids, "imap2/INBOX")
        link.arm(b"Append completed", "reset")
        tern("sync")
        assert link.disarm()
        link.heal()
        accounts.settle()
        assert accounts.everywhere() == {n: ["imap2"] for n in range(3)}
        assert ids_of(accounts.rows("imap2")) == ids


def test_two_that_are_the_same(make_server, tern, tmp_path):
    """Two with one Message-ID, told apart by nothing but their bytes or not even by those: both arrive, cut off or not."""
    server = make_server(users=USERS)
    with Cutter(server.ports["imap"]) as link, Filter(link.port, ("UIDPLUS", "MULTIAPPEND", "COMPRESS")) as less:
        accounts = Accounts(server, tern, tmp_path, {"imap2": less.port})
        for n, raw in enumerate([message(0), message(0), message(0, "longer\n")]):
            (tmp_path / f"Maildir/new/170000000{n}.M{n}.x").write_bytes(raw)
        tern.ok("sync", "maildir")
        tern.ok("--offline", "move", *ids_of(accounts.rows("maildir")), "imap2/INBOX")
        link.arm(b"Append completed", "reset")
        tern("sync")
        link.disarm()
        accounts.settle()
        with visit(server, "bob") as imap:
            assert imap.select("INBOX")[1] == [b"3"]
        assert len(accounts.rows("imap2")) == 3 and accounts.rows("maildir") == []


def test_one_is_refused(make_server, tern, tmp_path):
    """What the target does not take comes back, with the reason; the others go."""
    server = make_server(users=USERS)
    with Filter(server.ports["imap"], ("BINARY", "COMPRESS")) as less:  # then no message may have a NUL
        accounts = Accounts(server, tern, tmp_path, {"imap2": less.port})
        ids = ids_of(accounts.fill("maildir"))
        (tmp_path / "Maildir/new/1800000000.M9.x").write_bytes(message(9).replace(b"text\n", b"te\0xt\n", 1))
        tern.ok("sync", "maildir")
        bad = next(row["id"] for row in accounts.rows("maildir") if row["subject"] == "Nr 9")
        tern.ok("--offline", "move", *ids, bad, "imap2/INBOX")
        done = tern("sync")
        assert "NUL" in done.err, done
        assert accounts.journal() == []
        assert ids_of(accounts.rows("imap2")) == ids and ids_of(accounts.rows("maildir")) == [bad]
        assert len(accounts.on_server("imap2")) == 3
        refused = [row for row in tern.json("--offline", "journal", "--all").rows if row["state"] == "refused"]
        assert [row["message"] for row in refused] == [bad] and "NUL" in refused[0]["error"]


# --- a power cut ---

@pytest.mark.parametrize("target", ["imap2", "maildir"])
def test_a_text_that_a_power_cut_has_cut_short(accounts, target):
    """What stands in the cache is not taken for the whole message because it is there: it would be all that is left of it."""
    rows = accounts.fill("imap")
    for row in rows:
        accounts.body(row)
    files = [path for path in (accounts.tern.profile / "cache/messages").rglob("*-*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        path.write_bytes(path.read_bytes()[:100])
    accounts.tern.ok("--offline", "move", *ids_of(rows), f"{target}/INBOX")
    accounts.settle()
    assert accounts.everywhere() == {n: [target] for n in range(3)}


@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_a_text_is_on_the_disk_before_the_server_loses_it(accounts):
    """Each file of the cache is synced before its message is put elsewhere."""
    rows = accounts.fill("imap")
    accounts.tern.ok("--offline", "move", *ids_of(rows), "imap2/INBOX")
    status, log = traced(accounts, ["sync"], "-y", "-e", "trace=fsync,fdatasync")
    assert status == 0
    assert len(set(re.findall(r"fsync\(\d+<([^>]*/cache/messages/\w\w/[^>]*)>", log))) == 3


# --- another folder of the same name ---

@pytest.mark.parametrize("source", ["imap", "imap2"])
def test_the_folder_is_numbered_anew(accounts, source):
    """The UID that the server tells is another message's here: what was done to that one is not done to the one that comes."""
    with visit(accounts.server, "bob") as imap:
        imap.create("Old")
    accounts.server.append("bob", "Old", message(7))
    accounts.tern.ok("sync")
    ids = ids_of(accounts.fill(source))
    accounts.tern.ok("sync")
    old = accounts.rows("imap2", "Old")[0]["id"]
    plain = next(row["id"] for row in accounts.rows(source) if row["subject"] == "Nr 0")
    accounts.tern.ok("--offline", "move", plain, "imap2/Old")
    accounts.tern.ok("--offline", "flag", old)
    with visit(accounts.server, "bob") as imap:
        imap.delete("Old")
        imap.create("Old")
    accounts.tern("sync")
    accounts.settle()
    rows = accounts.rows("imap2", "Old")
    assert plain in ids and ids_of(rows) == [plain] and "flagged" not in rows[0]["flags"]
    assert [one[1] for one in accounts.on_server("imap2", "Old")] == [set()]


# --- the folder that they come from goes ---

def test_the_source_is_deleted_meanwhile(accounts):
    """By somebody else, before their texts were fetched: it is told, nothing waits for them, and nothing shows what is not there."""
    with visit(accounts.server, "bob") as imap:
        imap.create("Old")
    for n in (7, 8):
        accounts.server.append("bob", "Old", message(n))
    accounts.tern.ok("sync")
    moved, copied = ids_of(accounts.rows("imap2", "Old"))
    accounts.tern.ok("--offline", "move", moved, "imap/INBOX")
    accounts.tern.ok("--offline", "copy", copied, "imap/INBOX")
    with visit(accounts.server, "bob") as imap:
        imap.delete("Old")
    told = accounts.tern("sync").err
    assert "deleted a folder with" in told or "taken back, since the server refused" in told, told
    accounts.settle()
    assert accounts.tern.json("--offline", "journal").rows == []
    assert accounts.rows("imap") == [] and accounts.on_server("imap") == []


def shut(accounts, target, is_shut):
    """Whether nothing can be put into that account."""
    config, tmp = accounts.tern.profile / "tern.conf", accounts.folder / "Maildir/tmp"
    if target == "maildir" and is_shut:
        tmp.rmdir()
        tmp.write_bytes(b"")
    elif target == "maildir":
        tmp.unlink()
        tmp.mkdir()
    else:
        text, of_it = config.read_text(), f"[account {target}]\n"
        config.write_text(text.replace(of_it, of_it + "offline = yes\n") if is_shut else text.replace("offline = yes\n", ""))


def deleted_after_fetching(accounts, target, folder="INBOX"):
    """Two messages of a folder are here for `target`, one moved, one copied, when somebody deletes the folder: their ids there."""
    shut(accounts, target, True)
    with visit(accounts.server, "bob") as imap:
        imap.create("Old")
    for n in (7, 8):
        accounts.server.append("bob", "Old", message(n))
    accounts.tern.ok("sync")
    moved, copied = ids_of(accounts.rows("imap2", "Old"))
    accounts.tern.ok("--offline", "read", moved)
    accounts.tern.ok("--offline", "move", moved, f"{target}/{folder}")
    accounts.tern.ok("--offline", "copy", copied, f"{target}/{folder}")
    accounts.tern.ok("sync", "imap2")
    waiting = accounts.journal()
    assert [(row["verb"], row["state"]) for row in waiting] == [("move", "waiting"), ("copy", "waiting")], waiting
    with visit(accounts.server, "bob") as imap:
        imap.delete("Old")
    told = accounts.tern.ok("sync", "imap2")
    assert "deleted a folder" not in told.err and "taken back" not in told.err, told
    assert "imap2/Old" not in accounts.tern.ok("--offline", "folders").out
    return ids_of(accounts.rows(target, folder))


def settle_in_time(accounts):
    """What could not be put there is tried again after some seconds."""
    end = time.monotonic() + 120
    while accounts.journal():
        accounts.tern.ok("sync")
        assert time.monotonic() < end


@pytest.mark.parametrize("target", ["imap", "maildir"])
def test_the_source_is_deleted_after_they_were_fetched(accounts, target):
    """What is here is not lost with it: it goes where it was to go, and can be read all the while, also without the cache."""
    ids = deleted_after_fetching(accounts, target)
    assert len(ids) == 2
    shutil.rmtree(accounts.tern.profile / "cache" / "messages")
    for row in accounts.rows(target):
        n = int(row["subject"].split()[1])
        assert accounts.tern.ok("--offline", "show", row["id"], "--raw").raw_out.replace(b"\r\n", b"\n") == message(n)
    assert [row["verb"] for row in accounts.journal()] == ["append", "append"]
    accounts.tern.ok("--offline", "undo")       # of the changes that can be taken back the newest is the one before: it was read
    assert ids_of(accounts.rows(target)) == ids and not any(row["flags"] for row in accounts.rows(target))
    accounts.tern.ok("--offline", "flag", ids[0])
    shut(accounts, target, False)
    settle_in_time(accounts)
    after = accounts.rows(target)
    assert ids_of(after) == ids and [row["flags"] for row in after] == [["flagged"], []]
    for row in after:
        n = int(row["subject"].split()[1])
        assert accounts.body(row).replace(b"\r\n", b"\n") == message(n)
    if target in accounts.users:
        assert len(accounts.on_server(target)) == 2
    assert not list((accounts.tern.profile / "data/imports").rglob("saved-*"))


def test_the_target_is_deleted_too(accounts):
    """What is nowhere else goes to the Inbox then."""
    with visit(accounts.server, "ada") as imap:
        imap.create("Box")
    accounts.tern.ok("sync")
    ids = deleted_after_fetching(accounts, "imap", "Box")
    assert len(ids) == 2
    with visit(accounts.server, "ada") as imap:
        imap.delete("Box")
    shut(accounts, "imap", False)
    settle_in_time(accounts)
    rows = accounts.rows("imap")
    assert ids_of(rows) == ids and len(accounts.on_server("imap")) == 2
    for row in rows:
        n = int(row["subject"].split()[1])
        assert accounts.body(row).replace(b"\r\n", b"\n") == message(n)
