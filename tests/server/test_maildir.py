"""Accounts whose mail lives on this disk: maildir:PATH is read, changed and listened to like a server, and is the truth.

What tern changes is in the files at once, offline too; what others change is seen; a lost database loses nothing.
"""
import mailbox
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lib.genmail import Generator, write_maildir
from lib.mailserver import wait_until

COUNT = 30


class Local:
    """A maildir account called "local", and its Maildir as another program sees it."""

    def __init__(self, tern, root):
        self.tern, self.root = tern, Path(root)
        tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{self.root}\n")

    def names(self, folder=""):
        """The files of a folder: base -> (place, letters)."""
        found = {}
        for place in ("new", "cur"):
            for path in (self.root / folder / place).iterdir():
                base, _, info = path.name.partition(":2,")
                found[base] = (place, info)
        return found

    def put(self, text, folder="", flags=None, name="1790000000.M1P1.other"):
        """A delivery as other programs do it."""
        box = self.root / folder
        (box / "tmp" / name).write_text(text)
        place = box / "new" / name if flags is None else box / "cur" / f"{name}:2,{flags}"
        (box / "tmp" / name).rename(place)
        return place

    def sync(self, *words):
        return {row["folder"]: row for row in self.tern.json("sync", *words).rows}

    def rows(self, folder="INBOX"):
        return self.tern.json("list", f"local/{folder}").rows

    def row(self, subject, folder="INBOX"):
        return next(row for row in self.rows(folder) if row["subject"] == subject)


def message(subject, body="text\n", more=""):
    return (f"From: Bob <bob@example.org>\nTo: ada@example.org\nSubject: {subject}\n"
            f"Date: Mon, 30 Nov 2026 10:00:00 +0000\nMessage-ID: <{subject.replace(' ', '.')}@x>\n{more}\n{body}")


@pytest.fixture
def local(tern, tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    return Local(tern, tmp_path / "Maildir")


@pytest.fixture
def full(local):
    local.meanings = write_maildir(local.root, Generator(seed=5, count=COUNT))
    assert local.sync()["INBOX"]["new"] == COUNT
    return local


def test_all_is_listed_and_read(full):
    rows = full.rows()
    assert len(rows) == COUNT
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    files = {path.name.partition(":2,")[0]: path for place in ("new", "cur") for path in (full.root / place).iterdir()}
    raw = {path.read_bytes() for path in files.values()}
    for row in rows:
        assert full.tern.ok("--offline", "show", str(row["id"]), "--raw").raw_out in raw
        assert "attachments" in row
    seen = sum("S" in info for _, info in full.names().values())
    assert sum("seen" in row["flags"] for row in rows) == seen > 0
    # nothing is copied: it is read where it lives
    assert not list((full.tern.profile / "cache").rglob("messages/??/*"))


def test_a_second_look_finds_nothing_new(full):
    again = full.sync()["INBOX"]
    assert (again["new"], again["changed"], again["removed"], again["messages"]) == (0, 0, 0, COUNT)


def test_flags_are_in_the_names_at_once(local):
    local.put(message("one"))
    local.sync()
    row = local.row("one")
    tern = local.tern
    tern.ok("--offline", "flag", str(row["id"]))
    assert local.names() == {"1790000000.M1P1.other": ("cur", "F")}
    tern.ok("--offline", "read", str(row["id"]))
    assert local.names() == {"1790000000.M1P1.other": ("cur", "FS")}
    tern.ok("--offline", "tag", str(row["id"]), "$Forwarded")
    assert local.names() == {"1790000000.M1P1.other": ("cur", "FPS")}
    tern.ok("--offline", "undo", "2")
    assert local.names() == {"1790000000.M1P1.other": ("cur", "F")}
    assert local.sync()["INBOX"]["changed"] == 0
    assert local.row("one")["id"] == row["id"]
    assert not tern.json("journal").rows


def test_keywords_are_beside(local):
    local.put(message("one"))
    local.put(message("two"), name="1790000001.M1P1.other")
    local.sync()
    words = [f"k{n}" for n in range(40)]
    for word in words:
        local.tern.ok("tag", str(local.row("one")["id"]), word)
    text = (local.root / "tern-keywords").read_text()
    assert text == f"1790000000.M1P1.other {' '.join(words)}\n"
    local.sync()
    assert sorted(local.row("one")["keywords"]) == sorted(words)
    local.tern.ok("untag", str(local.row("one")["id"]), "k0")
    assert " k0 " not in (local.root / "tern-keywords").read_text()


def test_moves_copies_and_deletion(full):
    tern, root = full.tern, full.root
    ids = [str(row["id"]) for row in full.rows()]
    before = full.names()
    tern.ok("archive", *ids[:3])
    assert len(full.names(".Archive")) == 3 and len(full.names()) == COUNT - 3
    assert {**full.names(), **full.names(".Archive")} == before
    tern.ok("copy", ids[3], "Archive")
    tern.ok("delete", ids[4])
    assert len(full.names(".Archive")) == 4 and len(full.names(".Trash")) == 1
    tern.ok("undo", "2")
    assert len(full.names(".Trash")) == 0 and len(full.names()) == COUNT - 3
    assert [row["id"] for row in full.rows("Archive")] and {str(row["id"]) for row in full.rows("Archive")} >= set(ids[:3])
    tern.ok("undo")
    assert full.names() == before
    numbers = full.sync()
    assert all(row["new"] == row["removed"] == 0 for row in numbers.values())
    assert {str(row["id"]) for row in full.rows()} == set(ids)
    assert (root / ".Archive" / "maildirfolder").exists()


def test_folders(full):
    tern = full.tern
    tern.ok("folder", "create", "Projekte/Häuser v1.2")
    assert (full.root / ".Projekte.H&AOQ-user v1&AC4-2" / "cur").is_dir()
    tern.ok("move", str(full.rows()[0]["id"]), "Projekte/Häuser v1.2")
    tern.ok("folder", "create", "Projekte")
    tern.ok("folder", "rename", "Projekte", "Projects")
    assert len(full.names(".Projects.H&AOQ-user v1&AC4-2")) == 1
    assert [row["subject"] for row in full.rows("Projects/Häuser v1.2")]
    tern.ok("folder", "unsubscribe", "Projects")
    full.sync()
    folders = {row["folder"]: row for row in tern.json("folders").rows}
    assert not folders["Projects"]["subscribed"] and folders["Projects/Häuser v1.2"]["subscribed"]
    tern.ok("folder", "delete", "Projects")
    assert "Projects" not in {row["folder"] for row in tern.json("folders").rows}
    assert (full.root / ".Projects").is_dir()  # held back: it can still be undone
    tern.ok("undo")
    assert "Projects" in {row["folder"] for row in tern.json("folders").rows}


def test_others_change_it(full):
    """mutt renames and moves files, a delivery comes, a folder is made and one is taken away."""
    names = sorted(full.names())
    ids = {row["id"] for row in full.rows()}
    box = mailbox.Maildir(full.root, create=False)
    one = box.get_message(names[0])
    one.set_subdir("cur")
    one.set_flags("FRS")
    box[names[0]] = one
    (full.root / full.names()[names[1]][0]).joinpath(
        next(p.name for p in (full.root / full.names()[names[1]][0]).iterdir() if p.name.startswith(names[1]))).unlink()
    full.put(message("from outside"))
    work = box.add_folder("Work")
    work.add(message("in Work"))
    told = full.sync()
    assert told["INBOX"]["new"] == 1 and told["INBOX"]["removed"] == 1 and told["Work"]["new"] == 1
    assert {row["subject"] for row in full.rows("Work")} == {"in Work"}
    assert len({row["id"] for row in full.rows()} & ids) == COUNT - 1
    shutil.rmtree(full.root / ".Work")
    full.sync()
    assert "Work" not in {row["folder"] for row in full.tern.json("folders").rows}


def mv(local, base, from_folder, to_folder):
    place, info = local.names(from_folder)[base]
    name = base + (f":2,{info}" if place == "cur" else "")
    (local.root / from_folder / place / name).rename(local.root / to_folder / place / name)


def test_what_another_program_moves_keeps_its_row(local):
    """By mv, out of the folder that is read first and into it: id, flags, keywords, thread; and undo still knows it."""
    local.put(message("one"), flags="FS", name="1790000001.M1P1.other")
    local.put(message("answer", more="References: <one@x>\n"), name="1790000002.M1P1.other")
    mailbox.Maildir(local.root, create=False).add_folder("Work")
    local.sync()
    before = local.row("one")
    local.tern.ok("tag", str(before["id"]), "todo")
    for come, go, folder in (("", ".Work", "Work"), (".Work", "", "INBOX")):
        mv(local, "1790000001.M1P1.other", come, go)
        told = local.sync()
        assert all(row["new"] == row["removed"] == 0 for row in told.values()), told
        now = local.row("one", folder)
        for key in ("id", "thread", "subject"):
            assert now[key] == before[key]
        assert sorted(now["flags"]) == ["flagged", "seen"] and now["keywords"] == ["todo"]
        assert len(local.rows()) + len(local.rows("Work")) == 2
        assert all(row["new"] == row["removed"] == row["changed"] == 0 for row in local.sync().values())
    mv(local, "1790000001.M1P1.other", "", ".Work")
    local.sync()
    local.tern.ok("undo")
    assert local.row("one", "Work")["keywords"] == []
    assert "todo" not in (local.root / ".Work" / "tern-keywords").read_text()


def test_what_is_copied_or_only_called_the_same_is_new(local):
    """A file that is still where it was; and another one of the name of one that went."""
    for n in (1, 2, 3):
        local.put(message(f"m{n}"), name=f"179000000{n}.M1P1.other")
    mailbox.Maildir(local.root, create=False).add_folder("Work")
    local.sync()
    ids = {row["subject"]: row["id"] for row in local.rows()}
    work = local.root / ".Work" / "new"
    shutil.copy(local.root / "new" / "1790000001.M1P1.other", work)
    (local.root / "new" / "1790000002.M1P1.other").unlink()
    (work / "1790000002.M1P1.other").write_text(message("another"))
    local.sync()
    assert {row["subject"]: row["id"] for row in local.rows()} == {"m1": ids["m1"], "m3": ids["m3"]}
    there = {row["subject"]: row["id"] for row in local.rows("Work")}
    assert set(there) == {"m1", "another"} and not set(there.values()) & set(ids.values())
    # The copy has a row of its own: that of the first goes with its file.
    (local.root / "new" / "1790000001.M1P1.other").unlink()
    local.sync()
    assert {row["subject"]: row["id"] for row in local.rows("Work")} == there
    assert [row["subject"] for row in local.rows()] == ["m3"]


def test_a_lost_database_loses_nothing(full):
    tern = full.tern
    ids = [str(row["id"]) for row in full.rows()]
    tern.ok("folder", "create", "Projects/tern")
    tern.ok("move", *ids[:5], "Projects/tern")
    tern.ok("flag", *ids[2:8])
    tern.ok("tag", *ids[4:9], "$Label1")
    tern.ok("folder", "unsubscribe", "Projects/tern")

    def meaning():
        return {folder["folder"]: (folder["subscribed"], sorted(
            (row.get("message_id", ""), row["subject"], sorted(row["flags"]), sorted(row["keywords"]), row["size"])
            for row in full.rows(folder["folder"]))) for folder in tern.json("folders").rows}
    before = meaning()
    for path in (tern.profile / "data").glob("store.db*"):
        path.unlink()
    full.sync()
    assert meaning() == before


def test_a_maildir_that_is_not_mounted_is_kept(full, tmp_path):
    full.root.rename(tmp_path / "away")
    failed = full.tern.json("sync")
    assert failed.status == 1 and failed.error["kind"] == "store" and "mounted" in failed.error["message"]
    assert len(full.rows()) == COUNT
    full.root.mkdir()
    assert full.tern("sync").status == 1 and len(full.rows()) == COUNT
    full.root.rmdir()
    (tmp_path / "away").rename(full.root)
    assert full.sync()["INBOX"]["removed"] == 0
    assert len(full.rows()) == COUNT


def test_what_is_deleted_while_it_is_away(local, tmp_path):
    """It waits, also for the Trash that is to be made for it, and is done when the Maildir is there again."""
    local.put(message("one"))
    local.put(message("two"), name="1790000001.M1P1.other")
    local.sync()
    assert [folder["folder"] for folder in local.tern.json("folders").rows] == ["INBOX"]
    local.root.rename(tmp_path / "away")
    for subject in ("one", "two"):
        deleted = local.tern.ok("delete", str(local.row(subject)["id"]))
        assert "the Maildir" in deleted.err and "is the disk mounted?" in deleted.err
    failed = local.tern.json("sync")
    assert failed.status == 1 and "is the disk mounted?" in failed.error["message"]
    assert sorted(row["subject"] for row in local.rows("Trash")) == ["one", "two"]
    (tmp_path / "away").rename(local.root)
    synced = local.sync()
    assert synced["Trash"]["messages"] == 2 and synced["INBOX"]["messages"] == 0
    assert set(local.names(".Trash")) == {"1790000000.M1P1.other", "1790000001.M1P1.other"} and local.names() == {}
    assert sorted(row["subject"] for row in local.rows("Trash")) == ["one", "two"]
    assert not local.tern.json("journal").rows
    local.tern.ok("undo", "2")
    assert len(local.names()) == 2 and len(local.rows()) == 2


def test_a_folder_that_waits_to_be_made_is_no_failure(local):
    """Something else stands where it is to be: what is to go there waits, and says why."""
    local.put(message("one"))
    local.sync()
    (local.root / ".Trash").write_text("no folder\n")
    deleted = local.tern.ok("delete", str(local.row("one")["id"]))
    assert ".Trash" in deleted.err
    for _ in range(2):
        synced = local.tern.json("sync")
        assert synced.status == 0 and "\x01" not in synced.err, synced
    assert [row["subject"] for row in local.rows("Trash")] == ["one"] and len(local.names()) == 1
    (local.root / ".Trash").unlink()
    assert wait_until(lambda: local.tern.ok("sync") and not local.tern.json("journal").rows, 60)
    assert set(local.names(".Trash")) == {"1790000000.M1P1.other"} and local.names() == {}


def test_a_first_maildir_is_made(tern, tmp_path):
    local = Local(tern, tmp_path / "none" / "Maildir")
    assert local.sync()["INBOX"]["messages"] == 0
    assert (local.root / "new").is_dir() and oct(local.root.stat().st_mode & 0o777) == "0o700"


def test_hostile_files(local):
    (local.root / "cur" / "1790000000.link:2,").symlink_to("/etc/passwd")
    os.mkfifo(local.root / "new" / "1790000001.pipe")
    (local.root / "new" / os.fsdecode(b"1790000002.\xff\x1b[31m strange")).write_bytes(b"Subject: \x00\x1b]0;x\x07\n\n\x00\xff")
    (local.root / "new" / "1790000003.empty").write_bytes(b"")
    (local.root / "new" / "1790000004.endless").write_bytes(b"Subject: " + b"x" * 3_000_000)
    local.put(message("good"))
    done = local.tern.json("sync")
    assert done.status == 0 and local.row("good")
    assert len(local.rows()) == 4 and [(row["new"], row["messages"]) for row in done.rows] == [(4, 4)]
    assert "is no plain file, and so no message; it is passed over; 1 other file there is passed over, too" in done.err
    assert "root:" not in local.tern("list").out
    for row in local.rows():
        local.tern.ok("show", str(row["id"]))
        local.tern.ok("flag", str(row["id"]))
    assert len(local.rows()) == 4 and all("flagged" in row["flags"] for row in local.rows())


def test_what_is_no_message_is_told_once(local):
    """Not by every look at a folder in which nothing has changed since."""
    (local.root / "cur" / "1790000000.link:2,").symlink_to("/etc/passwd")
    local.put(message("good"))
    for part in ("cur", "new"):
        os.utime(local.root / part, (1_700_000_000, 1_700_000_000))
    assert "is no plain file" in local.tern.json("sync").err
    assert "is no plain file" not in local.tern.json("sync").err
    (local.root / "cur" / "1790000000.link:2,").unlink()
    local.put(message("better"), name="1790000001.M1P1.other")
    assert local.sync()["INBOX"]["new"] == 1 and len(local.rows()) == 2


def test_offline_forbids_no_disk(full):
    full.put(message("while offline"))
    assert full.tern.json("--offline", "sync").rows[0]["new"] == 1
    assert full.tern.json("--offline", "sync", "local/INBOX").status == 0


def test_it_is_checked(full):
    assert full.tern.ok("account", "check", "local").out == f"local: its folders are at maildir:{full.root}\n"
    assert f"its folders are at {full.root}" in full.tern("doctor").out


def wait_for(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_watch_hears_of_changes(full):
    """inotify: what another program does is in the store without anybody asking."""
    watching = full.tern.start("watch")
    try:
        full.put(message("heard"))
        wait_for(lambda: any(row["subject"] == "heard" for row in full.rows()), "the new message")
        box = mailbox.Maildir(full.root, create=False)
        box.add_folder("Later").add(message("in a new folder"))
        wait_for(lambda: full.tern("list", "local/Later").status == 0 and full.rows("Later"), "the new folder")
        (full.root / "new" / "1790000000.M1P1.other").rename(full.root / "cur" / "1790000000.M1P1.other:2,S")
        wait_for(lambda: "seen" in full.row("heard")["flags"], "the flag")
    finally:
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(20) == 0
    full.tern.check_sanitizers()


def test_two_terns_change_one_maildir(full):
    """A watcher plays what commands do, and commands themselves: nothing is done twice."""
    watching = full.tern.start("watch")
    try:
        ids = [str(row["id"]) for row in full.rows()]
        for n in range(0, 12, 3):
            full.tern.ok("move", *ids[n:n + 3], "Archive") if n else full.tern.ok("archive", *ids[:3])
        wait_for(lambda: not full.tern.json("journal").rows, "the journal")
        assert len(full.names(".Archive")) == 12 and len(full.names()) == COUNT - 12
        assert {str(row["id"]) for row in full.rows("Archive")} == set(ids[:12])
    finally:
        watching.send_signal(signal.SIGTERM)
        watching.wait(20)
    told = full.sync()
    assert all(row["new"] == row["removed"] == 0 for row in told.values())


# ---- kills and power cuts ----

def strace(tern, words, *options):
    env = tern.environment({"ASAN_OPTIONS": "detect_leaks=0"})
    return subprocess.run(["strace", "-f", "-qq", *options, *tern.argv(*words)], env=env, capture_output=True,
                          timeout=120)


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
@pytest.mark.parametrize("call", ["renameat2,rename,renameat", "linkat", "unlinkat", "fsync", "fdatasync"])
def test_killed_at_each_call(tern, tmp_path, call):
    """Whatever a kill interrupts is done by the next command; each message is there once."""
    n = 0
    while True:
        n += 1
        root = tmp_path / f"{call[:6]}{n}"
        for part in ("cur", "new", "tmp"):
            (root / part).mkdir(parents=True)
        shutil.rmtree(tern.profile / "data", ignore_errors=True)
        local = Local(tern, root)
        for k in range(4):
            local.put(message(f"m{k}"), name=f"179000000{k}.M1P1.other")
        local.sync()
        ids = [str(local.row(f"m{k}")["id"]) for k in range(4)]
        tern.ok("tag", ids[0], "todo")
        done = strace(tern, ["archive", *ids[:2]], "-e", f"inject={call}:signal=KILL:when={n}")
        if done.returncode == 0 or n > 40:
            break
        tern("copy", ids[2], "Archive")
        local.sync()
        all_there = {row["subject"]: row for folder in tern.json("folders").rows for row in local.rows(folder["folder"])}
        assert set(all_there) == {"m0", "m1", "m2", "m3"}, (call, n)
        counts = sum(len(local.names(f)) for f in ("", ".Archive") if (root / f).is_dir())
        assert counts == 5 or (counts == 4 and not (root / ".Archive").is_dir()), (call, n)
        assert all_there["m0"]["keywords"] == ["todo"]
        assert {str(all_there[f"m{k}"]["id"]) for k in (0, 1, 3)} == {ids[k] for k in (0, 1, 3)}, (call, n)
    assert n < 40


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_what_is_settled_is_on_the_disk_first(local, tmp_path):
    """The order of calls: both folders of a move are synced before the database says that it is done."""
    local.put(message("one"))
    local.sync()
    local.tern.ok("folder", "create", "Archive")
    log = tmp_path / "log"
    strace(local.tern, ["move", str(local.row("one")["id"]), "Archive"], "-y", "-o", str(log),
           "-e", "trace=renameat2,fsync,fdatasync")
    calls = [re.sub(r"^\d+ +", "", line) for line in log.read_text().splitlines()]
    moved = next(i for i, call in enumerate(calls) if call.startswith("renameat2"))
    after = calls[moved + 1:]
    to = next(i for i, call in enumerate(after) if call.startswith("fsync") and ".Archive/" in call)
    of = next(i for i, call in enumerate(after) if call.startswith("fsync") and "Maildir/new" in call)
    settled = next(i for i, call in enumerate(after) if "store.db-wal" in call)
    assert to < of < settled
    assert any("store.db-wal" in call for call in calls[:moved])  # the change itself, before anything is done
