"""What is kept for reading offline: which messages, in which folders, how much; while a person asks for others; and on a
full disk."""
import os
import re
import subprocess
import time

import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.mailserver import wait_until
from lib.ownimap import OwnImap

BIG = 300_000
DAY = 24 * 60 * 60


def raw(number, size=1000):
    head = f"From: a@example.org\r\nSubject: number {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
    return (head + "text of " + str(number) + "\r\n" + ("x" * 70 + "\r\n") * (size // 72)).encode()


def files(tern):
    """The ids of the messages that are in the cache."""
    return {int(p.name.split("-")[0]) for p in (tern.profile / "cache/messages").glob("[0-9a-f][0-9a-f]/*")}


def rows(tern, folder="INBOX"):
    return {r["subject"]: r["id"] for r in tern.json("list", folder).rows}


def kept(tern, *folders):
    """The subjects of those that are here."""
    here = files(tern)
    return {s for folder in folders or ("INBOX",) for s, i in rows(tern, folder).items() if i in here}


def config(server, keep, *more):
    return server.account("ada") + "".join(f"{line}\n" for line in (f"keep-offline = {keep}", *more))


@pytest.mark.parametrize("keep,wanted", [("headers", set()), ("text", {"number 1", "number 3"}),
                                         ("all", {"number 1", "number 2", "number 3", "number 4"}),
                                         ("all 30d", {"number 3", "number 4"}), ("text 30d", {"number 3"})])
def test_what_is_kept(tern, empty_server, keep, wanted):
    now = int(time.time())
    for number, size, days in ((1, 1000, 400), (2, BIG, 400), (3, 1000, 3), (4, BIG, 3)):
        empty_server.append("ada", "INBOX", raw(number, size), "", date=now - days * DAY)
    tern.write(config(empty_server, keep))
    tern.ok("sync", "--keep")
    assert kept(tern) == wanted
    empty_server.stop()
    for subject, number in rows(tern).items():
        shown = tern("--offline", "show", number)
        assert (shown.status == 0) == (subject in wanted), shown
        if subject in wanted:
            assert f"text of {subject.split()[1]}" in shown.out


def test_folders_have_their_own(tern, empty_server):
    for folder in ("INBOX", "Archive", "Archive/2024", "Lists"):
        if folder not in ("INBOX", "Archive"):
            empty_server.doveadm("mailbox", "create", "-u", "ada", folder)
        for number in range(3):
            empty_server.append("ada", folder, raw(f"{folder} {number}"), "", date=1_700_000_000 + number)
    tern.write(config(empty_server, "all; Archive = headers; Lists = all 30d; Archive/2024 = all 3K"))
    tern.ok("sync", "--keep")
    assert len(kept(tern, "INBOX")) == 3
    assert not kept(tern, "Archive", "Lists")
    # The newest first, as long as they fit.
    assert kept(tern, "Archive/2024") == {"number Archive/2024 1", "number Archive/2024 2"}


def test_what_comes_later(tern, empty_server):
    """A second time only what is new; another rule looks at all again; a cache that was taken away is filled again."""
    write_maildir(tern.profile / "m", Generator(seed=9, count=700, plain=True))
    empty_server.fill("ada", "INBOX", tern.profile / "m")
    tern.write(config(empty_server, "text"))
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 700
    gone = sorted((tern.profile / "cache/messages").glob("[0-9a-f][0-9a-f]/*"))[:5]
    for path in gone:
        path.unlink()
    empty_server.append("ada", "INBOX", raw(1), "", date=int(time.time()))
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 696  # those were looked at, and went for room as far as tern knows
    tern.write(config(empty_server, "all"))
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 701
    subprocess.run(["rm", "-r", tern.profile / "cache"], check=True)
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 701


def test_the_newest_as_long_as_there_is_room(tern, empty_server):
    for number in range(40):
        empty_server.append("ada", "INBOX", raw(number, 20_000), "", date=1_600_000_000 + number * 1000)
    tern.write(config(empty_server, "all", "cache-size = 400K"))
    tern.ok("sync", "--keep")
    here = kept(tern)
    assert 10 < len(here) < 20, here
    assert here == {f"number {n}" for n in range(40 - len(here), 40)}
    # What comes new is worth more than what is old.
    for number in range(40, 45):
        empty_server.append("ada", "INBOX", raw(number, 20_000), "", date=int(time.time()))
    tern.ok("sync", "--keep")
    assert {f"number {n}" for n in range(40, 45)} <= kept(tern)


def test_files_of_expunged_messages_go(tern, empty_server):
    for number in range(6):
        empty_server.append("ada", "INBOX", raw(number), "", date=1_700_000_000 + number)
    tern.write(config(empty_server, "text"))
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 6
    imap = empty_server.imap("ada")
    imap.select("INBOX")
    imap.store("2:3", "+FLAGS", "\\Deleted")
    imap.expunge()
    imap.logout()
    tern.ok("sync")
    assert kept(tern) == {"number 0", "number 3", "number 4", "number 5"}
    assert len(files(tern)) == 4


def test_the_screen_fills_behind(tern, empty_server):
    """Without being asked, once a folder is open."""
    write_maildir(tern.profile / "m", Generator(seed=9, count=400, plain=True))
    empty_server.fill("ada", "INBOX", tern.profile / "m")
    tern.write(empty_server.account("ada"))
    with tern.terminal(80, 24) as screen:
        screen.wait_for(lambda: len(files(tern)) == 400, timeout=60)
    assert not list((tern.profile / "cache/messages/new").iterdir())


def test_a_person_comes_first(tern, empty_server):
    """A message that is opened while the cache is being filled over a slow link does not wait for that."""
    for number in range(60):
        empty_server.append("ada", "INBOX", raw(number, 60_000), "", date=1_600_000_000 + number)
    with Link(empty_server.ports["imaps"], rate=100_000) as link:  # half a minute for all of it
        tern.write(config(empty_server, "all").replace(f":{empty_server.ports['imaps']}", f":{link.port}"))
        tern.ok("sync")
        oldest = rows(tern)["number 0"]
        filling = tern.start("sync", "--keep")
        assert wait_until(lambda: len(files(tern)) >= 5, 60)
        assert tern.ok("show", oldest).out.count("text of 0") == 1
        here = files(tern)
        assert oldest in here and len(here) < 50, len(here)
        link.rate = None
        assert filling.wait(60) == 0
    assert len(files(tern)) == 60


def test_a_message_that_is_refused_stops_no_other(tern):
    """The server says NO to a command; the others come."""
    with OwnImap(exists=500) as server:
        plain = server.answers["UID FETCH"]

        def answer(talk):
            if "BODY.PEEK[]" in talk.words and "250" in talk.words.split(" ")[0].split(","):
                talk.send(f"{talk.tag} NO [SERVERBUG] broken\r\n")
            else:
                plain(talk)
        server.answers["UID FETCH"] = answer
        tern.write(server.account(), "keep-offline = all\n")
        tern.ok("sync", "--keep")
        uids = {r["id"]: r["uid"] for r in tern.json("list", "INBOX", "--limit", "1000").rows}
        here = {uids[i] for i in files(tern)}
        assert 250 not in here and {1, 2, 3, 499, 500} <= here and len(here) >= 300, len(here)


def test_killed_while_filling(tern, empty_server):
    """Nothing half-written is left, and the rest comes the next time."""
    for number in range(100):
        empty_server.append("ada", "INBOX", raw(number, 30_000), "", date=1_600_000_000 + number)
    sizes = 30_000 // 72 * 71
    with Link(empty_server.ports["imaps"], rate=300_000) as link:  # ten seconds for all of it
        tern.write(config(empty_server, "all").replace(f":{empty_server.ports['imaps']}", f":{link.port}"))
        filling = tern.start("sync", "--keep")
        assert wait_until(lambda: len(files(tern)) >= 20, 60)
        filling.kill()
        filling.wait()
    assert 20 <= len(files(tern)) < 100
    for path in (tern.profile / "cache/messages").glob("[0-9a-f][0-9a-f]/*"):
        assert path.stat().st_size > sizes
    tern.write(config(empty_server, "all"))
    tern.ok("sync", "--keep")
    assert len(files(tern)) == 100
    left = tern.profile / "cache/messages/new"
    assert not left.exists() or not list(left.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="machine: no root, who may mount a small disk")
def test_full_disk(tern, empty_server):
    """Told once and with its place; headers and reading go on; what was there stays."""
    for number in range(80):
        empty_server.append("ada", "INBOX", raw(number, 50_000), "", date=1_600_000_000 + number)
    cache = tern.profile / "cache"
    cache.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", cache], check=True)
    try:
        tern.write(config(empty_server, "all"))
        failed = tern("sync", "--keep")
        assert failed.status == 1
        assert "nearly full" in failed.err and "No space left" not in failed.err and str(cache) in failed.err, failed
        assert failed.err.count("not kept for reading offline") == 1, failed
        here = kept(tern)
        assert 5 <= len(here) < 40
        assert len(rows(tern)) == 80
        # the last of it is left to the user's own changes, and doctor names it
        assert os.statvfs(cache).f_bavail >= 5
        assert re.search(f"!! +cache +the disk of {re.escape(str(cache))} .*make room", tern("doctor", "--offline").out)
        empty_server.append("ada", "INBOX", raw(80), "", date=1_600_000_999)
        tern.ok("sync")
        assert "number 80" in rows(tern)
        some = rows(tern)[sorted(here)[0]]
        assert "text of" in tern.ok("show", some).out
        with pytest.raises(OSError):
            (cache / "ballast").write_bytes(bytes(2_000_000))
        missing = tern("show", rows(tern)["number 0"])
        assert missing.status == 1 and str(cache) in missing.err and "No space left" in missing.err, missing
        assert not list((cache / "messages/new").iterdir())
    finally:
        subprocess.run(["umount", cache], check=True)
