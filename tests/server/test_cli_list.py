"""sync, then folders, list and show from the store with the server stopped: all that Python's imaplib and email say.

With 2,000 messages, or 10,000 by `make torture`.
"""
import email
import email.header
import email.policy
import email.utils
import re
from datetime import datetime

import pytest

from lib.genmail import Generator, write_maildir
from lib.mailserver import MailServer
from lib.program import Tern
from lib.torture import count

COUNT = count(2000, 10_000)
pytestmark = pytest.mark.torture
IMAP_FLAGS = {r"\Seen": "seen", r"\Flagged": "flagged", r"\Answered": "answered", r"\Draft": "draft",
              r"\Deleted": "deleted"}


def decoded(value):
    """A header field's text: RFC 2047 undone, raw bytes as UTF-8 where they are, spaces as one."""
    raw = value.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    if not raw.isascii():
        return " ".join(raw.split())
    pieces = email.header.decode_header(raw)
    text = "".join(p if isinstance(p, str) else p.decode(c or "ascii", "replace") for p, c in pieces)
    return " ".join(text.split())


class Expected:
    """One message as imaplib fetched it and Python's email reads it."""

    def __init__(self, uid, flags, size, header):
        fields = {}
        for name, value in email.message_from_bytes(header, policy=email.policy.compat32).raw_items():
            fields.setdefault(name.title().replace("-Id", "-ID"), value)
        self.uid, self.size, self.header = uid, size, header
        self.flags = sorted(IMAP_FLAGS[f] for f in flags if f in IMAP_FLAGS)
        self.keywords = sorted(f for f in flags if not f.startswith("\\"))
        self.message_id = fields["Message-ID"].strip().strip("<>") if fields.get("Message-ID") else None
        self.subject = decoded(fields.get("Subject", ""))
        self.date = email.utils.parsedate_to_datetime(fields["Date"]) if fields.get("Date") else None
        self.addresses = [a for _, a in email.utils.getaddresses([fields.get("From", "")]) if a]


def fetch_all(server):
    """uid -> Expected, of ada's INBOX."""
    expected = {}
    with server.imap("ada") as client:
        client.select("INBOX", readonly=True)
        _, rows = client.uid("FETCH", "1:*", "(FLAGS RFC822.SIZE BODY.PEEK[HEADER])")
        for row in rows:
            if not isinstance(row, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", row[0])[1])
            flags = re.search(rb"FLAGS \(([^)]*)\)", row[0])[1].decode().split()
            size = int(re.search(rb"RFC822\.SIZE (\d+)", row[0])[1])
            expected[uid] = Expected(uid, [f for f in flags if f != r"\Recent"], size, row[1])
    return expected


class World:
    """A server filled, synced, and then stopped."""

    def __init__(self, folder):
        meanings = write_maildir(folder / "mail", Generator(seed=11, count=COUNT))
        self.meanings = {m["message_id"]: m for m in meanings}
        self.tern = Tern(folder / "profile")
        with MailServer() as server:
            server.fill("ada", "INBOX", folder / "mail")
            with server.imap("ada") as client:
                client.select("INBOX")
                client.uid("STORE", "1:5", "+FLAGS", r"($Forwarded Urgent \Flagged)")
                client.uid("STORE", "3:4", "+FLAGS", r"(\Deleted \Answered \Draft)")
            self.expected = fetch_all(server)
            with server.imap("ada") as client:
                self.status = {f: client.status(f, "(MESSAGES UNSEEN)")[1][0].decode() for f in ("INBOX", "Sent")}
            self.tern.write(server.account("ada"))
            self.sync = self.tern.json("sync", timeout=300)
            listed = self.tern.json("list", "INBOX", "--limit", "40").rows
            self.shown_ids = [row["id"] for row in listed]
            self.shown = {i: self.tern.json("show", i) for i in self.shown_ids[:12]}
            self.raw = {}
            with server.imap("ada") as client:
                client.select("INBOX", readonly=True)
                for row in listed[:12]:
                    self.raw[row["id"]] = client.uid("FETCH", str(row["uid"]), "(BODY.PEEK[])")[1][0][1]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("cli"))


def test_sync_reports_each_folder(world):
    assert world.sync.status == 0, repr(world.sync)
    rows = {row["folder"]: row for row in world.sync.rows}
    assert rows["INBOX"]["new"] == rows["INBOX"]["messages"] == COUNT
    assert rows["INBOX"]["account"] == "ada" and rows["INBOX"]["removed"] == 0
    assert rows["INBOX"]["bytes"] > 100 * COUNT and rows["INBOX"]["seconds"] > 0
    assert {"Sent", "Drafts", "Trash", "Junk", "Archive"} <= set(rows)
    assert not any("error" in row for row in rows.values())


def test_folders_equal_status(world):
    rows = {row["folder"]: row for row in world.tern.json("folders", "--offline").rows}
    for folder, status in world.status.items():
        assert f"MESSAGES {rows[folder]['messages']} UNSEEN {rows[folder]['unread']})" in status
    assert rows["INBOX"]["role"] == "inbox" and rows["Sent"]["role"] == "sent" and rows["Trash"]["role"] == "trash"
    assert all(row["account"] == "ada" and row["selectable"] for row in rows.values())


def test_every_message_equals_what_python_says(world):
    rows = world.tern.json("list", "INBOX", "--limit", "20000", timeout=300).rows
    assert sorted(row["uid"] for row in rows) == sorted(world.expected)
    assert len({row["id"] for row in rows}) == COUNT
    wrong = []
    for row in rows:
        want = world.expected[row["uid"]]
        have = (row.get("message_id"), row["size"], sorted(row["flags"]), sorted(row["keywords"]))
        if have != (want.message_id, want.size, want.flags, want.keywords):
            wrong.append((row["uid"], have, (want.message_id, want.size, want.flags, want.keywords)))
        if " ".join(row["subject"].split()) != want.subject:
            wrong.append((row["uid"], row["subject"], want.subject))
        have_date = datetime.fromisoformat(row["date"].replace("Z", "+00:00"))
        if want.date is not None and (have_date != want.date or have_date.utcoffset() != (want.date.utcoffset() or have_date.utcoffset())):
            wrong.append((row["uid"], row["date"], want.date))
        if [a["address"] for a in row["from"]] != want.addresses:
            wrong.append((row["uid"], row["from"], want.addresses))
    assert not wrong, f"{len(wrong)} differ: {wrong[:5]}"


def test_newest_first_and_limit(world):
    rows = world.tern.json("list").rows
    dates = [datetime.fromisoformat(row["date"].replace("Z", "+00:00")) for row in rows if "message_id" in row]
    dated = [d for d in dates]
    assert sum(a < b for a, b in zip(dated, dated[1:])) <= sum(e.date is None for e in world.expected.values()) * 2
    assert [r["id"] for r in world.tern.json("list", "--limit", "7").rows] == [r["id"] for r in rows[:7]]
    assert world.tern.json("list", "inbox", "--limit", "3").rows == world.tern.json("list", "ada/INBOX", "--limit", "3").rows


def test_threads_hold_every_message_once(world):
    flat = {row["id"]: row for row in world.tern.json("list").rows}
    threads = world.tern.json("list", "--threads").rows
    ids = [i for row in threads for i in row["ids"]]
    assert sorted(ids) == sorted(flat)
    assert len({row["thread"] for row in threads}) == len(threads)
    for row in threads:
        assert row["messages"] == len(row["ids"])
        assert {flat[i]["thread"] for i in row["ids"]} == {row["thread"]}
        assert row["unread"] == sum("seen" not in flat[i]["flags"] for i in row["ids"])
    assert [r["ids"] for r in world.tern.json("list", "--threads", "--limit", "5").rows] == [r["ids"] for r in threads[:5]]


def test_show_has_what_list_has_and_the_message(world):
    listed = {row["id"]: row for row in world.tern.json("list", "--limit", "40").rows}
    for number, result in world.shown.items():
        assert result.status == 0, repr(result)
        row = result.rows[0]
        assert {k: row[k] for k in listed[number] if k != "attachments"} == \
            {k: v for k, v in listed[number].items() if k != "attachments"}
        message = email.message_from_bytes(world.raw[number], policy=email.policy.compat32)
        assert [h["name"] for h in row["headers"]] == [name for name, _ in message.items()]
        assert row["security"]["signature"] == "none" and row["security"]["encrypted"] is False
        leaves = [p for p in message.walk() if not p.is_multipart()]
        assert len([p for p in row["parts"] if p["type"] != "message/rfc822"]) == len(leaves)
        assert isinstance(row["text"], str) and isinstance(row["links"], list)


def test_show_raw_is_exact(world):
    """Message files have LF, as all files here."""
    for number in world.shown:
        assert world.tern.ok("show", number, "--raw").raw_out == world.raw[number].replace(b"\r\n", b"\n")


def test_show_part_is_what_python_decodes(world):
    for number, result in world.shown.items():
        message = email.message_from_bytes(world.raw[number], policy=email.policy.compat32)
        parts = [p for p in result.rows[0]["parts"] if p["type"] != "message/rfc822"]
        for part, theirs in zip(parts, [p for p in message.walk() if not p.is_multipart()]):
            if part["type"] != theirs.get_content_type() or "." in part["part"]:
                continue
            if (theirs["Content-Transfer-Encoding"] or "").lower() == "base64":
                assert world.tern.ok("show", number, "--part", part["part"]).raw_out == theirs.get_payload(decode=True)


def test_a_message_that_is_not_here_says_so(world):
    number = world.shown_ids[-1]
    offline = world.tern.json("show", number, "--offline")
    assert offline.status == 1 and offline.error["kind"] == "network" and "--offline" in offline.error["message"]
    gone = world.tern.json("show", number)
    assert gone.status == 1 and gone.error["kind"] == "network"


@pytest.mark.parametrize("word, piece", [("999999999", "no message"), ("x", "no message's id"), ("-1", "no option"),
                                         ("99999999999999999999", "no message's id")])
def test_no_such_message(world, word, piece):
    result = world.tern("show", word)
    assert result.status in (1, 2) and piece in result.err and result.out == ""


def test_no_such_folder_names_the_nearest(world):
    result = world.tern.json("list", "Arcive")
    assert result.status == 1 and result.error["kind"] == "input" and "Archive" in result.error["message"]


def test_people_can_read_it(world):
    folders = world.tern.ok("folders").out
    assert re.search(r"^ada/INBOX +[\d,]+ unread +[\d,]+$", folders, re.M)
    lines = world.tern.ok("list", "--limit", "5").lines
    assert len(lines) == 5 and all(re.match(r" *\d+  ", line) for line in lines)
    assert world.tern.ok("show", world.shown_ids[0]).out.startswith("From")
