"""Servers that are known not to do what they offer (engine/quirks.c): tern does without, and is as right."""
import pytest

from lib.ownimap import OwnImap
from lib.smtpsink import SmtpSink
from lib.socks import SocksProxy

EXCHANGE = "The Microsoft Exchange IMAP4 service is ready."
LETTER = b"From: ada@example.org\nTo: bob@example.org\nSubject: letter\nMessage-ID: <3@example.org>\n\nhello\n"


class Resyncing(OwnImap):
    """Offers QRESYNC. `vanished` is what it answers to that in EXAMINE."""

    def __init__(self, capabilities, vanished):
        super().__init__()
        self.vanished, self.opened = vanished, []
        self.answers.update({
            "CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY IMAP4rev1 ENABLE CONDSTORE QRESYNC {capabilities}"),
            "ENABLE": lambda talk: talk.ok("* ENABLED CONDSTORE QRESYNC"), "EXAMINE": self._open,
            "UID SEARCH": lambda talk: talk.ok("* SEARCH " + " ".join(str(n + 1) for n in range(self.exists)))})

    def _open(self, talk):
        self.opened.append(talk.words)
        talk.ok(f"* {self.exists} EXISTS", "* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {self.exists + 1}] x",
                f"* OK [HIGHESTMODSEQ {10 + self.exists}] x", *(self.vanished if "QRESYNC" in talk.words else []))


@pytest.mark.parametrize("capabilities", ["", "XAPPLELITERAL"], ids=["any", "icloud"])
def test_vanished_that_did_not_vanish(tern, capabilities):
    """iCloud is not asked, since it tells of messages as gone that are there; any other server's numbers tell."""
    with Resyncing(capabilities, ["* VANISHED (EARLIER) 1"]) as server:
        tern.write(server.account())
        tern.ok("sync")
        server.exists = 4
        tern.ok("sync")
        assert ("QRESYNC" in server.opened[-1]) == (not capabilities), server.opened
        assert [row["subject"] for row in tern.json("list").rows] == [f"message {n}" for n in (4, 3, 2, 1)]


class Losing(OwnImap):
    """With a folder Archive of two messages. The first COPY or APPEND into it is done, and its answer lost."""

    def __init__(self, capabilities):
        super().__init__(folders=['"/" INBOX', '"/" Archive'])
        self.copies = 0
        self.answers.update({
            "CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+ {capabilities}"),
            "EXAMINE": self._open, "SELECT": self._open, "STATUS": self._status, "UID COPY": self._file,
            "APPEND": self._file, "UID SEARCH": self._search})

    def _count(self, words):
        return 2 + self.copies if "Archive" in words else 3

    def _open(self, talk):
        self.exists = self._count(talk.words)
        talk.ok(f"* {self.exists} EXISTS", "* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {self.exists + 1}] x")

    def _status(self, talk):
        count = self._count(talk.words)
        talk.ok(f"* STATUS Archive (MESSAGES {count} UNSEEN 0 UIDNEXT {count + 1} UIDVALIDITY 1)")

    def _file(self, talk):
        self.copies += 1
        if self.copies == 1:
            talk.close()
        talk.ok()

    def _search(self, talk):
        talk.ok("* SEARCH 3")

    def finds_again(self, tern):
        """What was lost is settled, and was done once."""
        tern("sync")
        assert self.copies == 1, self.heard
        tern.ok("sync")
        assert self.copies == 1 and tern.json("journal").rows == [], self.heard


@pytest.mark.parametrize("answer", ["* SEARCH\r\n{tag} OK done", "{tag} NO [SERVERBUG] UID SEARCH Server error"],
                         ids=["nothing", "refused"])
def test_search_that_finds_no_header(tern, answer):
    """Yahoo: what a COPY with a lost answer has come to is found by FETCH; by SEARCH it would be done again, or never."""
    with Losing("XYMHIGHESTMODSEQ") as server:
        server.answers["UID SEARCH"] = lambda talk: talk.send(answer.format(tag=talk.tag) + "\r\n")
        tern.write(server.account())
        tern.ok("sync")
        tern.ok("--offline", "copy", tern.json("list").rows[0]["id"], "Archive")
        server.finds_again(tern)
        assert len(tern.json("list", "Archive").rows) == 3


@pytest.mark.parametrize("greeting,capabilities", [(EXCHANGE, ""), ("welcome", "CLIENTACCESSRULES")],
                         ids=["greeting", "capability"])
def test_size_of_its_own(tern, tmp_path, greeting, capabilities):
    """Exchange: what was appended is found by its Message-ID, though none there has its size."""
    with Losing(capabilities) as server:
        server.greeting = greeting
        server.answers["UID SEARCH"] = lambda talk: talk.ok("* SEARCH" if "LARGER" in talk.words else "* SEARCH 3")
        tern.write(server.account())
        tern.ok("sync")
        (tmp_path / "letter.mbox").write_bytes(b"From ada Fri Nov  1 12:04:00 2024\n" + LETTER)
        tern.ok("--offline", "import", "--into", "own/Archive", tmp_path / "letter.mbox")
        server.finds_again(tern)


@pytest.mark.parametrize("greeting,host,is_ours", [
    (EXCHANGE, "smtp.office365.com", False), (EXCHANGE, "mail.example.org", True),
    ("welcome", "smtp.office365.com", True)], ids=["net", "company", "other"])
def test_copies_of_what_was_sent(tern, tmp_path, greeting, host, is_ours):
    """Microsoft's hosts file what goes out through them; a company's own Exchange does not, nor anybody else's mailbox."""
    with OwnImap(folders=['"/" INBOX', '"/" Sent']) as server, SmtpSink(tmp_path / "sink", {"ada": "secret"}) as sink:
        server.greeting = greeting
        names = {"127.0.0.1": server.listener.getsockname()[1], host: sink.ports["submission"]}
        with SocksProxy(names) as proxy:
            tern.write(server.account() + f"outgoing = smtp://ada@{host}\ninsecure = yes\n"
                       f"proxy = socks5://127.0.0.1:{proxy.port}\n")
            tern.ok("sync")
            tern.ok("send", "-t", input=LETTER)
            tern.ok("sync")
        assert len(sink.sent()) == 1 and tern.json("outbox").rows == []
        assert any(" APPEND " in line for line in server.heard) == is_ours, server.heard
        assert list((tern.profile / "data/outbox/cur").iterdir()) == []


def test_modseq_without_condstore(tern):
    """Yahoo tells a HIGHESTMODSEQ without CONDSTORE: that it is the same says nothing of flags."""
    with OwnImap() as server:
        server.answers["EXAMINE"] = lambda talk: talk.ok("* 3 EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 4] x",
                                                         "* OK [HIGHESTMODSEQ 9] x")
        tern.write(server.account())
        tern.ok("sync")
        server.answers["UID FETCH"] = lambda talk: talk.ok(*(f"* {n} FETCH (UID {n} FLAGS (\\Seen))" for n in (1, 2, 3)))
        tern.ok("sync")
        assert [row["flags"] for row in tern.json("list").rows] == [["seen"]] * 3
