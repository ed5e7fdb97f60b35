"""tern import and tern export: mboxes and Maildirs of other programs, once each however often, going on after a cut."""
import hashlib
import mailbox
import os
import shutil
import subprocess

import pytest

from lib.genmail import Generator, write_maildir, write_mbox
from lib.mailserver import wait_until

COUNT = 40


@pytest.fixture
def local(tern, tmp_path):
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/Mail\n"
               f"[account other]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/Other\n")
    return tern


def texts(tern, folder):
    """SHA-256 of each message of a folder, as it would be in a file."""
    return sorted(hashlib.sha256(tern.ok("show", str(row["id"]), "--raw").raw_out).hexdigest()
                  for row in tern.json("list", folder).rows)


def counts(result):
    assert result.status == 0, repr(result)
    return [(row["folder"], row["new"], row["known"]) for row in result.rows]


def test_an_mbox_once(local, tmp_path):
    path = tmp_path / "old mail.mbox"
    write_mbox(path, Generator(seed=3, count=COUNT))
    before = path.read_bytes()
    assert counts(local.json("import", path)) == [("old mail", COUNT, 0)]
    assert counts(local.json("import", path)) == [("old mail", 0, COUNT)]
    rows = local.json("list", "local/old mail").rows
    assert len(rows) == COUNT and path.read_bytes() == before
    # what was moved since is known all the same
    local.ok("move", *[str(row["id"]) for row in rows[:5]], "INBOX")
    assert counts(local.json("import", path)) == [("old mail", 0, COUNT)]


def test_bytes_go_there_and_back(local, tmp_path):
    """Maildir -> import -> mbox -> import -> Maildir: byte for byte, From lines and all."""
    source = tmp_path / "source"
    write_maildir(source, Generator(seed=9, count=COUNT))
    tricky = b"Subject: From here\n\nFrom the start\n>From a quote\n>>From two\n\nFrom x Mon Nov 30 10:00:00 2026\n\nlast\n"
    (source / "cur" / "1790000000.tricky:2,FS").write_bytes(tricky)
    wanted = sorted(hashlib.sha256(p.read_bytes()).hexdigest() for part in ("cur", "new") for p in (source / part).iterdir())
    assert counts(local.json("import", source, "--into", "one")) == [("one", COUNT + 1, 0)]
    assert texts(local, "local/one") == wanted
    assert counts(local.json("export", "local/one", tmp_path / "out.mbox")) == [("one", COUNT + 1, 0)]
    assert counts(local.json("export", "local/one", tmp_path / "out.mbox")) == [("one", 0, COUNT + 1)]
    assert len(mailbox.mbox(tmp_path / "out.mbox", create=False)) == COUNT + 1
    assert not list(tmp_path.glob("out.mbox.*"))
    assert counts(local.json("import", tmp_path / "out.mbox", "--into", "other/two")) == [("two", COUNT + 1, 0)]
    assert [len(texts(local, "other/two"))] == [COUNT + 1]
    assert hashlib.sha256(tricky).hexdigest() in texts(local, "other/two")
    flags = {folder: sorted((row["subject"], tuple(row["flags"])) for row in local.json("list", folder).rows)
             for folder in ("local/one", "other/two")}
    assert flags["local/one"] == flags["other/two"]
    assert counts(local.json("export", "other/two", f"{tmp_path}/maildir/")) == [("two", COUNT + 1, 0)]
    assert counts(local.json("export", "other/two", f"{tmp_path}/maildir/")) == [("two", 0, COUNT + 1)]
    assert len(mailbox.Maildir(tmp_path / "maildir", create=False)) == COUNT + 1


def test_folders_of_a_maildir(local, tmp_path):
    box = mailbox.Maildir(tmp_path / "source")
    box.add("Subject: top\n\n")
    box.add_folder("Work").add("Subject: work\n\n")
    box.add_folder("Work.2026").add("Subject: deep\n\n")
    local.ok("import", tmp_path / "source", "--into", "local/Old")
    assert [row["subject"] for row in local.json("list", "local/Old").rows] == ["top"]
    assert [row["subject"] for row in local.json("list", "local/Old/Work/2026").rows] == ["deep"]


def test_folders_of_odd_names(local, tmp_path):
    """None ends the others; what is no folder by its name is named."""
    box = mailbox.Maildir(tmp_path / "source")
    box.add("Subject: top\n\n")
    long = ".l" + "o" * 249 + "ng"  # with Old before it there is no room for it here
    for name in (".\x1b[1mred", ".a..b", "Nested", ".&BdAF0Q-", long, ".Zlast"):
        mailbox.Maildir(tmp_path / "source" / name).add(f"Subject: in {name[1:]!r}\n\n")
    done = local.json("import", tmp_path / "source", "--into", "local/Old")
    assert done.status == 0 and done.rows[0]["new"] == 4 and done.rows[0]["passed_over"] == 3
    assert "a folder cannot be called “Old/lo" in done.err
    for name in (".a..b", "Nested"):
        assert f"{tmp_path}/source/{name} is called as no folder of a Maildir; import it by its own path" in done.err
    folders = [row["folder"] for row in local.json("folders").rows if row["folder"].startswith("Old/")]
    assert len(folders) == 3 and {"Old/Zlast", "Old/אב"} < set(folders) and not any("\x1b" in name for name in folders)
    assert [row["subject"] for row in local.json("list", "local/Old/Zlast").rows] == ["in 'Zlast'"]


def test_two_that_are_the_same_are_two(local, tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for _ in range(2):
        box.add("Subject: twice\n\nthe same\n")
    box.flush()
    assert counts(local.json("import", tmp_path / "box")) == [("box", 2, 0)]
    assert counts(local.json("import", tmp_path / "box")) == [("box", 0, 2)]


def test_from_a_server(synced, tmp_path):
    """A folder of an IMAP account: what is not here is fetched."""
    assert counts(synced.json("export", "Archive", tmp_path / "archive")) == [("Archive", 20, 0)]
    assert len(mailbox.mbox(tmp_path / "archive", create=False)) == 20
    refused = synced.json("import", tmp_path / "archive")
    assert refused.status == 1 and refused.error["kind"] == "input" and "this disk" in refused.error["message"]


def test_what_cannot_be_had_stops_no_other(synced, tmp_path):
    """Offline, with one text here and the others not: that one is written, the others are named and counted."""
    rows = synced.json("list", "Archive", "--limit", "1000").rows
    synced.ok("show", str(rows[3]["id"]))
    done = synced.json("--offline", "export", "Archive", tmp_path / "archive")
    assert done.status == 1 and [(row["new"], row["missing"]) for row in done.rows] == [(1, len(rows) - 1)]
    assert f"message {rows[4]['id']} ({rows[4]['subject']}" in done.err
    assert len(mailbox.mbox(tmp_path / "archive", create=False)) == 1
    done = synced.json("export", "Archive", tmp_path / "archive")
    assert counts(done) == [("Archive", len(rows) - 1, 1)] and "missing" not in done.rows[0]


def test_what_is_no_mail(local, tmp_path):
    (tmp_path / "letter").write_text("Dear Ada,\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("x")
    for path in ("letter", "folder", "none"):
        refused = local.json("import", tmp_path / path)
        assert refused.status == 1 and refused.error["kind"] in ("input", "store"), path
    assert (tmp_path / "letter").read_text() == "Dear Ada,\n"


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
@pytest.mark.parametrize("at", [1, 7, 20, 41])
def test_it_goes_on_after_a_kill(local, tmp_path, at):
    write_mbox(tmp_path / "box", Generator(seed=3, count=COUNT))
    subprocess.run(["strace", "-f", "-qq", "-e", f"inject=fsync:signal=KILL:when={at}", *local.argv("import", tmp_path / "box")],
                   env=local.environment({"ASAN_OPTIONS": "detect_leaks=0"}), capture_output=True, timeout=120)
    local.ok("import", tmp_path / "box")
    assert len(local.json("list", "local/box", "--limit", "1000").rows) == COUNT
    assert len(list((tmp_path / "Mail" / ".box" / "cur").iterdir()) + list((tmp_path / "Mail" / ".box" / "new").iterdir())) == COUNT


def test_what_is_no_message_stops_no_other(local, tmp_path):
    """A FIFO and a link among the messages are named, a folder is none of them, nobody waits, the rest is taken in."""
    source = tmp_path / "source"
    write_maildir(source, Generator(seed=6, count=COUNT))
    os.mkfifo(source / "cur/1700000001.M1.x:2,")
    (source / "cur/1700000002.M2.x:2,").symlink_to("/etc/hostname")
    (source / "cur/1700000003.M3.x:2,").mkdir()
    done = local.json("import", "--into", "local/Taken", source)
    assert done.status == 0 and [(row["new"], row["known"], row["passed_over"]) for row in done.rows] == [(COUNT, 0, 2)]
    for n in (1, 2):
        assert f"{source}/cur/170000000{n}.M{n}.x:2, is no plain file" in done.err
    assert len(local.json("list", "local/Taken", "--limit", "1000").rows) == COUNT


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_others_have_their_turn(local, tmp_path):
    """An import that takes minutes, as each fsync does a while: what a person changes is in the files long before its end,
    and a folder that somebody changes meanwhile loses nothing of either."""
    many = 1000
    write_mbox(tmp_path / "box", Generator(seed=3, count=many, plain=True))
    write_mbox(tmp_path / "one", Generator(seed=4, count=1, plain=True))
    local.ok("import", tmp_path / "one", "--into", "local/Work")
    (row,) = local.json("list", "local/Work").rows
    slow = subprocess.Popen(["strace", "-f", "-qq", "-o", os.devnull, "-e", "inject=fsync,fdatasync:delay_enter=100000",
                             *local.argv("import", tmp_path / "box", "--into", "local/Work")],
                            env=local.environment({"ASAN_OPTIONS": "detect_leaks=0"}), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    work = tmp_path / "Mail/.Work"
    try:
        assert wait_until(lambda: sum(1 for part in ("new", "cur") for _ in (work / part).iterdir()) > 1, 120)
        local.ok("--offline", "flag", str(row["id"]))
        local.ok("--offline", "tag", str(row["id"]), "later")
        local.ok("--offline", "sync", "local/Work")
        assert slow.poll() is None, "it was over before others had their turn"
        assert any(path.name.endswith(":2,F") or ":2,F" in path.name for path in (work / "cur").iterdir())
        assert "later" in (work / "tern-keywords").read_text()
    finally:
        slow.kill()
        slow.wait(timeout=60)
    local.ok("import", tmp_path / "box", "--into", "local/Work")
    rows = local.json("list", "local/Work", "--limit", "10000").rows
    assert len(rows) == many + 1
    assert [other["id"] for other in rows if other["keywords"] == ["later"] and "flagged" in other["flags"]] == [row["id"]]
