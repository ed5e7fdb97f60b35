"""Servers that are known not to do what they offer (engine/quirks.c): tern does without, and is as right."""
import pytest

from lib.ownimap import OwnImap


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
