"""Numbers that go backwards, or begin anew, though the RFC forbids it (a mailbox that was put back from a copy): what is shown
is what the server has, and rows keep their ids."""
import time

import pytest

from lib.ownimap import OwnImap


class Restored(OwnImap):
    """Messages by UID; flags and all numbers as the test sets them. The next connection sees what was set since."""

    def __init__(self, capabilities=""):
        super().__init__()
        self.uids = {1: 1, 2: 2, 3: 3}      # UID -> the number in the message
        self.flags, self.validity, self.modseq, self.uid_next = "", 1, 20, 4
        self.idle = None                    # the last Talk that idled
        self.answers.update({
            "CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY IMAP4rev1 {capabilities}"),
            "ENABLE": lambda talk: talk.ok("* ENABLED CONDSTORE QRESYNC"), "EXAMINE": self._open, "SELECT": self._open,
            "FETCH": self._fetch, "UID FETCH": self._fetch, "IDLE": self._idle,
            "UID SEARCH": lambda talk: talk.ok("* SEARCH " + " ".join(map(str, sorted(self.uids))))})

    def _open(self, talk):
        talk.ok(f"* {len(self.uids)} EXISTS", f"* OK [UIDVALIDITY {self.validity}] x", f"* OK [UIDNEXT {self.uid_next}] x",
                f"* OK [HIGHESTMODSEQ {self.modseq}] x")

    def _idle(self, talk):
        talk.send("+ go on\r\n")
        self.idle = talk
        talk.reader.readline()
        talk.ok()

    def _wanted(self, talk, text):
        last = max(self.uids) if talk.command == "UID FETCH" else len(self.uids)
        for piece in text.split(","):
            ends = sorted(last if end == "*" else int(end) for end in piece.split(":"))
            yield from (n for n in range(ends[0], min(ends[-1], last) + 1))

    def _fetch(self, talk):
        words, _, items = talk.words.partition(" ")
        by_seq = dict(enumerate(sorted(self.uids), 1))
        seqs = {uid: seq for seq, uid in by_seq.items()}
        if "CHANGEDSINCE" in items and int(items.split("CHANGEDSINCE ")[1].split(")")[0].split()[0]) >= self.modseq:
            return talk.ok()
        for number in self._wanted(talk, words):
            uid = number if talk.command == "UID FETCH" else by_seq.get(number)
            if uid not in self.uids:
                continue
            line = f"* {seqs[uid]} FETCH (UID {uid} FLAGS ({self.flags}) MODSEQ (1)"
            if "HEADER" in items:
                name = self.uids[uid]
                text = (f"From: Ada <ada@example.org>\r\nSubject: message {name}\r\nMessage-ID: <{name}@example.org>\r\n"
                        "Date: Fri, 01 Nov 2024 12:04:00 +0000\r\n\r\n")
                line += (f' INTERNALDATE "01-Nov-2024 12:04:00 +0000" RFC822.SIZE 200 '
                         f"BODY[HEADER.FIELDS (X)] {{{len(text)}}}\r\n{text}")
            talk.send(line + ")\r\n")
        return talk.ok()


def shown(tern):
    return {row["subject"]: (row["id"], row.get("uid"), row["flags"]) for row in tern.json("list", "INBOX").rows}


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("capabilities", ["CONDSTORE", "CONDSTORE ENABLE QRESYNC"], ids=["condstore", "qresync"])
def test_modseq_goes_down(tern, capabilities):
    with Restored(capabilities) as server:
        tern.write(server.account())
        tern.ok("sync")
        server.flags, server.modseq = "\\Seen", 5
        tern.ok("sync")
        assert {flags[2][0] for flags in shown(tern).values()} == {"seen"}
        server.heard.clear()
        tern.ok("sync")         # the lower number is the one that is known now
        assert not any("FETCH" in line for line in server.heard), server.heard


@pytest.mark.parametrize("capabilities", ["CONDSTORE IDLE", "CONDSTORE ENABLE QRESYNC IDLE"], ids=["condstore", "qresync"])
def test_modseq_goes_down_in_a_folder_that_is_watched(tern, capabilities):
    with Restored(capabilities) as server:
        tern.write(server.account())
        tern.ok("sync")
        server.flags, server.modseq = "\\Seen", 5
        watch = tern.start("watch")
        try:
            until(lambda: all(row[2] == ["seen"] for row in shown(tern).values()))
        finally:
            watch.terminate()
            watch.communicate(timeout=30)


@pytest.mark.parametrize("capabilities", ["", "CONDSTORE", "CONDSTORE ENABLE QRESYNC"],
                         ids=["plain", "condstore", "qresync"])
def test_uids_go_down(tern, capabilities):
    """UIDNEXT is below what is known: UIDs may stand for other messages now. Those that are there keep their ids."""
    with Restored(capabilities) as server:
        tern.write(server.account())
        tern.ok("sync")
        before = shown(tern)
        server.uids, server.uid_next, server.modseq = {1: 3, 2: 9}, 3, 21
        tern.ok("sync")
        after = shown(tern)
        assert sorted(after) == ["message 3", "message 9"]
        assert after["message 3"][:2] == (before["message 3"][0], 1)


@pytest.mark.parametrize("capabilities", ["IDLE", "CONDSTORE IDLE", "CONDSTORE ENABLE QRESYNC IDLE"],
                         ids=["plain", "condstore", "qresync"])
@pytest.mark.parametrize("modseq", [3, 30])
@pytest.mark.parametrize("says_so", [False, True], ids=["cut", "told"])
def test_uidvalidity_changes_while_the_folder_is_watched(tern, capabilities, modseq, says_so):
    """The server ends the connection, or tells of it by an untagged OK (RFC 3501, 7.1) and goes on; the folder has other UIDs
    from then on. Nothing is asked by the old ones."""
    with Restored(capabilities) as server:
        tern.write(server.account())
        watch = tern.start("watch")
        try:
            until(lambda: len(shown(tern)) == 3 and server.idle)
            before = shown(tern)
            server.uids, server.uid_next, server.validity, server.modseq = {11: 2, 12: 1, 13: 9}, 14, 2, modseq
            if says_so:
                server.idle.send("* OK [UIDVALIDITY 2] other messages now\r\n")
            else:
                for connection in server.connections:
                    try:
                        connection.shutdown(2)
                    except OSError:
                        pass        # closed already
            until(lambda: [row[1] for _, row in sorted(shown(tern).items())] == [12, 11, 13])
            after = shown(tern)
            assert sorted(after) == ["message 1", "message 2", "message 9"]
            assert all(after[name][0] == before[name][0] for name in ("message 1", "message 2"))
        finally:
            watch.terminate()
            watch.communicate(timeout=30)
