"""tern import into a folder on a server: through the journal, once each however often it is run, and whatever is killed."""
import mailbox
import random
import subprocess

import pytest

from lib.accounts import digest, message
from lib.mailbox import visit
from lib.mailserver import wait_until
from lib.torture import SEED, count

COUNT = 250


@pytest.fixture
def world(make_server, tern, tmp_path):
    """A server with an account, known to tern; an mbox of COUNT messages, two of them the same and some without a Message-ID."""
    server = make_server()
    tern.write(server.account("ada", "work", incoming="imap"))
    tern.ok("sync")
    box = mailbox.mbox(tmp_path / "old.mbox")
    for n in range(COUNT - 1):
        raw = message(n)
        if n % 50 == 7:
            raw = raw.replace(b"Message-ID", b"X-Was")
        one = mailbox.mboxMessage(raw)
        one.set_from("bob@example.org", (2023, 11, 14, 22, n // 60, n % 60, 0, 0, 0))
        one.set_flags("RF" if n == 3 else "")
        box.add(one)
    box.add(box[3])
    box.close()
    return server, tern, tmp_path / "old.mbox"


def run(tern, path, folder="work/Old", words=("--offline",)):
    row = tern.json(*words, "import", "--into", folder, path).rows[-1]
    return row["new"], row["known"]


def on_server(server, folder="Old"):
    """What imaplib finds there: (digest, flags)."""
    with visit(server, "ada") as imap:
        if imap.select(folder, readonly=True)[0] != "OK":
            return []
        found = imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]
    return sorted((digest(row[1]), b"\\Flagged" in row[0]) for row in found if isinstance(row, tuple))


def wanted():
    found = []
    for n in range(COUNT - 1):
        raw = message(n).replace(b"Message-ID", b"X-Was") if n % 50 == 7 else message(n)
        found.append((digest(raw), n == 3))
    return sorted([*found, (digest(message(3)), True)])


def test_once_each(world):
    server, tern, path = world
    assert run(tern, path) == (COUNT, 0)
    assert run(tern, path) == (0, COUNT)  # though the server has heard of none
    rows = tern.json("--offline", "list", "work/Old", "--limit", "1000").rows
    assert len(rows) == COUNT
    tern.ok("sync")
    assert tern.json("--offline", "journal").rows == []
    assert on_server(server) == wanted()
    assert run(tern, path) == (0, COUNT)
    after = tern.json("--offline", "list", "work/Old", "--limit", "1000").rows
    assert {row["id"] for row in after} == {row["id"] for row in rows}
    assert list((tern.profile / "data/imports/work").iterdir()) == []
    # Moved elsewhere in the account it is known still.
    tern.ok("move", *[row["id"] for row in after[:20] if row.get("message_id")], "INBOX")
    assert run(tern, path)[0] == 0


def test_undone(world):
    server, tern, path = world
    run(tern, path)
    waiting = tern.profile / "data/imports/work"
    assert len(list(waiting.iterdir())) == COUNT
    for _ in range(3):  # groups of a hundred
        tern.ok("--offline", "undo")
    assert tern.json("--offline", "list", "work/Old").rows == []
    assert list(waiting.iterdir()) == []  # nobody needs them any more
    again = tern("--offline", "redo")  # and it does not say that it did what it cannot do
    assert again.status == 1 and "imported once more" in again.err, again
    assert tern.json("--offline", "list", "work/Old").rows == []
    tern.ok("sync")
    assert on_server(server) == []
    assert run(tern, path) == (COUNT, 0)
    tern.ok("sync")
    assert on_server(server) == wanted()


def test_into_an_account_that_nobody_knows(world, tmp_path):
    server, tern, path = world
    tern.write(tern.conf.read_text(), server.account("bob", "other", incoming="imap"))
    failed = tern.json("--offline", "import", "--into", "other/Old", path)
    assert failed.status == 1 and failed.error["kind"] == "input" and "tern sync other" in failed.error["message"]


@pytest.mark.torture
def test_killed(world):
    """While it is read in and while it is put there, at moments that nobody chose."""
    server, tern, path = world
    chance = random.Random(SEED)
    for n in range(count(6, 100)):
        words = ("sync",) if n % 2 else ("--offline", "import", "--into", "work/Old", path)
        process = tern.start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: process.poll() is not None, chance.uniform(0.05, 1.2))
        finally:
            process.kill()
            process.wait()
    new, known = run(tern, path)
    assert new + known == COUNT
    tern.ok("sync")
    assert tern.json("--offline", "journal").rows == []
    assert on_server(server) == wanted()


def test_large_ones_that_begin_alike(world):
    """Told apart by their ends only, beyond what is looked at of each: neither is written over the other."""
    server, tern, path = world
    box = mailbox.mbox(path.parent / "large.mbox")
    raws = [b"From: Bob <bob@example.org>\nSubject: large\n\n" + (b"x" * 79 + b"\n") * 60000 + end + b"\n"
            for end in (b"one", b"two")]
    for n, raw in enumerate(raws):
        one = mailbox.mboxMessage(raw)
        one.set_from("bob@example.org", (2023, 11, 14, 22, 13, n, 0, 0, 0))
        box.add(one)
    box.close()
    assert run(tern, path.parent / "large.mbox", "work/Large") == (2, 0)
    tern.ok("sync")
    assert sorted(one[0] for one in on_server(server, "Large")) == sorted(map(digest, raws))


def test_what_was_thrown_away_comes_back(world):
    """What lies in Trash is not what somebody means who imports it."""
    _, tern, path = world
    assert run(tern, path) == (COUNT, 0)
    row = next(row for row in tern.json("--offline", "list", "work/Old", "--limit", "1000").rows if row["subject"] == "Nr 1")
    tern.ok("--offline", "delete", row["id"])
    assert run(tern, path) == (1, COUNT - 1)
    assert run(tern, path) == (0, COUNT)


def test_is_read_before_the_server_has_it(world):
    _, tern, path = world
    run(tern, path)
    row = next(row for row in tern.json("--offline", "list", "work/Old", "--limit", "1000").rows if row["subject"] == "Nr 1")
    assert digest(tern.ok("--offline", "show", row["id"], "--raw").raw_out) == digest(message(1))
