"""Answers that are left out: a SEARCH that is ended by OK with no SEARCH line (RFC 3501, 7.2.5 demands one), a FETCH that
gives nothing. They are no reason to drop a row, to send something twice, or to expunge what others have marked."""
import pytest

from lib.ownimap import OwnImap

UNTOLD = {"UID SEARCH": lambda talk: talk.ok()}


class Counting(OwnImap):
    """With a HIGHESTMODSEQ that grows at each visit, so that all are looked at; CONDSTORE or not."""

    def __init__(self, capabilities):
        super().__init__()
        self.modseq = 10
        self.answers.update({"CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY IMAP4rev1 {capabilities}"),
                             "EXAMINE": self._open})

    def _open(self, talk):
        self.modseq += 1
        talk.ok(f"* {self.exists} EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 4] x",
                f"* OK [HIGHESTMODSEQ {self.modseq}] x")


def subjects(tern):
    return [row["subject"] for row in tern.json("list").rows]


@pytest.mark.parametrize("capabilities", ["CONDSTORE", "CONDSTORE ESEARCH"], ids=["search", "esearch"])
def test_search_without_a_line(tern, capabilities):
    """The numbers do not add up (a third message is gone), and the search for which one is says nothing."""
    with Counting(capabilities) as server:
        tern.write(server.account())
        tern.ok("sync")
        assert len(subjects(tern)) == 3
        server.exists = 2
        server.answers.update(UNTOLD)
        tern.ok("sync")
        assert any("UID SEARCH" in line for line in server.heard)
        assert subjects(tern) == ["message 2", "message 1"]


def test_search_that_finds_nothing_at_all(tern):
    """A line, and nothing on it: the messages themselves count."""
    with Counting("CONDSTORE") as server:
        tern.write(server.account())
        tern.ok("sync")
        server.exists = 2
        server.answers["UID SEARCH"] = lambda talk: talk.ok("* SEARCH")
        tern.ok("sync")
        assert subjects(tern) == ["message 2", "message 1"]


def test_fetch_without_a_line(tern):
    """Flags of all, without CONDSTORE, and none is told."""
    with Counting("") as server:
        tern.write(server.account())
        tern.ok("sync")
        server.answers["UID SEARCH"] = lambda talk: talk.ok("* SEARCH 1 2 3")
        server.answers["UID FETCH"] = lambda talk: talk.ok()
        tern.ok("sync")
        assert len(subjects(tern)) == 3


def test_folder_that_is_empty_now(tern):
    """Where all ways say that nothing is there, all go."""
    with Counting("") as server:
        tern.write(server.account())
        tern.ok("sync")
        server.exists = 0
        server.answers.update(UNTOLD)
        tern.ok("sync")
        assert subjects(tern) == []


def test_others_marks_are_not_expunged(tern):
    """Without UIDPLUS all that is marked goes: only where it is known that all of it is ours."""
    with OwnImap(folders=['"/" INBOX', '"/" Trash']) as server:
        opened = lambda talk: talk.ok("* 3 EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 4] x")    # noqa: E731
        server.answers.update(UNTOLD | {"SELECT": opened, "STATUS": lambda talk: talk.ok(
            "* STATUS Trash (MESSAGES 3 UNSEEN 0 UIDNEXT 4 UIDVALIDITY 1)")})
        tern.write(server.account())
        tern.ok("sync")
        tern.ok("--offline", "move", tern.json("list", "INBOX").rows[0]["id"], "Trash")
        tern("sync")
        heard = [line.split(" ", 1)[1].strip() for line in server.heard]
        assert "UID SEARCH DELETED" in heard and "EXPUNGE" not in heard, heard


def test_copy_is_not_made_twice(tern):
    """A COPY whose answer was lost, and a search that does not say whether it is there."""
    with OwnImap(folders=['"/" INBOX', '"/" Archive']) as server:
        done = []

        def opened(talk):
            server.exists = 2 + len(done) if "Archive" in talk.words else 3
            talk.ok(f"* {server.exists} EXISTS", "* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {server.exists + 1}] x")

        def copy(talk):
            done.append(talk.words)
            if len(done) == 1:
                talk.close()
            talk.ok()

        server.answers.update(UNTOLD | {
            "EXAMINE": opened, "SELECT": opened, "UID COPY": copy, "STATUS": lambda talk: talk.ok(
                f"* STATUS Archive (MESSAGES {2 + len(done)} UNSEEN 0 UIDNEXT {3 + len(done)} UIDVALIDITY 1)")})
        tern.write(server.account())
        tern.ok("sync")
        tern.ok("--offline", "copy", tern.json("list", "INBOX").rows[0]["id"], "Archive")
        tern("sync")
        tern.ok("sync")
        assert len(done) == 1 and tern.json("journal").rows == [], server.heard
        assert len(tern.json("list", "Archive").rows) == 3


LIES = {"other UIDs": [f'* {n} FETCH (UID {n + 1000} FLAGS () RFC822.SIZE 10)' for n in (1, 2, 3)], "nothing": []}


@pytest.mark.parametrize("capabilities", ["", "CONDSTORE"], ids=["plain", "condstore"])
@pytest.mark.parametrize("lines", LIES.values(), ids=LIES)
def test_messages_that_are_counted_and_never_sent(tern, lines, capabilities):
    """Told at each sync of the folder, which has failed so far; asked for a few times only; and the others are here."""
    with Counting(capabilities) as server:
        usual = server.answers["UID FETCH"]
        lie = {"FETCH": lambda talk: talk.ok(*lines), "UID FETCH": lambda talk: talk.ok(*lines)}
        server.answers.update(lie)
        server.folders.append('"/" Work')
        tern.write(server.account())
        for _ in range(2):
            server.heard.clear()
            done = tern("sync")
            assert done.status == 1 and "own/INBOX: of 3 messages that the server counts it does not send 3" in done.err, done
            assert "nothing new" not in done.out and len(server.heard) < 40, server.heard
        row = next(row for row in tern.json("sync", "own/INBOX").rows)
        assert row["messages"] == 3 and row["error"]["kind"] == "protocol"
        server.answers.update({"FETCH": usual, "UID FETCH": usual})
        tern.ok("sync")
        assert len(subjects(tern)) == 3


def test_one_that_is_gone_is_no_message_that_is_not_sent(tern):
    """The server says so only when it is asked for nothing else (RFC 3501, 7.4.1)."""
    with Counting("") as server:
        def fetch(talk):
            talk.words = talk.words.replace("1:3", "2:3")
            usual(talk)
        usual = server.answers["FETCH"]
        server.answers.update({"FETCH": fetch, "NOOP": lambda talk: talk.ok("* 1 EXPUNGE")})
        tern.write(server.account())
        tern.ok("sync")
        assert subjects(tern) == ["message 3", "message 2"]
