"""Messages that go from one account to another: IMAP, POP3, Maildir and mbox, each to each.

The target has it first, byte for byte, with its flags, keywords and date; only then it goes at the source. Killed anywhere it
is in at least one place, and after the next sync in one.
"""
import hashlib
import mailbox
import os
import re

import pytest

from lib.mailbox import visit

KINDS = ("imap", "imap2", "pop", "maildir", "mbox")
DATE = 1_700_000_000


def message(n, body="text\n"):
    return (f"From: Bob <bob@example.org>\nTo: ada@example.org\nSubject: Nr {n}\nDate: Mon, 30 Nov 2026 10:00:{n % 60:02} +0000\n"
            f"Message-ID: <nr{n}@across>\n\n{body}From here on\n..\n.dot\nGrüße {n}\n").encode()


def digest(raw):
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


class World:
    """An account of each kind: "imap" and "imap2" on a server, "pop", "maildir" and "mbox" on this disk."""

    def __init__(self, server, tern, folder):
        self.server, self.tern, self.folder = server, tern, folder
        self.users = {"imap": "ada", "imap2": "bob"}
        for part in ("cur", "new", "tmp"):
            (folder / "Maildir" / part).mkdir(parents=True)
        (folder / "spool").write_bytes(b"")
        tern.write(server.account("ada", "imap", incoming="imap"), server.account("bob", "imap2", incoming="imap"),
                   server.account("eve", "pop", incoming="pop3"),
                   f"[account maildir]\naddress = ada@example.org\nincoming = maildir:{folder}/Maildir\n",
                   f"[account mbox]\naddress = ada@example.org\nincoming = mbox:{folder}/spool\n")
        tern.ok("sync")

    def fill(self, kind, count=3):
        """Messages in an account's Inbox, the second one flagged, tagged and read."""
        if kind in self.users:
            for n in range(count):
                self.server.append(self.users[kind], "INBOX", message(n), date=DATE + n)
        elif kind == "pop":
            for n in range(count):
                self.server.deliver("eve", message(n))
        elif kind == "maildir":
            for n in range(count):
                path = self.folder / f"Maildir/new/{DATE + n}.M{n}.x"
                path.write_bytes(message(n))
                os.utime(path, (DATE + n, DATE + n))
        else:
            box = mailbox.mbox(self.folder / "spool")
            for n in range(count):
                box.add(mailbox.mboxMessage(message(n)))
            box.close()
        self.tern.ok("sync", kind, *(["--yes"] if kind == "pop" else []))
        rows = self.rows(kind)
        assert len(rows) == count, rows
        second = next(row for row in rows if row["subject"] == "Nr 1")["id"]
        self.tern.ok("read", second)
        self.tern.ok("flag", second)
        self.tern.ok("tag", second, "todo")
        return rows

    def rows(self, kind, folder="INBOX"):
        return self.tern.json("--offline", "list", f"{kind}/{folder}", "--limit", "100000").rows

    def body(self, row):
        return self.tern.ok("show", row["id"], "--raw").raw_out

    def journal(self):
        return self.tern.json("--offline", "journal").rows

    def on_server(self, kind, folder="INBOX"):
        """What imaplib finds there: (digest, flags, INTERNALDATE)."""
        with visit(self.server, self.users[kind]) as imap:
            imap.select(folder, readonly=True)
            found = imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
        out = []
        for at, row in enumerate(found):
            if isinstance(row, tuple):
                rest = found[at + 1] if at + 1 < len(found) and isinstance(found[at + 1], bytes) else b""
                about = (row[0] + rest).decode()
                flags = set(re.search(r"FLAGS \(([^)]*)\)", about)[1].split()) - {"\\Recent"}
                out.append((digest(row[1]), flags, re.search(r'INTERNALDATE "([^"]*)"', about)[1].strip()))
        return out

    def settle(self):
        """One sync brings all to where it belongs, from account to account and back."""
        self.tern.ok("sync")
        assert self.journal() == []


@pytest.fixture
def world(make_server, tern, tmp_path):
    server = make_server(users={"ada": "ada-secret", "bob": "bob-secret", "eve": "eve-secret"})
    return World(server, tern, tmp_path)


def check(row, n):
    assert row["message_id"] == f"nr{n}@across"
    assert ("seen" in row["flags"], "flagged" in row["flags"], row["keywords"]) == ((n == 1), (n == 1), ["todo"] * (n == 1)), row


PAIRS = [(one, other) for one in KINDS for other in KINDS if one != other and (one, other) != ("imap2", "imap")]


@pytest.mark.parametrize("source,target", PAIRS)
def test_moved(world, source, target):
    """With the bytes, flags, keywords, date and id that it had; and it stands nowhere else."""
    before = world.fill(source)
    ids = [row["id"] for row in before]
    world.tern.ok("move", *ids, f"{target}/INBOX")
    assert [row["id"] for row in world.rows(target)] == ids  # at once
    assert world.rows(source) == []
    world.settle()
    assert world.rows(source) == []
    after = world.rows(target)
    assert [row["id"] for row in after] == ids
    for row in after:
        n = int(row["subject"].split()[1])
        check(row, n)
        assert world.body(row).replace(b"\r\n", b"\n") == message(n)
    for kind in world.users:
        assert len(world.on_server(kind)) == (3 if kind == target else 0)
    if target in world.users:
        arrived = world.on_server(target)
        assert {one[0] for one in arrived} == {digest(message(n)) for n in range(3)}
        assert sorted(map(sorted, (one[1] for one in arrived))) == [[], [], ["\\Flagged", "\\Seen", "todo"]]
        if source in ("imap", "imap2", "maildir"):
            assert "14-Nov-2023 22:13:20 +0000" in [one[2] for one in arrived]


@pytest.mark.parametrize("source,target", [("imap", "imap2"), ("imap", "maildir"), ("maildir", "imap"), ("mbox", "pop")])
def test_copied(world, source, target):
    before = world.fill(source)
    world.tern.ok("copy", *[row["id"] for row in before], f"{target}/INBOX")
    world.settle()
    assert [row["id"] for row in world.rows(source)] == [row["id"] for row in before]
    after = world.rows(target)
    assert len(after) == 3 and not {row["id"] for row in after} & {row["id"] for row in before}
    for row in after:
        check(row, int(row["subject"].split()[1]))
        assert digest(world.body(row)) == digest(message(int(row["subject"].split()[1])))


def test_only_a_header_goes_nowhere(world):
    """A message that is larger than max-size stays on its POP3 server until somebody wants it."""
    conf = world.tern.conf.read_text().replace("incoming = pop3:", "max-size = 20K\nincoming = pop3:")
    world.tern.write(conf)
    world.server.deliver("eve", message(0, "x" * 70 + "\n") + b"y" * 60 * 1000 + b"\n")
    world.tern.ok("sync", "pop", "--yes")
    row = world.rows("pop")[0]
    assert row["on_server_only"]
    for target in ("imap", "maildir"):
        world.tern("move", row["id"], f"{target}/INBOX")
        world.tern.ok("sync")
        assert world.journal() == []
        assert [one["id"] for one in world.rows("pop")] == [row["id"]] and world.rows(target) == []
        assert "only the header of this message is here" in world.tern.json("--offline", "journal", "--all").rows[-1]["error"]
