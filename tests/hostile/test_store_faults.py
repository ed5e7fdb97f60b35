"""The store's disk: locked by another program, read-only; a clock that jumps. A sentence, the right exit status, and
nothing lost, nothing fetched again and again. (A full one: server/test_cli_errors.py.)"""
import os
import re
import sqlite3
import subprocess
import threading
import time

import pytest

from lib.genmail import Generator, write_maildir
from lib.mailserver import wait_until
from server.test_live import Watch

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="machine: no root, who may mount a small disk")


@pytest.fixture
def small_disk(tern):
    """A function of its size in KB: the profile's data/ on a file system of its own, or with that size from now on."""
    data = tern.profile / "data"

    def mount(size, *options):
        what = ",".join((f"size={size}k", "mode=700", *options, *(["remount"] if data.is_mount() else [])))
        data.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", what, "tmpfs", data], check=True)
    yield mount
    if data.is_mount():
        subprocess.run(["umount", data], check=True)


def filled(server, tern, count):
    write_maildir(tern.profile / "m", Generator(seed=5, count=count, plain=True))
    server.fill("ada", "INBOX", tern.profile / "m")
    tern.write(server.account("ada"))


def uids(tern):
    return [r["uid"] for r in tern.json("list", "INBOX", "--limit", "100000").rows]


@ROOT
def test_a_disk_that_became_read_only(tern, empty_server, small_disk):
    small_disk(20_000)
    filled(empty_server, tern, 20)
    tern.ok("sync")
    small_disk(20_000, "ro")
    failed = tern("sync")
    assert failed.status == 1 and str(tern.profile / "data") in failed.err, failed
    assert "read-only" in failed.err.lower(), failed
    small_disk(20_000, "rw")
    tern.ok("sync")
    assert len(uids(tern)) == 20


def check_readable(tern, seen, unseen):
    """What is here is read, with a sentence; what is not, and what would change something, fails with one."""
    for words in (["folders"], ["list", "INBOX"], ["show", seen]):
        run = tern.ok(*words)
        assert str(tern.profile / "data/store.db") in run.err and "cannot be written" in run.err, run
        assert len(run.out) > 50, run
    assert "subject" in tern.ok("show", seen, "--json").out
    for words in (["flag", seen], ["show", unseen], ["sync"], ["folder", "create", "New"]):
        failed = tern(*words)
        assert failed.status == 1 and len(failed.err.splitlines()) <= 3, failed
        assert re.search("cannot be written|read-only|permission", failed.err, re.I), failed


def two_rows(tern):
    """The ids of a message whose text is here, and of one whose is not."""
    tern.ok("sync")
    seen, unseen = (row["id"] for row in tern.json("list", "INBOX", "--limit", "2").rows)
    tern.ok("show", seen)
    return seen, unseen


@ROOT
@pytest.mark.parametrize("left_behind", [False, True])
def test_reading_from_a_read_only_disk(tern, empty_server, small_disk, left_behind):
    """Of a store that was closed, and of one whose last program was killed."""
    small_disk(20_000)
    filled(empty_server, tern, 20)
    tern.conf.write_text(tern.conf.read_text() + "keep-offline = headers\n")
    seen, unseen = two_rows(tern)
    if left_behind:
        watch = tern.start("watch", "--offline")
        other = sqlite3.connect(tern.profile / "data/store.db")  # nothing is written back
        other.execute("SELECT count(*) FROM folder").fetchall()
        tern.ok("tag", unseen, "late", "--offline")
        watch.kill()
        watch.communicate()
        kept = {name: (tern.profile / "data" / name).read_bytes() for name in ("store.db", "store.db-wal", "store.db-shm")}
        other.close()
        for name, content in kept.items():
            (tern.profile / "data" / name).write_bytes(content)
    small_disk(20_000, "ro")
    check_readable(tern, seen, unseen)
    assert ("late" in tern.json("list", "INBOX", "--limit", "2").rows[1]["keywords"]) == left_behind
    with tern.terminal(80, 24, "--offline") as screen:
        screen.wait("cannot be written", 30)
        screen.send("\r")
        screen.wait("Subject", 30)
        screen.send("q")
        screen.send("F")
        screen.wait("cannot be written", 30)
        screen.send("q")
        screen.wait_exit(30)
    small_disk(20_000, "rw")
    assert tern.ok("sync").err == ""
    assert len(uids(tern)) == 20


@ROOT
@pytest.mark.parametrize("folder, file", [(0o755, 0o644), (0o755, 0o600), (0o777, 0o444), (0o700, 0o600)])
def test_somebody_elses_profile(tern, empty_server, folder, file):
    """A data folder that is root's, for a user who is not: read as far as it lets one, else one sentence."""
    filled(empty_server, tern, 20)
    tern.conf.write_text(tern.conf.read_text() + "keep-offline = headers\n")
    seen, unseen = two_rows(tern)
    for path in [tern.profile, *tern.profile.rglob("*")]:
        if "data" not in path.relative_to(tern.profile).parts:
            os.chown(path, 65534, 65534)
    for path in [tern.profile / "data", *(tern.profile / "data").rglob("*")]:
        path.chmod(folder if path.is_dir() else file)
    tern.user = 65534
    if file == 0o600:
        failed = tern("list", "INBOX")
        assert failed.status == 1 and str(tern.profile / "data") in failed.err and "ermi" in failed.err, failed
        assert not failed.out and len(failed.err.splitlines()) == 1, failed
    else:
        check_readable(tern, seen, unseen)
    tern.user = None
    tern.ok("sync")


@ROOT
def test_a_message_on_a_full_disk(tern, empty_server, small_disk, tmp_path):
    """It is read from memory; where there is none for it either, what to do is said."""
    filled(empty_server, tern, 20)
    tern.conf.write_text(tern.conf.read_text() + "keep-offline = headers\n")
    cache = tern.profile / "cache"
    cache.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k,mode=700", "tmpfs", cache], check=True)
    try:
        seen, unseen = two_rows(tern)
        raw = tern.ok("show", seen, "--raw").raw_out
        with pytest.raises(OSError):
            (cache / "ballast").write_bytes(bytes(200_000))
        tern.ok("show", seen)
        memory = tmp_path / "memory"
        memory.mkdir(mode=0o700)
        with_memory = {"XDG_RUNTIME_DIR": str(memory)}
        shown = tern.ok("show", unseen, "--raw", env=with_memory).raw_out
        assert shown != raw and shown == message_of(empty_server, tern, unseen)
        assert tern.ok("show", unseen, "--raw", "--offline", env=with_memory).raw_out == shown
        failed = tern("show", unseen)
        assert failed.status == 1 and "make room" in failed.err and str(cache) in failed.err, failed
        (cache / "ballast").unlink()
        assert tern.ok("show", unseen, "--raw", env=with_memory).raw_out == shown
        # the next one that connects gives the memory back
        tern.ok("sync", env=with_memory)
        assert not [p for p in memory.rglob("messages/*/*") if p.is_file()]
    finally:
        subprocess.run(["umount", cache], check=True)


def message_of(server, tern, number):
    uid = next(r["uid"] for r in tern.json("list", "INBOX").rows if r["id"] == number)
    imap = server.imap("ada")
    imap.select("INBOX", readonly=True)
    text = imap.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1]
    imap.logout()
    return text.replace(b"\r\n", b"\n")


def test_locked_by_another_program(tern, empty_server):
    """For a moment: it is waited for."""
    filled(empty_server, tern, 20)
    tern.ok("sync")
    empty_server.append("ada", "INBOX", b"Subject: one more\r\nMessage-ID: <more@x>\r\n\r\nx\r\n", "", date=1_700_000_000)
    other = sqlite3.connect(tern.profile / "data/store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(2, lambda: other.execute("COMMIT")).start()
    begin = time.monotonic()
    tern.ok("sync")
    assert time.monotonic() - begin > 1
    other.close()
    assert len(uids(tern)) == 21


@pytest.mark.parametrize("synced_s", [4_000_000_000, 1])
def test_a_clock_that_was_wrong(tern, empty_server, synced_s):
    """A last sync, and a last sweep of the cache, in the far future or long ago change nothing of what is done."""
    filled(empty_server, tern, 20)
    tern.ok("sync")
    store = sqlite3.connect(tern.profile / "data/store.db")
    store.execute("UPDATE folder SET synced = ?", (synced_s,))
    store.commit()
    store.close()
    (tern.profile / "cache/messages/state").write_text(f"[sweep]\nended={synced_s}\n")
    empty_server.append("ada", "INBOX", b"Subject: one more\r\nMessage-ID: <more@x>\r\n\r\nx\r\n", "", date=1_700_000_000)
    tern.ok("sync")
    assert len(uids(tern)) == 21
    assert "one more" in tern.ok("list", "INBOX").out


def _idle(talk):
    talk.send("+ idling\r\n")
    tag = talk.tag
    talk.reader.readline()
    talk.send(f"{tag} OK done\r\n")


def test_what_cannot_be_stored_is_not_fetched_without_pause(tern, own_imap):
    """The newest page is here and the rest finds no room: it is tried again after pauses that grow, and news is heard all the
    while."""
    server, tried, has_room = own_imap(exists=101), [], []

    def fetch(talk):
        if talk.words.startswith("1:1 "):
            tried.append(time.monotonic())
            if not has_room:
                talk.close()
        server._fetch(talk)
    server.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "IDLE": _idle, "UID FETCH": fetch})
    tern.write(server.account())
    assert tern("sync").status == 1  # cut off in the midst
    with sqlite3.connect(tern.profile / "data/store.db") as db:
        db.execute("CREATE TRIGGER no_room BEFORE INSERT ON message WHEN NEW.uid = 1 "
                   "BEGIN SELECT RAISE(ABORT, 'no room'); END")
    has_room.append(True)
    tried.clear()
    with Watch(tern):
        def has_grown():
            return any(later - one > 19 for one, later in zip(tried, tried[1:]))
        # Each connection may come to it by a way of its own: a few at once, then 10 s, then 20 s.
        assert wait_until(lambda: len(tried) > 10 or has_grown(), 120)
        assert len(tried) <= 10, tried
    with sqlite3.connect(tern.profile / "data/store.db", timeout=60) as db:
        db.execute("DROP TRIGGER no_room")
    tern.ok("sync")
    assert len(uids(tern)) == 101
