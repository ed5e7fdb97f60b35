"""Drafts that are put into an account's folder for drafts: cut, refused and killed at each place, the newest version is there
after the next sync, and at most once; what others have put there is left alone."""
import random
import re
import shutil
import subprocess

import pytest

from lib.torture import LONG, SEED

STRACE = shutil.which("strace")
CALLS = "sendto,write,fsync,fdatasync,rename,unlink"
ID = "1795608000.0123456789abcdef"


@pytest.fixture
def box(make_server, tern):
    server = make_server()
    server.create("ada", "Drafts")
    tern.write(server.account("ada", incoming="imap"))
    tern.ok("sync")
    return server


def version(n):
    return f"{ID}.{n:016x}@tern.invalid"


def hand_over(tern, n, draft=ID):
    """What closing a draft leaves for whoever connects (src/maildir/uploads.h)."""
    folder = tern.profile / "data/drafts/upload"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / f"{draft}.eml").write_text(f"From: Ada <ada@example.org>\nSubject: Version {n}\nMessage-ID: <{version(n)}>\n"
                                         f"X-Tern-Draft: new\nMIME-Version: 1.0\n\nText {n}\n")
    record = folder / f"{draft},ada"
    old = dict(re.findall(r"^(\S+)=(.*)$", record.read_text(), re.M)) if record.exists() else {}
    kept = "".join(f"{key}={old[key]}\n" for key in ("tried", "row", "store", "folder", "error") if key in old)
    record.write_text(f"[upload]\nstate=waiting\nmessage-id={version(n)}\n{kept}")


def drop(tern, draft=ID):
    record = tern.profile / f"data/drafts/upload/{draft},ada"
    record.write_text(re.sub("state=.*", "state=gone", record.read_text()))


def subjects(server, folder="Drafts"):
    imap = server.imap("ada")
    imap.select(folder, readonly=True)
    _, found = imap.search(None, "UNDELETED")
    rows = [imap.fetch(n, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1] for n in found[0].split()]
    imap.logout()
    return sorted(re.search(rb"Subject: (.*)\r", row)[1].decode() for row in rows)


def records(tern):
    return list((tern.profile / "data/drafts/upload").glob("*,*"))


def test_one_takes_the_place_of_the_other(tern, box):
    box.append("ada", "Drafts", b"Subject: Another's\r\nMessage-ID: <1795608000.0@tern.invalid>\r\n\r\nText\r\n", r"\Draft")
    for n in range(1, 4):
        hand_over(tern, n)
        tern.ok("sync")
        assert subjects(box) == ["Another's", f"Version {n}"]
    drop(tern)
    tern.ok("sync")
    assert subjects(box) == ["Another's"] and records(tern) == []


def make_anew(tern):
    """A store.db that is made anew counts from one again."""
    for path in (tern.profile / "data").glob("store.db*"):
        path.unlink()


def row_of(tern):
    return int(re.search(r"^row=(\d+)$", records(tern)[0].read_text(), re.M)[1])


def titles(tern):
    return {message["id"]: message["subject"] for message in tern.json("list", "Drafts").rows}


@pytest.mark.parametrize("is_changed", [True, False])
def test_another_store(tern, box, is_changed):
    """Whose number a draft's row has in a new store is left alone, and its own version is found by its Message-ID."""
    hand_over(tern, 1)
    tern.ok("sync")
    for n in range(9):
        box.append("ada", "Drafts", f"Subject: Another's {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\nText\r\n".encode(), r"\Draft")
    imap = box.imap("ada")
    imap.select("Drafts")
    imap.uid("COPY", "1", "Drafts")     # now it comes last
    imap.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
    imap.expunge()
    imap.logout()
    make_anew(tern)
    record, = records(tern)
    known = record.read_text()
    record.unlink()
    tern.ok("sync")     # in which order the new store numbers them is its own affair
    row = next(number for number, title in titles(tern).items() if title.startswith("Another's"))
    record.write_text(re.sub(r"^row=\d+$", f"row={row}", known, flags=re.M))
    if is_changed:
        hand_over(tern, 2)
    tern.ok("sync")
    tern.ok("sync")
    assert titles(tern)[row].startswith("Another's")
    assert titles(tern)[row_of(tern)] == ("Version 2" if is_changed else "Version 1")
    others = [f"Another's {n}" for n in range(9)]
    assert subjects(box) == others + ["Version 2" if is_changed else "Version 1"]
    drop(tern)
    tern.ok("sync")
    assert subjects(box) == others


def test_offline_nothing_happens(tern, box):
    hand_over(tern, 1)
    tern.ok("--offline", "list", "Drafts")
    assert subjects(box) == [] and len(records(tern)) == 1


def test_moved_by_a_person(tern, box):
    """A version that somebody has put elsewhere is nobody's to take away any more."""
    hand_over(tern, 1)
    tern.ok("sync")
    imap = box.imap("ada")
    imap.create("Kept")
    imap.select("Drafts")
    imap.uid("MOVE", "1:*", "Kept")
    imap.logout()
    tern.ok("sync")
    hand_over(tern, 2)
    tern.ok("sync")
    assert subjects(box) == ["Version 2"] and subjects(box, "Kept") == ["Version 1"]


def test_no_folder_for_drafts(make_server, tern):
    """It is made."""
    server = make_server()
    tern.write(server.account("ada", incoming="imap"))
    tern.ok("sync")
    hand_over(tern, 1)
    tern.ok("sync")
    assert subjects(server) == ["Version 1"]


def test_refused(tern, make_server):
    """A folder that takes nothing: it is said once, the draft is kept, and the sync goes on."""
    server = make_server(plugins=["acl", "zlib", "quota", "notify"])
    server.create("ada", "Drafts")
    tern.write(server.account("ada", incoming="imap"))
    tern.ok("sync")
    server.doveadm("acl", "set", "-u", "ada", "Drafts", "owner", "lookup", "read")
    hand_over(tern, 1)
    done = tern("sync")
    assert done.status == 0, done
    record, = records(tern)
    assert "state=waiting" in record.read_text() and "could not be put into" in record.read_text()


def test_refused_to_look_again(tern, make_server):
    """A folder that cannot be opened any more, and a new store.db: the draft in it is looked for once in an hour, and that is told."""
    server = make_server(plugins=["acl", "zlib", "quota", "notify"])
    server.create("ada", "Drafts")
    tern.write(server.account("ada", incoming="imap"))
    tern.ok("sync")
    hand_over(tern, 1)
    tern.ok("sync")
    record, = records(tern)
    assert "state=filed" in record.read_text()
    make_anew(tern)
    server.doveadm("acl", "set", "-u", "ada", "Drafts", "owner", "lookup")
    told = "".join(done.out + done.err for done in [tern("sync") for _ in range(3)])     # the first one learns the folders
    assert told.count("could not be looked for in “Drafts”") == 1, told
    assert "state=filed" in record.read_text() and "could not be looked for" in record.read_text()
    assert int(re.search(r"^not-before=(\d+)$", record.read_text(), re.M)[1]) > 0


def test_another_store_on_this_disk(tern, tmp_path):
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / folder).mkdir(parents=True)
    tern.write(f"[account ada]\nname = Ada\naddress = ada@example.net\noutgoing = sendmail:true\nincoming = maildir:{tmp_path}/Mail\n")
    tern.ok("sync")
    hand_over(tern, 1)
    tern.ok("sync")
    for n in range(9):
        (tmp_path / f"Mail/.Drafts/cur/{n}.x:2,D").write_text(f"Subject: Another's {n}\nMessage-ID: <{n}@example.org>\n\nText\n")
    make_anew(tern)
    tern.ok("sync")
    tern.ok("sync")
    assert titles(tern)[row_of(tern)] == "Version 1"
    drop(tern)
    tern.ok("sync")
    tern.ok("sync")
    assert sorted(titles(tern).values()) == [f"Another's {n}" for n in range(9)] and records(tern) == []


def test_one_holds_up_nothing_on_this_disk(tern, tmp_path):
    """A draft that cannot be filed (its text is gone) is told once; the other one is filed, and new mail is seen."""
    inbox = tmp_path / "Mail/cur"
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / folder).mkdir(parents=True)
    tern.write(f"[account ada]\nname = Ada\naddress = ada@example.net\noutgoing = sendmail:true\nincoming = maildir:{tmp_path}/Mail\n")
    tern.ok("sync")
    hand_over(tern, 1)
    (tern.profile / f"data/drafts/upload/{ID}.eml").unlink()
    other = "1795608001.0123456789abcdef"
    hand_over(tern, 2, other)
    (inbox / "1.x:2,").write_text("From: zoe@example.com\nSubject: Hello\nMessage-ID: <1@example.com>\n\nText\n")
    done = tern.ok("sync")
    assert "could not be put into “Drafts”" in done.out + done.err, done
    assert [message["subject"] for message in tern.json("list", "INBOX").rows] == ["Hello"]
    assert [message["subject"] for message in tern.json("list", "Drafts").rows] == ["Version 2"]
    done = tern.ok("sync")
    assert "could not be put into" not in done.out + done.err, done


# --- kill -9 ---

def traced(tern, *options):
    log = tern.profile / "strace"
    process = subprocess.run([STRACE, "-f", "-qq", "-o", log, *options, *tern.argv("sync")], capture_output=True,
                             env=tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), timeout=100)
    return process.returncode, log.read_text(errors="replace")


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_killed_at_each_place(tern, box):
    """Whatever the newest version was when the kill came, it is there once after the next two syncs, and no older one beside it."""
    hand_over(tern, 1)
    _, log = traced(tern, "-e", f"trace={CALLS}")
    places = [(name, n + 1) for name in CALLS.split(",") for n in range(len(re.findall(rf"^\d+ +{name}\(", log, re.M)))]
    tern.ok("sync")
    assert subjects(box) == ["Version 1"]
    kills, version_now = 0, 1
    for name, n in places if LONG else random.Random(SEED).sample(places, min(8, len(places))):
        for _ in range(2):      # a version is replaced before anybody knew that the one before was there
            version_now += 1
            hand_over(tern, version_now)
            status, _ = traced(tern, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={n}")
            kills += status != 0
        tern.ok("sync")
        tern.ok("sync")
        assert subjects(box) == [f"Version {version_now}"], (name, n)
    assert kills
    print(f"{len(places)} places, {kills} kills")
