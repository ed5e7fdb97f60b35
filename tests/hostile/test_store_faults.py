"""The store's disk: locked by another program, read-only; a clock that jumps. A sentence, the right exit status, and
nothing lost. (A full one: server/test_cli_errors.py.)"""
import os
import sqlite3
import subprocess
import threading
import time

import pytest

from lib.genmail import Generator, write_maildir

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
