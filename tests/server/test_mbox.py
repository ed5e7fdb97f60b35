"""Accounts of an mbox: the file is the Inbox, read and marked with the locks of others; other folders are a Maildir beside."""
import fcntl
import mailbox
import shutil
import signal
import subprocess
import threading
import time

import pytest

from lib.genmail import Generator, write_mbox

COUNT = 20


class Spool:
    def __init__(self, tern, path):
        self.tern, self.path = tern, path
        tern.write(f"[account spool]\naddress = ada@example.org\nincoming = mbox:{path}\n")

    def sync(self):
        return {row["folder"]: row for row in self.tern.json("sync").rows}

    def rows(self, folder="INBOX"):
        return self.tern.json("list", f"spool/{folder}").rows

    def box(self):
        return mailbox.mbox(self.path, create=False)

    def deliver(self, subject):
        with open(self.path, "a") as out:
            fcntl.lockf(out, fcntl.LOCK_EX)
            out.write(f"From bob@example.org Mon Nov 30 10:00:00 2026\nFrom: bob@example.org\nSubject: {subject}\n"
                      f"Message-ID: <{subject}@x>\n\n>From the start\n\n")


@pytest.fixture
def spool(tern, tmp_path):
    spool = Spool(tern, tmp_path / "spool")
    write_mbox(spool.path, Generator(seed=5, count=COUNT))
    assert spool.sync()["INBOX"]["new"] == COUNT
    return spool


def test_it_is_read(spool):
    expected = {message["Message-ID"] for message in spool.box()}
    assert {f"<{row['message_id']}>" for row in spool.rows() if "message_id" in row} <= expected
    assert len(spool.rows()) == COUNT
    for row in spool.rows():
        raw = spool.tern.ok("--offline", "show", str(row["id"]), "--raw").raw_out
        assert not raw.startswith(b"From ")
    again = spool.sync()["INBOX"]
    assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
    spool.deliver("later")
    assert spool.sync()["INBOX"]["new"] == 1
    row = next(row for row in spool.rows() if row["subject"] == "later")
    assert "\nFrom the start\n" in spool.tern.ok("show", str(row["id"]), "--raw").out


def test_marks_are_in_the_file(spool):
    tern, ids = spool.tern, [str(row["id"]) for row in spool.rows()]
    by_id = {row["id"]: row["message_id"] for row in spool.rows() if "message_id" in row}
    tern.ok("--offline", "flag", ids[0])
    tern.ok("--offline", "read", ids[0])
    tern.ok("--offline", "tag", ids[0], "todo")
    marked = next(m for m in spool.box() if m["Message-ID"] == f"<{by_id[int(ids[0])]}>")
    assert set(marked.get_flags()) == set("ROF") and marked["X-Keywords"] == "todo"
    assert len(spool.box()) == COUNT
    spool.sync()
    assert [str(row["id"]) for row in spool.rows()] == ids


def test_moves_both_ways(spool):
    tern, ids = spool.tern, [str(row["id"]) for row in spool.rows()]
    tern.ok("tag", ids[1], "todo")
    tern.ok("archive", *ids[:3])
    assert len(spool.box()) == COUNT - 3 and len(spool.rows("Archive")) == 3
    tern.ok("copy", ids[0], "INBOX")
    assert len(spool.box()) == COUNT - 2
    tern.ok("undo", "2")
    assert not spool.rows("Archive")  # the copy itself is held back in the file for a minute, and not shown
    assert len(spool.rows()) == COUNT and len(spool.box()) == COUNT + 1
    assert {str(row["id"]) for row in spool.rows()} == set(ids)
    assert next(row for row in spool.rows() if str(row["id"]) == ids[1])["keywords"] == ["todo"]
    tern.ok("delete", ids[5])
    assert len(spool.rows("Trash")) == 1
    told = spool.sync()
    assert all(row["new"] == row["removed"] == 0 for row in told.values())


def test_others_hold_the_lock(spool):
    """While another program has it, tern waits, and then finds what that one has delivered."""
    row = spool.rows()[0]
    locked, may_end = threading.Event(), threading.Event()

    def hold():
        with open(spool.path, "r+") as held:
            fcntl.lockf(held, fcntl.LOCK_EX)
            locked.set()
            may_end.wait(60)
            held.seek(0, 2)
            held.write("From x@y Mon Nov 30 10:00:00 2026\nSubject: in between\n\ntext\n\n")
    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(60)
    running = spool.tern.start("flag", str(row["id"]))
    time.sleep(0.5)
    assert running.poll() is None and "F" not in "".join(m.get_flags() for m in spool.box())
    may_end.set()
    holder.join()
    assert running.wait(60) == 0
    spool.sync()
    assert any(m["Subject"] == "in between" for m in spool.box()) and len(spool.rows()) == COUNT + 1
    assert "F" in "".join(m.get_flags() for m in spool.box())


def test_waiting_for_a_lock_is_told(spool):
    """Not only after half a minute, as a failure."""
    lock = spool.path.with_name(spool.path.name + ".lock")
    lock.write_text("1")
    running = spool.tern.start("sync", text=True)
    said = running.stderr.readline()
    assert "waiting for another program that has locked the mailbox" in said and str(lock) in said
    lock.unlink()
    assert running.wait(60) == 0


def test_watch_hears_of_deliveries(spool):
    watching = spool.tern.start("watch")
    try:
        spool.deliver("heard")
        deadline = time.monotonic() + 60
        while not any(row["subject"] == "heard" for row in spool.rows()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(20) == 0
    spool.tern.check_sanitizers()


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_one_that_has_grown_is_not_read_whole(tern, tmp_path):
    """What a sync reads of the file after a delivery, counted; and after another program has marked a message in place."""
    spool, log = Spool(tern, tmp_path / "spool"), tmp_path / "log"
    with open(spool.path, "w") as out:
        for n in range(300):
            out.write(f"From a@b Mon Nov 30 10:00:00 2026\nSubject: s{n}\nStatus: RO\nX-Status:  \n\n"
                      + f"{n:079}\n" * 250 + "\n")
    size = spool.path.stat().st_size
    assert spool.sync()["INBOX"]["new"] == 300

    def read_by_sync():
        done = subprocess.run(["strace", "-f", "-qq", "-y", "-e", "trace=read,pread64", "-o", str(log),
                               *tern.argv("sync", "--json")],
                              env=tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return sum(int(line.rpartition("= ")[2].split()[0]) for line in log.read_text(errors="replace").splitlines()
                   if f"<{spool.path}>" in line and line.rpartition("= ")[2][:1].isdigit())
    spool.deliver("later")
    assert 0 < read_by_sync() < size / 8
    assert len(spool.rows()) == 301
    with open(spool.path, "r+b") as box:
        at = box.read().index(b"X-Status:  \n", size // 2)
        box.seek(at + len("X-Status: "))
        box.write(b"F")
    spool.deliver("the next")
    assert read_by_sync() >= size
    flagged = [row for row in spool.rows() if "flagged" in row["flags"]]
    assert len(spool.rows()) == 302 and len(flagged) == 1


def test_no_mbox(tern, tmp_path):
    path = tmp_path / "letter"
    path.write_text("Dear Ada,\n")
    spool = Spool(tern, path)
    failed = tern.json("sync")
    assert failed.status == 1 and failed.error["kind"] == "store"
    assert path.read_text() == "Dear Ada,\n"
    spool.path.unlink()
    assert spool.sync()["INBOX"]["messages"] == 0


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
@pytest.mark.parametrize("call", ["pwrite64", "fsync", "ftruncate", "unlink", "rename", "renameat"])
def test_killed_at_each_call(tern, tmp_path, call):
    """A move out of the file that is killed anywhere: each message is in one place, whole."""
    n = 0
    while n < 250:
        n += 7 if call == "pwrite64" else 1
        shutil.rmtree(tern.profile / "data", ignore_errors=True)
        spool = Spool(tern, tmp_path / f"spool{n}")
        for k in range(4):
            spool.deliver(f"m{k}")
        spool.sync()
        ids = {row["subject"]: str(row["id"]) for row in spool.rows()}
        done = subprocess.run(["strace", "-f", "-qq", "-e", f"inject={call}:signal=KILL:when={n}",
                               *tern.argv("archive", ids["m1"], ids["m2"])],
                              env=tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), capture_output=True, timeout=120)
        if done.returncode == 0:
            break
        # The dead program's dotlock, if there is one, keeps nobody waiting.
        tern("flag", ids["m3"])
        spool.sync()
        there = sorted(row["subject"] for folder in ("INBOX", "Archive") for row in spool.rows(folder))
        assert there == ["m0", "m1", "m2", "m3"], (n, there)
        files = sorted([m["Subject"] for m in spool.box()] +
                       [m["Subject"] for m in mailbox.Maildir(tern.profile / "data/mail/spool/.Archive")])
        assert files == ["m0", "m1", "m2", "m3"], (n, files)
    assert n < 250
