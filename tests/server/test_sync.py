"""Syncing folders: what stands on the server stands in the store afterwards, however it changed meanwhile."""
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link

# Without these tern has only counts and UIDNEXT to go by.
PLAIN_SERVER = ("CONDSTORE", "QRESYNC", "ENABLE")


def on_server(server, folder="INBOX", user="ada"):
    """{uid: flags} as imaplib sees them."""
    imap = server.imap(user)
    imap.select(folder, readonly=True)
    _, rows = imap.uid("FETCH", "1:*", "(FLAGS)")
    imap.logout()
    found = {}
    for row in rows:
        if row:
            words = row.decode().replace("(", " ").replace(")", " ").split()
            flags = {w for w in words if w.startswith(("\\", "$")) or w.startswith("kw")} - {"\\Recent"}
            found[int(words[words.index("UID") + 1])] = flags
    return found


def in_store(tern, folder="INBOX"):
    rows = tern.json("list", folder, "--limit", "100000").rows
    return {r["uid"]: {"\\" + f.capitalize() for f in r["flags"]} | set(r["keywords"]) for r in rows}


def agree(tern, server, folder="INBOX"):
    assert in_store(tern, folder) == on_server(server, folder)


def filled(server, tmp_path, count=250, seed=3, folder="INBOX"):
    write_maildir(tmp_path / f"m{seed}", Generator(seed=seed, count=count))
    server.fill("ada", folder, tmp_path / f"m{seed}")


def sync(tern, *words):
    return {r["folder"]: r for r in tern.json("sync", *words).rows}


def change_at_random(imap, random, count):
    """Another client at work in the selected folder."""
    for _ in range(count):
        uids = imap.uid("SEARCH", "ALL")[1][0].split()
        some = b",".join(random.sample(uids, min(len(uids), random.randint(1, 20)))).decode()
        what = random.choice(["flag", "unflag", "keyword", "append", "expunge"])
        if what == "flag" and some:
            imap.uid("STORE", some, "+FLAGS", random.choice(["\\Seen", "\\Flagged", "\\Answered \\Seen"]))
        elif what == "unflag" and some:
            imap.uid("STORE", some, "-FLAGS", random.choice(["\\Seen", "\\Flagged kwone"]))
        elif what == "keyword" and some:
            imap.uid("STORE", some, "+FLAGS", random.choice(["kwone", "kwtwo kwthree"]))
        elif what == "append":
            number = random.randrange(10**9)
            imap.append("INBOX", None, None, f"From: a@b.c\r\nSubject: n{number}\r\nMessage-ID: <{number}@x>\r\n\r\nx\r\n".encode())
        elif what == "expunge" and some:
            imap.uid("STORE", some, "+FLAGS", "\\Deleted")
            imap.expunge()


@pytest.mark.threads
@pytest.mark.parametrize("without", [(), PLAIN_SERVER, PLAIN_SERVER + ("LIST-STATUS", "LIST-EXTENDED", "SPECIAL-USE")])
def test_first_and_later_visits(make_server, tern, tmp_path, without):
    server = make_server(without=without)
    filled(server, tmp_path)
    filled(server, tmp_path, 20, 4, "Projects/Häuser")
    tern.write(server.account("ada"))
    first = sync(tern)
    assert first["INBOX"]["new"] == first["INBOX"]["messages"] == 250
    assert first["Projects/Häuser"]["new"] == 20
    agree(tern, server)
    again = sync(tern)
    assert [r["new"] + r["changed"] + r["removed"] for r in again.values()] == [0] * len(again)
    imap = server.imap("ada")
    imap.select("INBOX")
    chance = random.Random(5)
    for _ in range(4):
        change_at_random(imap, chance, 12)
        sync(tern)
        agree(tern, server)
    imap.logout()


def test_everything_expunged(empty_server, tern, tmp_path):
    filled(empty_server, tmp_path, 120)
    tern.write(empty_server.account("ada"))
    sync(tern)
    empty_server.doveadm("expunge", "-u", "ada", "mailbox", "INBOX", "all")
    assert sync(tern)["INBOX"]["removed"] == 120
    assert in_store(tern) == {}
    assert [r for r in tern.json("folders").rows if r["folder"] == "INBOX"][0]["messages"] == 0


def test_folders_come_and_go(empty_server, tern, tmp_path):
    tern.write(empty_server.account("ada"))
    filled(empty_server, tmp_path, 10, 1, "Old")
    assert "Old" in sync(tern)
    imap = empty_server.imap("ada")
    imap.rename("Old", "New")
    imap.create("Third")
    names = set(sync(tern))
    assert {"New", "Third"} <= names and "Old" not in names
    assert len(tern.json("list", "New").rows) == 10
    assert "Old" not in {r["folder"] for r in tern.json("folders").rows}


def test_ids_outlive_a_new_uidvalidity(empty_server, tern, tmp_path):
    """The server loses its memory (all UIDs are new): ids, threads and flags stay what they were."""
    filled(empty_server, tmp_path, 150)
    tern.write(empty_server.account("ada"))
    sync(tern)
    before = {r["id"]: (r.get("message_id"), r["thread"], r["subject"]) for r in tern.json("list", "--limit", "1000").rows}
    inbox = Path(empty_server.doveadm("mailbox", "path", "-u", "ada", "INBOX").strip())
    empty_server.stop()
    for path in inbox.glob("dovecot*"):
        path.unlink()
    empty_server.start()
    imap = empty_server.imap("ada")
    imap.append("INBOX", None, None, b"Subject: pushes the UIDs\r\n\r\n")
    imap.logout()
    sync(tern)
    agree(tern, empty_server)
    after = {r["id"]: (r.get("message_id"), r["thread"], r["subject"]) for r in tern.json("list", "--limit", "1000").rows}
    assert {k: after.get(k) for k in before} == before
    assert len(after) == 151


@pytest.mark.threads
def test_killed_at_any_moment(make_server, tern, tmp_path):
    """kill -9 during the first sync: what is there is right, and the next sync goes on from it."""
    server = make_server()
    filled(server, tmp_path, 3000, 9)
    tern.write(server.account("ada"))
    chance = random.Random(1)
    for _ in range(6):
        process = tern.start("sync")
        time.sleep(chance.uniform(0.05, 1.2))
        process.kill()
        process.wait()
        known = in_store(tern)
        truth = on_server(server)
        assert {uid: truth[uid] for uid in known} == known
    sync(tern)
    agree(tern, server)


def test_interrupted_politely(make_server, tern, tmp_path):
    server = make_server()
    filled(server, tmp_path, 3000, 9)
    with Link(server.ports["imaps"], rate=40_000) as link:  # almost a minute for all of it
        tern.write(server.account("ada").replace(str(server.ports["imaps"]), str(link.port)))
        process = tern.start("sync")
        deadline = time.monotonic() + 30
        while not in_store(tern) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
        assert 0 < len(in_store(tern)) < 3000
    tern.write(server.account("ada"))
    sync(tern)
    agree(tern, server)


@pytest.mark.threads
def test_message_is_fetched_once_and_exact(empty_server, tern, tmp_path):
    filled(empty_server, tmp_path, 60, 12)
    tern.write(empty_server.account("ada"))
    sync(tern)
    imap = empty_server.imap("ada")
    imap.select("INBOX", readonly=True)
    rows = tern.json("list", "--limit", "60").rows
    for row in rows[:15]:
        raw = imap.uid("FETCH", str(row["uid"]), "(BODY.PEEK[])")[1][0][1]
        assert tern.ok("show", str(row["id"]), "--raw").raw_out == raw.replace(b"\r\n", b"\n")
    empty_server.stop()
    assert tern.ok("show", str(rows[0]["id"]), "--raw").raw_out
    missing = tern.json("show", str(rows[40]["id"]))
    assert missing.status == 1 and missing.error["kind"] == "network"
    offline = tern.json("--offline", "show", str(rows[40]["id"]))
    assert offline.status == 1 and offline.error["kind"] == "network"


@pytest.mark.threads
def test_one_broken_account_disturbs_no_other(make_server, tern, tmp_path):
    server = make_server()
    filled(server, tmp_path, 30)
    broken = server.account("bob").replace("bob-secret", "wrong")
    tern.write(broken + server.account("ada"))
    result = tern.json("sync")
    assert result.status == 1
    assert result.error["kind"] == "auth" and "bob" in result.err
    assert len(in_store(tern, "ada/INBOX")) == 30


def requests_of(tern, count):
    """That many `tern sync` at the same time."""
    running = [tern.start("sync", "--json") for _ in range(count)]
    results = []
    for process in running:
        out, err = process.communicate(timeout=60)
        results.append((process.returncode, [json.loads(line) for line in out.splitlines()], err))
    return results


@pytest.mark.threads
def test_several_at_once_share_one_engine(empty_server, tern, tmp_path):
    filled(empty_server, tmp_path, 400, 6)
    tern.write(empty_server.account("ada"))
    for status, rows, err in requests_of(tern, 5):
        assert status == 0, err
        assert any(r["folder"] == "INBOX" for r in rows)
    agree(tern, empty_server)


@pytest.mark.threads
def test_another_takes_over(empty_server, tern, tmp_path):
    """The one that connects is killed in the middle: those that asked it do the work themselves."""
    filled(empty_server, tmp_path, 4000, 8)
    tern.write(empty_server.account("ada"))
    holder = tern.start("sync")
    time.sleep(0.3)
    others = [tern.start("sync", "--json") for _ in range(2)]
    time.sleep(0.2)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    for process in others:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    agree(tern, empty_server)


def test_silent_server_ends_with_a_sentence(empty_server, tern, tmp_path):
    """The server stands still: a person's Ctrl-C is heard at once all the same."""
    filled(empty_server, tmp_path, 50)
    tern.write(empty_server.account("ada"))
    empty_server.freeze()
    try:
        process = tern.start("sync")
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) != 0
        assert time.monotonic() - began < 20  # and not only when the server is given up, after a minute
    finally:
        empty_server.thaw()


def test_news_in_the_folder_that_is_selected(empty_server, tern, screen, tmp_path):
    """The screen's own session has the Inbox selected when it is asked to sync again."""
    filled(empty_server, tmp_path, 30)
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    terminal = screen(80, 24)
    terminal.wait("live")
    empty_server.deliver("ada", b"From: New <n@example.org>\r\nSubject: fresh from the server\r\n\r\nx\r\n")
    terminal.send("$")
    terminal.wait("fresh from the server")


def test_round_trips_to_the_first_page(make_server, tern, tmp_path):
    """After the login two: what there is, with the Inbox open, and its newest page. Then one to say goodbye."""
    server = make_server(auth="plain")
    filled(server, tmp_path, 90)
    with Link(server.ports["imap"]) as link:
        tern.write(server.account("ada", incoming="imap").replace(str(server.ports["imap"]), str(link.port)))
        tern.ok("sync", "ada/INBOX")
        assert len(in_store(tern)) == 90
        assert link.turns <= 1 + 2 + 1
