"""A POP3 account end to end: everything is downloaded once, is readable with the server stopped, byte for byte what the server
had; what is deleted on the server was safe here; whatever is killed or lost, each message is here once."""
import hashlib
import imaplib
import shutil
import signal
import ssl
import subprocess
from collections import Counter

import pytest

from lib.genmail import Generator, write_maildir
from lib.mailserver import wait_until
from lib.torture import count

COUNT = 60


def digest(raw):
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


class Pop:
    """An account called "pop" on a Dovecot of its own, and its mailbox as the server has it."""

    def __init__(self, tern, server, folder, messages=COUNT, **keys):
        self.tern, self.server, self.messages = tern, server, messages
        # of many some have a lone CR, which a digest of IMAP's answer does not see as that of a file
        write_maildir(folder, Generator(seed=7, count=messages, plain=messages > COUNT))
        server.fill("ada", "INBOX", folder)
        self.configure(**keys)

    def configure(self, **keys):
        self.tern.write(self.server.account("ada", "pop", incoming="pop3s", outgoing=None, **keys))

    def on_server(self):
        """Digests of what is there, sorted."""
        with self.server.imap("ada") as client:
            client.select("INBOX", readonly=True)
            found = client.fetch("1:*", "(BODY.PEEK[])")[1] if client.search(None, "ALL")[1][0] else []
            return sorted(digest(part[1]) for part in found if isinstance(part, tuple))

    def sync(self, *words):
        result = self.tern.json("sync", *words)
        assert result.status == 0, result
        return {row["folder"]: row for row in result.rows}, result

    def here(self, folder="INBOX"):
        """Digests of what is here, sorted; by `show`, which has no server to ask."""
        return sorted(digest(self.tern.ok("show", str(row["id"]), "--raw").raw_out)
                      for row in self.tern.json("list", f"pop/{folder}", "--limit", "10000").rows)


@pytest.fixture
def pop(tern, make_server, tmp_path):
    return Pop(tern, make_server(), tmp_path / "texts")


@pytest.mark.torture
def test_all_once_and_read_without_the_server(tern, make_server, tmp_path):
    pop = Pop(tern, make_server(), tmp_path / "texts", count(COUNT, 2000))
    before = pop.on_server()
    assert len(before) == pop.messages
    folders, result = pop.sync("pop")
    assert (folders["INBOX"]["new"], folders["INBOX"]["messages"]) == (pop.messages, pop.messages)
    assert set(folders) == {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}
    # The first visit deletes nothing, and says so.
    assert f"{pop.messages} messages are here now and were also left on the server" in result.err
    assert pop.on_server() == before

    folders, result = pop.sync("pop")
    assert folders["INBOX"]["new"] == 0
    assert pop.on_server() == before

    folders, result = pop.sync("pop", "--yes")
    assert folders["INBOX"]["new"] == 0
    assert pop.on_server() == []
    assert "left on the server" not in result.err

    pop.server.stop()
    assert pop.here() == before
    # Nothing is left of a download.
    assert not list((pop.tern.profile / "data/mail/pop/tmp").iterdir())


def test_all_once_from_cyrus(cyrus, tern):
    """The same with another server: all of it, then nothing, then it is empty there."""
    with ssl_imap(cyrus) as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()
        raws = [message.raw for message in Generator(seed=7, count=200, plain=True)]
        # Cyrus 3.6.1 makes an X of each 8-bit byte in a header.
        texts = [raw.removesuffix(b"\r\n") + b"\r\n" for raw in raws if raw.partition(b"\r\n\r\n")[0].isascii()][:150]
        assert len(texts) == 150
        for text in texts:
            assert client.append("INBOX", "", None, text)[0] == "OK"
        tern.write(f"[account pop]\naddress = ada@example.org\npassword = {cyrus.password}\nca-file = {cyrus.ca_file}\n"
                   f"incoming = pop3s://{cyrus.user}@localhost:{cyrus.ports['pop3s']}\n")
        for words, new in (([], len(texts)), ([], 0), (["--yes"], 0)):
            [inbox] = [row for row in tern.json("sync", *words).rows if row["folder"] == "INBOX"]
            assert (inbox["new"], inbox["messages"]) == (new, len(texts))
            client.select("INBOX")
            assert len(client.search(None, "ALL")[1][0].split()) == (0 if words else len(texts))
    box = tern.profile / "data/mail/pop"
    files = [path for place in ("new", "cur") for path in (box / place).iterdir()]
    assert sorted(digest(path.read_bytes()) for path in files) == sorted(map(digest, texts))


def ssl_imap(server):
    context = ssl.create_default_context(cafile=str(server.ca_file))
    client = imaplib.IMAP4_SSL("localhost", server.ports["imaps"], ssl_context=context)
    client.login(server.user, server.password)
    return client


def test_yes_at_once(pop):
    before = pop.on_server()
    folders, _ = pop.sync("--yes")
    assert folders["INBOX"]["new"] == COUNT
    assert pop.on_server() == []
    assert pop.here() == before
    # What comes later goes without a question.
    pop.server.deliver("ada", b"Subject: later\r\n\r\ntext\r\n")
    assert pop.sync()[0]["INBOX"]["new"] == 1
    assert pop.on_server() == []


def test_keep_on_server(pop):
    before = pop.on_server()
    pop.configure(keep_on_server="yes")
    _, result = pop.sync("--yes")
    assert "left on the server" not in result.err
    assert pop.on_server() == before
    assert pop.sync()[0]["INBOX"]["new"] == 0
    # A second device on the same mailbox has all of it, too.
    pop.configure(keep_on_server="14d")
    shutil.rmtree(pop.tern.profile / "data")
    assert pop.sync("--yes")[0]["INBOX"]["new"] == COUNT
    assert pop.on_server() == before


def test_a_lost_database_loses_nothing(pop):
    before = pop.on_server()
    pop.sync("--yes")
    rows = pop.tern.json("list", "pop/INBOX").rows
    tern = pop.tern
    tern.ok("flag", str(rows[0]["id"]))
    tern.ok("tag", str(rows[1]["id"]), "travel")
    tern.ok("folder", "create", "pop/Work/2026")
    tern.ok("move", str(rows[2]["id"]), "pop/Work/2026")
    tern.ok("delete", str(rows[3]["id"]))
    for path in (tern.profile / "data").glob("store.db*"):
        path.unlink()
    folders, _ = pop.sync()
    assert folders["INBOX"]["new"] == COUNT - 2
    assert sorted(pop.here() + pop.here("Work/2026") + pop.here("Trash")) == before
    again = tern.json("list", "pop/INBOX").rows
    assert [row["message_id"] for row in again if "flagged" in row["flags"]].count(rows[0]["message_id"]) >= 1
    assert [row["message_id"] for row in again if "travel" in row["keywords"]] == [rows[1]["message_id"]]


def test_without_the_server_all_else_works(pop):
    pop.sync("--yes")
    pop.server.stop()
    rows = pop.tern.json("list", "pop/INBOX").rows
    result = pop.tern.json("sync")
    assert result.status == 1
    assert result.error["kind"] == "network"
    # Its folders were looked at all the same.
    assert {row["folder"] for row in result.rows} >= {"INBOX", "Archive"}
    pop.tern.ok("--offline", "archive", str(rows[0]["id"]))
    assert [row["id"] for row in pop.tern.json("list", "pop/Archive").rows] == [rows[0]["id"]]
    assert pop.tern.json("journal").rows == []


def test_check(pop):
    assert pop.tern.json("account", "check", "pop").rows == [{"account": "pop", "ok": True, "sending": True}]
    pop.configure(password="wrong")
    result = pop.tern.json("account", "check", "pop")
    assert result.status == 1
    assert result.rows[0]["error"]["kind"] == "auth"


def test_until_deleted(pop):
    """What is deleted here is deleted there at the next visit: from the Inbox into the Trash, or for good."""
    pop.configure(keep_on_server="until-deleted")
    before = pop.on_server()
    pop.sync("--yes")
    assert pop.on_server() == before
    rows = pop.tern.json("list", "pop/INBOX").rows
    by_id = {row["id"]: digest(pop.tern.ok("show", str(row["id"]), "--raw").raw_out) for row in rows[:3]}
    pop.tern.ok("delete", str(rows[0]["id"]), str(rows[1]["id"]))
    pop.tern.ok("undo")
    pop.tern.ok("delete", str(rows[0]["id"]))
    pop.sync()
    assert pop.on_server() == sorted((Counter(before) - Counter([by_id[rows[0]["id"]]])).elements())
    # From the Trash it goes for good; the list of such things is taken by a visit that may come much later.
    pop.tern.ok("--offline", "delete", str(rows[1]["id"]))
    pop.tern.ok("--offline", "--yes", "delete", str(rows[1]["id"]))
    pop.sync()
    assert pop.on_server() == sorted((Counter(before) - Counter([by_id[r["id"]] for r in rows[:2]])).elements())
    assert pop.sync()[0]["INBOX"]["new"] == 0


LARGE = b"Subject: large\r\nMessage-ID: <large@example.org>\r\n\r\n" + b"x" * 70 + b"\r\n" * 200000


def large_row(pop):
    return [row for row in pop.tern.json("list", "pop/INBOX").rows if row["subject"] == "large"][0]


@pytest.fixture
def stub(pop):
    """A mailbox with one message over max-size, of which the header is here."""
    pop.server.deliver("ada", LARGE)
    pop.configure(max_size="300K")
    folders, result = pop.sync("--yes")
    assert folders["INBOX"]["new"] == COUNT + 1
    assert "1 message is larger than max-size: only its header is here" in result.err
    return pop


def test_larger_ones_come_as_headers(stub):
    """They are rows like others, stay on the server whatever happens here, and come whole when they are asked for; the row
    stays the same one, with what it was marked with."""
    row = large_row(stub)
    assert row["on_server_only"] is True and row["size"] > 400000 and "attachments" not in row
    assert stub.on_server() == [digest(LARGE)]
    tern, number = stub.tern, str(row["id"])
    assert "KB, on the server only)" in tern.ok("list", "pop/INBOX").out
    # What would take it away is taken back, and said.
    for words in (["delete", number], ["archive", number], ["copy", number, "pop/Archive"]):
        result = tern("--offline", *words)
        assert "only the header of this message is here" in result.err, words
        assert large_row(stub)["id"] == row["id"] and tern.json("list", "pop/Trash").rows == []
        assert tern.json("list", "pop/Archive").rows == []
    tern.ok("--offline", "flag", number)
    tern.ok("--offline", "tag", number, "later")
    result = tern("--offline", "show", number)
    assert result.status == 1 and "is not here" in result.err
    # Visits leave it as it is.
    assert stub.sync()[0]["INBOX"]["new"] == 0
    assert stub.on_server() == [digest(LARGE)]
    assert digest(tern.ok("show", number, "--raw").raw_out) == digest(LARGE)
    whole = large_row(stub)
    assert whole["id"] == row["id"] and "on_server_only" not in whole
    assert "flagged" in whole["flags"] and whole["keywords"] == ["later"]
    assert whole["size"] == len(LARGE.replace(b"\r\n", b"\n")) and whole["attachments"] == 0
    assert stub.on_server() == []
    assert stub.sync()[0]["INBOX"]["new"] == 0
    assert stub.here().count(digest(LARGE)) == 1
    assert not list((tern.profile / "data/stubs/pop").rglob("*,S=*"))
    tern.ok("archive", number)
    assert [r["id"] for r in tern.json("list", "pop/Archive").rows] == [row["id"]]


def test_a_higher_limit_brings_them_whole(stub):
    row = large_row(stub)
    stub.configure(max_size="3M")
    assert stub.sync()[0]["INBOX"]["new"] == 0
    assert large_row(stub)["id"] == row["id"] and stub.on_server() == []
    stub.server.stop()
    assert digest(stub.tern.ok("show", str(row["id"]), "--raw").raw_out) == digest(LARGE)


def test_headers_survive_a_lost_database(stub):
    """And what one has marked them with; where they are lost themselves they are had again."""
    stub.tern.ok("--offline", "flag", str(large_row(stub)["id"]))
    for path in (stub.tern.profile / "data").glob("store.db*"):
        path.unlink()
    assert stub.sync()[0]["INBOX"]["new"] == COUNT + 1
    assert "flagged" in large_row(stub)["flags"] and large_row(stub)["on_server_only"]
    shutil.rmtree(stub.tern.profile / "data/stubs")
    stub.sync()
    assert large_row(stub)["on_server_only"]
    assert digest(stub.tern.ok("show", str(large_row(stub)["id"]), "--raw").raw_out) == digest(LARGE)


def test_a_folder_of_headers_that_was_half_made(pop):
    """By a run that was cut off: it is no reason to stop, and is made whole when something goes there."""
    (pop.tern.profile / "data/stubs/pop/tmp").mkdir(parents=True, mode=0o700)
    assert pop.sync("--yes")[0]["INBOX"]["new"] == COUNT
    pop.server.deliver("ada", LARGE)
    pop.configure(max_size="300K")
    assert pop.sync()[0]["INBOX"]["new"] == 1
    assert large_row(pop)["on_server_only"]


def test_one_that_left_the_server(stub):
    """Another program has deleted it there."""
    number = str(large_row(stub)["id"])
    stub.server.doveadm("expunge", "-u", "ada", "mailbox", "INBOX", "all")
    result = stub.tern.json("show", number)
    assert result.status == 1 and result.error["kind"] == "refused"
    assert "not on the server any more" in result.error["message"]


def test_watch_polls(pop):
    """`tern watch` visits again and again; an account that fails is tried later."""
    pop.configure(poll="1s")
    pop.sync("--yes")
    watch = pop.tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pop.server.deliver("ada", b"Subject: while watching\r\n\r\ntext\r\n")
        assert wait_until(lambda: any(row["subject"] == "while watching" for row in pop.tern.json("list", "pop/INBOX").rows), 60)
        assert wait_until(lambda: pop.on_server() == [], 60)
    finally:
        watch.send_signal(signal.SIGTERM)
        assert watch.wait(timeout=30) == 0
