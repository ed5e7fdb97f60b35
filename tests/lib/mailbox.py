"""An account seen from both sides: what the server has, as imaplib tells it, and what tern's store shows.

    box = Mailbox(server, tern)         server: MailServer or Cyrus, anything with .imap(user)
    box.on_server()                     {folder: [(name of a message, its flags and keywords …), …]}
    box.in_store()                      the same of `tern folders` and `tern list`
    box.agree(), box.agree(expected)    fails unless both are equal (and as expected), and nothing is left in the journal
    box.ids("INBOX"), box.fresh(7)      ids; rows with a Message-ID and without flags
    box.places()                        {id: folder}
    box.journal("--all")                its rows
    box.release()                       what is held back for a minute is due at once
    box.doubled()                       names of messages that stand more than once on the server

A message is known by its Message-ID, else by its size. imap_account(server, port) is an account's section for a server
reached through a proxy on another port, in plain text.
"""
import base64
import contextlib
import re
import sqlite3
from collections import Counter


class Mailbox:
    def __init__(self, server, tern, user="ada"):
        self.server, self.tern, self.user = server, tern, user

    def on_server(self):
        found = {}
        with visit(self.server, self.user) as imap:
            for name, raw in listed(imap):
                if imap.select(f'"{raw}"', readonly=True)[0] != "OK":
                    continue  # it only holds folders
                rows = imap.uid("FETCH", "1:*", "(FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
                found[name] = sorted(server_message(rows, at) for at, row in enumerate(rows) if isinstance(row, tuple))
        return found

    def in_store(self):
        found = {}
        for folder, messages in ((f["folder"], f.get("messages", "unknown")) for f in self.tern.json("--offline", "folders").rows
                                 if f["selectable"]):
            found[folder] = []
            if not messages:
                continue
            rows = self.tern.json("--offline", "list", folder, "--limit", "100000").rows
            found[folder] = sorted(
                (name_of(r), *sorted({"\\" + f.capitalize() for f in r["flags"]} | set(r["keywords"]))) for r in rows)
        return found

    def rows(self, folder="INBOX"):
        return self.tern.json("--offline", "list", folder, "--limit", "100000").rows

    def ids(self, folder="INBOX"):
        return [row["id"] for row in self.rows(folder)]

    def fresh(self, count):
        """Messages with a Message-ID and without any flag."""
        found = [r for r in self.rows() if not r["flags"] and not r["keywords"] and r.get("message_id")][:count]
        assert len(found) == count
        return found

    def places(self):
        """Where each id is."""
        return {r["id"]: f["folder"] for f in self.tern.json("--offline", "folders").rows if f["selectable"] and f.get("messages", "unknown")
                for r in self.rows(f["folder"])}

    def journal(self, *words):
        return self.tern.json("--offline", "journal", *words).rows

    def release(self):
        store = sqlite3.connect(self.tern.profile / "data/store.db", timeout=20)
        with store:
            store.execute("UPDATE journal SET state = 0, not_before = 0 WHERE state < 2")
        store.close()
        with open(self.tern.profile / "data/notice", "r+b", 0) as notice:
            notice.write(b"x")  # as each writer does: others look

    def agree(self, expected=None, why=""):
        """Both are equal, or both are as expected, and nothing waits."""
        server = self.on_server()
        if expected is not None:
            assert not (gap := difference(expected, server)), f"expected, server\n{gap}\n{why}"
        assert not (gap := difference(self.in_store(), server)), f"store, server\n{gap}\n{why}"
        assert self.journal() == [], why

    def doubled(self):
        names = [m[0] for messages in self.on_server().values() for m in messages]
        return {name for name in names if names.count(name) > 1}


@contextlib.contextmanager
def visit(server, user):
    """imaplib, logged in; its own context manager takes an end that comes before the answer to LOGOUT for a failure."""
    client = server.imap(user)
    try:
        yield client
    finally:
        client.shutdown()


def difference(one, other):
    """What only the first has ("-") and only the second ("+"); empty: they are equal."""
    lines = []
    for folder in sorted({*one, *other}):
        if (folder in one) != (folder in other):
            lines.append(f"{'-' if folder in one else '+'} {folder}")
        for sign, here, there in (("-", one, other), ("+", other, one)):
            left = Counter(here.get(folder, [])) - Counter(there.get(folder, []))
            lines += [f"{sign} {folder}: {' '.join(message)}" for message in sorted(left.elements())]
    return "\n".join(lines)


def name_of(row):
    """What a message is known by on both sides: its Message-ID, else its size."""
    return row.get("message_id") or f"size {row['size']}"


def listed(imap):
    """(name as people write it, raw name) of all folders that can be opened."""
    found = []
    for row in imap.list()[1]:
        flags, delimiter, raw = re.fullmatch(rb'\(([^)]*)\) (?:"(.)"|NIL) "?(.*?)"?', row).groups()
        if b"\\noselect" not in flags.lower() and b"\\nonexistent" not in flags.lower():
            name = re.sub(r"&([^-]*)-", decoded, raw.decode())
            found.append((name.replace((delimiter or b"/").decode(), "/"), raw.decode()))
    return found


def decoded(match):
    """A piece of modified UTF-7 (RFC 3501, 5.1.3)."""
    text = match[1].replace(",", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be") if text else "&"


def server_message(rows, at):
    """The name and the flags of one that imaplib has fetched."""
    rest = rows[at + 1] if at + 1 < len(rows) and isinstance(rows[at + 1], bytes) else b""
    about, header = (rows[at][0] + rest).decode(), rows[at][1].decode().strip()
    known_by = header.split(":", 1)[1].strip().strip("<>") if header else "size " + re.search(r"SIZE (\d+)", about)[1]
    flags = re.search(r"FLAGS \(([^)]*)\)", about)[1].split()
    return (known_by, *sorted(f for f in flags if f != "\\Recent"))


def imap_account(server, port, user="ada", **keys):
    """The account's section with the plain port behind a proxy's."""
    return server.account(user, incoming="imap", **keys).replace(f":{server.ports['imap']}", f":{port}")
