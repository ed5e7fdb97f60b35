"""Accounts of each kind in one profile, and messages that go from one to another.

    accounts = Accounts(server, tern, folder)   "imap" (ada) and "imap2" (bob) on the server, "pop" (eve) downloaded from it,
                                                "maildir" and "mbox" in the folder; synced once; ports={"imap": n} for a proxy
    accounts.fill("mbox")                       three messages in its Inbox, the second read, flagged and tagged "todo"
    accounts.rows("imap"), accounts.body(row)   what tern shows
    accounts.everywhere()                       number of each message -> where it really is: ["imap", "maildir"]
    accounts.on_server("imap")                  what imaplib finds: (digest, flags, INTERNALDATE)
    accounts.settle()                           one sync, after which nothing waits
    message(n), digest(raw)                     the nth message; what its bytes are known by, however its lines end
"""
import hashlib
import mailbox
import os
import re

from lib.mailbox import visit

DATE = 1_700_000_000


def message(n, body="text\n"):
    return (f"From: Bob <bob@example.org>\nTo: ada@example.org\nSubject: Nr {n}\nDate: Mon, 30 Nov 2026 10:00:{n % 60:02} +0000\n"
            f"Message-ID: <nr{n}@across>\n\n{body}From here on\n..\n.dot\nGrüße {n}\n").encode()


def digest(raw):
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


class Accounts:
    def __init__(self, server, tern, folder, ports=None):
        self.server, self.tern, self.folder = server, tern, folder
        self.users = {"imap": "ada", "imap2": "bob"}
        for part in ("cur", "new", "tmp"):
            (folder / "Maildir" / part).mkdir(parents=True)
        (folder / "spool").write_bytes(b"")
        behind = {name: server.account(user, name, incoming="imap") for name, user in self.users.items()}
        for name, port in (ports or {}).items():
            behind[name] = behind[name].replace(f":{server.ports['imap']}", f":{port}")
        tern.write(*behind.values(),
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

    def everywhere(self):
        """What is really there, on the servers and on this disk, whatever tern knows of it."""
        found = {}

        def note(kind, raw):
            number = re.search(rb"Message-ID: <nr(\d+)@across>", raw)
            if number:
                assert digest(raw) == digest(message(int(number[1]))), (kind, raw)
                found.setdefault(int(number[1]), []).append(kind)
        for kind, user in self.users.items():
            with visit(self.server, user) as imap:
                imap.select("INBOX", readonly=True)
                for row in imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]:
                    if isinstance(row, tuple):
                        note(kind, row[1])
        for kind, root in (("maildir", self.folder / "Maildir"), ("pop", self.tern.profile / "data/mail/pop")):
            for part in ("new", "cur"):
                for path in (root / part).iterdir() if root.exists() else ():
                    note(kind, path.read_bytes())
        for one in mailbox.mbox(self.folder / "spool", create=False):
            raw = re.sub(rb"(?m)^>(>*From )", rb"\1", one.as_bytes())  # as an mbox has it
            note("mbox", re.sub(rb"(?m)^(Status|X-Status|X-Keywords): .*\n", b"", raw))
        return found
