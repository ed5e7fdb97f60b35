"""Messages that a server says are the same wherever they stand: Gmail's (X-GM-MSGID) and by OBJECTID's EMAILID (RFC 8474,
Cyrus): one text in the cache for all of them. And folders that it calls the same under another name (MAILBOXID)."""
import sqlite3

import pytest

from lib.gmail import ALL, Gmail
from lib.link import Link
from lib.ownimap import OwnImap


def cached(tern):
    return sorted(p.name for p in (tern.profile / "cache/messages").glob("[0-9a-f][0-9a-f]/*"))


def rows(tern, folder):
    return {row["subject"]: row for row in tern.json("--offline", "list", folder).rows}


def bodies(server):
    return [line for line in server.heard if "BODY.PEEK[]" in line]


@pytest.fixture
def gmail(tern):
    with Gmail("work") as server:
        tern.write(server.account())
        yield server


def test_a_message_with_many_labels_is_fetched_once(gmail, tern):
    gmail.add("many", "INBOX", "work")
    gmail.add("one")
    tern.ok("sync")
    ids = [rows(tern, folder)["many"]["id"] for folder in ("INBOX", "work", ALL)]
    assert len(set(ids)) == 3
    assert "text of many" in tern.ok("show", ids[0]).out
    assert len(cached(tern)) == 1 and len(bodies(gmail)) == 1
    for number in ids:
        assert "text of many" in tern.ok("--offline", "show", number).out
    assert tern("--offline", "show", rows(tern, ALL)["one"]["id"]).status == 1
    assert len(bodies(gmail)) == 1


def test_filling_the_cache_asks_for_each_once(gmail, tern):
    tern.write(gmail.account(), "keep-offline = all\n")
    for number in range(20):
        gmail.add(f"number {number}", *(["INBOX"] if number % 2 else []), *(["work"] if number % 3 else []))
    tern.ok("sync", "--keep")
    assert len(cached(tern)) == 20
    for folder, count in (("INBOX", 10), ("work", 13), (ALL, 20)):
        assert len(rows(tern, folder)) == count
        for row in rows(tern, folder).values():
            assert f"text of {row['subject']}" in tern.ok("--offline", "show", row["id"]).out


def test_another_client_takes_it_out_of_the_inbox(gmail, tern):
    """Archived elsewhere: the text that was read in the Inbox is here."""
    mail = gmail.add("archived", "INBOX")
    tern.ok("sync")
    tern.ok("show", rows(tern, "INBOX")["archived"]["id"])
    gmail.label(mail, "INBOX", on=False)
    tern.ok("sync")
    assert not rows(tern, "INBOX")
    assert "text of archived" in tern.ok("--offline", "show", rows(tern, ALL)["archived"]["id"]).out
    assert [row["subject"] for row in tern.json("--offline", "list", ALL).rows] == ["archived"]
    assert len(cached(tern)) == 1


def test_a_lying_server_shows_no_other_text(gmail, tern):
    """Two messages that it calls the same, and are not."""
    one, other = gmail.add("one", "INBOX"), gmail.add("other", "INBOX")
    other.number = one.number
    tern.ok("sync")
    for subject, row in rows(tern, "INBOX").items():
        assert f"text of {subject}" in tern.ok("show", row["id"]).out
    assert len(cached(tern)) == 2


def keywords(tern, folder, subject):
    return rows(tern, folder)[subject]["keywords"]


def test_labels_are_keywords(gmail, tern):
    """As the server tells them; those of the system are folders and flags already."""
    mail = gmail.add("many", "INBOX", "work", "Pr&AOk-sidence", "two words", flags=["Todo", "$Forwarded"])
    mail.labels.add("[Gmail]/Starred")
    gmail.add("none", "INBOX")
    tern.ok("sync")
    assert sorted(keywords(tern, "INBOX", "many")) == ["$Forwarded", "Présidence", "Todo", "two words", "work"]
    assert sorted(keywords(tern, "work", "many")) == ["$Forwarded", "Présidence", "Todo", "two words"]
    assert keywords(tern, "INBOX", "none") == []


def test_labels_of_another_client(gmail, tern):
    """Its change has a MODSEQ of its own. What only tells flags takes no label away."""
    mail = gmail.add("mail", "INBOX", "work")
    tern.ok("sync")
    gmail.label(mail, "play")
    tern.ok("sync")
    assert sorted(keywords(tern, "INBOX", "mail")) == ["play", "work"]
    gmail.label(mail, "work", on=False)
    gmail.flag(mail, "\\Flagged")
    tern.ok("sync")
    assert keywords(tern, "INBOX", "mail") == ["play"]
    assert "flagged" in rows(tern, "INBOX")["mail"]["flags"]


def test_tags_are_labels(gmail, tern):
    """Given and taken here, offline, undone and made again: the server's labels, and no keywords."""
    mail = gmail.add("mail", "INBOX", "work", flags=["old"])
    tern.ok("sync")
    number = rows(tern, "INBOX")["mail"]["id"]
    tern.ok("--offline", "tag", number, "Présidence 1")
    tern.ok("--offline", "untag", number, "work")
    tern.ok("--offline", "untag", number, "old")
    tern.ok("--offline", "tag", number, "$Mine")
    assert sorted(keywords(tern, "INBOX", "mail")) == ["$Mine", "Présidence 1"]
    assert [row.get("tag", row.get("untag")) for row in tern.json("--offline", "journal").rows] == ["Présidence 1", "work", "old", "$Mine"]
    tern.ok("sync")
    assert (mail.labels, mail.flags) == ({"INBOX", "Pr&AOk-sidence 1"}, {"$Mine"})
    assert sorted(keywords(tern, "INBOX", "mail")) == ["$Mine", "Présidence 1"]
    for _ in range(3):
        tern.ok("undo")
    tern.ok("sync")
    assert (mail.labels, mail.flags) == ({"INBOX", "work", "Pr&AOk-sidence 1"}, {"old"})
    tern.ok("redo")
    tern.ok("sync")
    assert (mail.labels, mail.flags) == ({"INBOX", "Pr&AOk-sidence 1"}, {"old"})
    assert sorted(keywords(tern, "INBOX", "mail")) == ["Présidence 1", "old"]


@pytest.mark.parametrize("name", ["\\Inbox", "a\nb", ""])
def test_what_is_no_label(gmail, tern, name):
    gmail.add("mail", "INBOX")
    tern.ok("sync")
    assert tern("--offline", "tag", rows(tern, "INBOX")["mail"]["id"], name).status == 1
    assert tern.json("--offline", "journal").rows == []


def test_labels_of_a_store_that_knew_none(gmail, tern):
    """As an older tern left it: all flags are asked for once."""
    gmail.add("mail", "INBOX", "work")
    tern.ok("sync")
    with sqlite3.connect(tern.profile / "data/store.db") as store:
        store.execute("DELETE FROM keyword")
        store.execute("UPDATE message SET flags = flags & ~64, server_flags = server_flags & ~64")
        store.execute("UPDATE account SET labels = 0")
    assert keywords(tern, "INBOX", "mail") == []
    tern.ok("sync")
    assert keywords(tern, "INBOX", "mail") == ["work"]


@pytest.fixture
def objectid(cyrus, tern):
    cyrus.empty()
    tern.write(f"[account cyrus]\naddress = ada@example.org\nincoming = imaps://{cyrus.user}@localhost:{cyrus.ports['imaps']}\n"
               f"password = {cyrus.password}\nca-file = {cyrus.ca_file}\n")
    return cyrus


def append(client, folder, name):
    client.append(folder, None, None, f"Subject: {name}\r\nMessage-ID: <{name}@example.org>\r\n\r\ntext of {name}\r\n".encode())


def test_copies_on_cyrus_have_one_text(objectid, tern):
    with objectid.imap() as client:
        client.create("Other")
        append(client, "INBOX", "copied")
        client.select("INBOX")
        client.copy("1", "Other")
        client.unselect()
    tern.ok("sync")
    tern.ok("show", rows(tern, "INBOX")["copied"]["id"])
    assert "text of copied" in tern.ok("--offline", "show", rows(tern, "Other")["copied"]["id"]).out
    assert len(cached(tern)) == 1


@pytest.mark.parametrize("first", ["INBOX", "Other"])
def test_moved_by_another_client_on_cyrus(objectid, tern, first):
    """Whichever folder is looked at first, the text need not be fetched again."""
    with objectid.imap() as client:
        client.create("Other")
        append(client, "INBOX", "moved")
    tern.ok("sync")
    number = rows(tern, "INBOX")["moved"]["id"]
    tern.ok("show", number)
    with objectid.imap() as client:
        client.select("INBOX")
        client.uid("MOVE", "1:*", "Other")
        client.unselect()
    tern.ok("sync", f"cyrus/{first}")
    tern.ok("sync")
    assert not rows(tern, "INBOX")
    assert rows(tern, "Other")["moved"]["id"] == number
    assert "text of moved" in tern.ok("--offline", "show", number).out


def test_renamed_by_another_client_on_cyrus(objectid, tern):
    """Rows, cached texts and what is below it stay; what comes over the wire is the list, and a look at the new names."""
    def sync():
        before = link.up + link.down
        tern.ok("sync")
        return link.up + link.down - before

    count = 200
    with objectid.imap() as client, Link(objectid.ports["imap"]) as link:
        client.create("Work")
        client.create("Work/Below")
        for number in range(count):
            append(client, "Work", f"number-{number}")
        append(client, "Work/Below", "below")
        tern.write(f"[account cyrus]\naddress = ada@example.org\nincoming = imap://{objectid.user}@127.0.0.1:{link.port}\n"
                   f"password = {objectid.password}\n")
        first = sync()
        unchanged = sync()
        before, below = rows(tern, "Work"), rows(tern, "Work/Below")
        tern.ok("show", before["number-7"]["id"])
        client.rename("Work", "Office")
        append(client, "Office", "later")
        renamed = sync()
    after = rows(tern, "Office")
    assert {name: row["id"] for name, row in before.items()} == {n: row["id"] for n, row in after.items() if n != "later"}
    assert len(after) == count + 1 and rows(tern, "Office/Below")["below"]["id"] == below["below"]["id"]
    assert "text of number-7" in tern.ok("--offline", "show", after["number-7"]["id"]).out
    names = {row["folder"] for row in tern.json("--offline", "folders").rows}  # Cyrus lets nobody delete those with a role
    assert names >= {"INBOX", "Office", "Office/Below"} and not names & {"Work", "Work/Below"}
    print(f"{count} messages: first {first}, unchanged {unchanged}, renamed {renamed} bytes")
    assert renamed - unchanged < first / 4, (first, unchanged, renamed)


class Boxes(OwnImap):
    """Folders that have a MAILBOXID; by name."""

    def __init__(self, **ids):
        super().__init__(folders=[])
        self.ids = {"INBOX": "F1", **ids}
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 OBJECTID UNSELECT"),
                             "LIST": self._names, "EXAMINE": self._open, "SELECT": self._open})

    def _names(self, talk):
        talk.ok(*(f'* LIST () "/" {name}' for name in self.ids))

    def _open(self, talk):
        name = talk.words.split('"')[1]
        if name not in self.ids or self.ids[name] is None:
            talk.send(f"{talk.tag} NO not that one\r\n")
        else:
            talk.ok("* 3 EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 4] x", f"* OK [MAILBOXID ({self.ids[name]})] x")


def folder_ids(tern):
    return {row["folder"]: sorted(one["id"] for one in rows(tern, row["folder"]).values())
            for row in tern.json("--offline", "folders").rows}


def test_what_is_a_renamed_folder(tern):
    """Of a new name and an id of one that is gone; nothing else."""
    with Boxes(A="FA", B="FB") as server:
        tern.write(server.account())
        tern.ok("sync")
        a, b = folder_ids(tern)["A"], folder_ids(tern)["B"]
        # Another one of the old name, and one of a new name that the server calls as one that is there: both are new.
        server.ids = {"INBOX": "F1", "B": "FB", "C": "FA", "Copy": "FB", "Shut": None}
        tern("sync")
        now = folder_ids(tern)
        assert now["C"] == a and now["B"] == b and not set(now["Copy"]) & {*a, *b} and "A" not in now and "Shut" in now
        # Two that change places have their names still.
        server.ids = {"INBOX": "F1", "C": "FB", "B": "FA"}
        tern.ok("sync")
        assert set(folder_ids(tern)) == {"INBOX", "B", "C"}
