"""The newest page of a folder that was never seen, asked for in the flight that opens it: by PARTIAL (RFC 9394), or by the
numbers that LIST-STATUS has told. Whatever comes of that, all messages are there afterwards, each once."""
import re

import pytest

from lib.link import Link
from lib.ownimap import OwnImap
from lib.program import Tern

PAGE = 100
BY_LIST = "LIST-EXTENDED LIST-STATUS"


class Paged(OwnImap):
    """`told`: what LIST-STATUS says how many there are (None: the truth)."""

    def __init__(self, exists, capabilities, folders=('"/" INBOX',), told=None):
        super().__init__(folders=folders, exists=exists)
        self.told, self.pages = told, 0
        self.answers.update({"CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY IMAP4rev1 {capabilities}"),
                             "LIST": self._list_status, "FETCH": self._by_number, "UID FETCH": self._by_uid})

    def _list_status(self, talk):
        told = self.exists if self.told is None else self.told
        status = f"(MESSAGES {told} UIDNEXT {told + 1} UIDVALIDITY 1 UNSEEN 0)"
        lines = [(f"* LIST () {folder}", f"* STATUS {folder.split()[1]} {status}") for folder in self.folders]
        talk.ok(*(line for both in lines for line in both))

    def _by_number(self, talk):
        last = int(re.match(r"(?:\d+:)?(\d+)", talk.words)[1])
        if last > self.exists:
            talk.send(f"{talk.tag} BAD no such numbers\r\n")
        else:
            self._fetch(talk)

    def _by_uid(self, talk):
        if "PARTIAL" in talk.words:
            self.pages += 1
            talk.words = talk.words.replace("1:*", f"{max(self.exists - PAGE, 0) + 1}:{self.exists}", 1)
        self._fetch(talk)

    def asked(self, verb):
        """The sets that were asked for by it."""
        return [line.split()[len(verb.split()) + 1] for line in self.heard if line.split(" ", 1)[1].startswith(verb + " ")]


def subjects(tern, folder="INBOX"):
    return [row["subject"] for row in tern.json("list", folder, "--limit", "1000").rows]


def messages(count):
    return {f"message {n}" for n in range(1, count + 1)}


def synced(tern, server, folder="INBOX"):
    """Each message once."""
    tern.write(server.account())
    tern.ok("sync")
    rows = subjects(tern, folder)
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("exists", [0, 1, 60, 250])
def test_inbox_with_the_list(profile, exists):
    """Its page is there with the list: a round trip less, where the server has PARTIAL."""
    turns = []
    for n, more in enumerate(("", " PARTIAL")):
        with Paged(exists, BY_LIST + more) as server, Link(server.listener.getsockname()[1]) as link:
            tern = Tern(profile / str(n))
            tern.write(server.account().replace(str(server.listener.getsockname()[1]), str(link.port)))
            tern.ok("sync")
            rows = subjects(tern)
            assert len(rows) == exists and set(rows) == messages(exists)
            turns.append(link.turns)
            assert server.pages == (1 if more else 0)
            first = f"{max(exists - PAGE, 0) + 1}:{exists}"
            assert server.asked("FETCH") == ([first] if exists and not more else [])
    assert turns[1] == turns[0] - (1 if exists else 0), turns


@pytest.mark.parametrize("exists", [1, 60, 250])
def test_other_folder_by_what_was_told(tern, exists):
    with Paged(exists, BY_LIST, folders=('"/" INBOX', '"/" Lists')) as server:
        assert synced(tern, server, "Lists") == messages(exists)
        lines = [line.split(" ", 1)[1] for line in server.heard]
        at = next(n for n, line in enumerate(lines) if line.startswith('EXAMINE "Lists"'))
        assert lines[at + 1].startswith(f"FETCH {max(exists - PAGE, 0) + 1}:{exists} ")
        assert len(server.asked("FETCH")) == 2


@pytest.mark.parametrize("told", [0, 3, 119, 121, 500])
def test_another_number_was_told(tern, told):
    """What came of the wrong numbers is not the newest page, or nothing."""
    with Paged(120, BY_LIST, folders=('"/" INBOX', '"/" Lists'), told=told) as server:
        assert synced(tern, server, "Lists") == messages(120)


def test_one_more_between_opening_and_page(tern):
    """It is in the page in the place of the oldest, which is fetched all the same."""
    with Paged(PAGE, BY_LIST + " PARTIAL") as server:
        def page(talk):
            if "PARTIAL" in talk.words:
                server.exists = PAGE + 1
                talk.send(f"* {PAGE + 1} EXISTS\r\n")
            server._by_uid(talk)
        server.answers["UID FETCH"] = page
        assert synced(tern, server) | {f"message {PAGE + 1}"} == messages(PAGE + 1)
        tern.ok("sync")
        assert set(subjects(tern)) == messages(PAGE + 1)


def refusing(text):
    """PARTIAL is announced; this is what comes of it."""
    def answer(server, talk):
        if "PARTIAL" in talk.words:
            server.pages += 1
            talk.send(f"{talk.tag} {text}\r\n")
        else:
            server._by_uid(talk)
    return answer


@pytest.mark.parametrize("answer, pages", [("BAD what", 1), ("NO not so", 2), ("OK done", 2)])
def test_page_that_does_not_come(tern, answer, pages):
    """Then it is asked for as ever; and no more on this connection, where it was not understood."""
    with Paged(120, BY_LIST + " PARTIAL", folders=('"/" INBOX', '"/" Lists')) as server:
        server.answers["UID FETCH"] = lambda talk: refusing(answer)(server, talk)
        assert synced(tern, server, "Lists") == messages(120)
        assert set(subjects(tern)) == messages(120)
        assert server.pages == pages


def test_folder_that_cannot_be_opened(tern):
    """Neither can its page be had; the others are as they are."""
    with Paged(120, BY_LIST, folders=('"/" INBOX', '"/" Closed', '"/" Lists')) as server:
        opened = server.answers["EXAMINE"]
        by_number = server.answers["FETCH"]
        is_open = [True]

        def examine(talk):
            is_open[0] = "Closed" not in talk.words
            if is_open[0]:
                opened(talk)
            else:
                talk.send(f"{talk.tag} NO [NOPERM] not for you\r\n")

        def fetch(talk):
            if is_open[0]:
                by_number(talk)
            else:
                talk.send(f"{talk.tag} BAD nothing is open\r\n")

        server.answers.update({"EXAMINE": examine, "FETCH": fetch})
        tern.write(server.account())
        said = tern("sync")
        assert said.status == 1 and "not for you" in said.err and "nothing is open" not in said.err
        assert set(subjects(tern, "Lists")) == set(subjects(tern)) == messages(120)
        assert subjects(tern, "Closed") == []
