"""Mail that anybody can send, whose structure is longer than a line of IMAP may be; and folders that cost the connection. One
message must not keep the others of its folder away, nor one folder the others of its account."""
import sqlite3

import pytest

from lib.mailserver import wait_until
from lib.ownimap import HEADER, Talk, _uids
from server.test_live import Watch

LONG = 3 << 20  # three times as long as a line may be; thrice that is more than a response may be
STRUCTURES = [f'("text" "plain" ("name" "{"n" * LONG}") NIL NIL "7bit" 3 1)',
              "(" + '("text" "plain" NIL NIL NIL "7bit" 3 1)' * (LONG // 40) + ' "digest")',
              f'("text" "plain" ("name" {{{3 * LONG}}}\r\n' + "* 9 FETCH (\r\n" + "A" * (3 * LONG - 13) + ') NIL NIL "7bit" 3 1)',
              "(" * 300 + ")" * 300]
IDS = ["name", "parts", "literal", "deep"]


def fetch(server, poison, structure):
    """Answers as OwnImap does, with structures; that of `poison` is what somebody has sent."""
    def answer(talk):
        wanted, _, items = talk.words.partition(" ")
        for uid in _uids(wanted, server.exists):
            line = f'* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE "01-Nov-2024 12:04:00 +0000" RFC822.SIZE 200'
            if "BODYSTRUCTURE" in items:
                line += " BODYSTRUCTURE " + (structure if uid == poison else '("text" "plain" NIL NIL NIL "7bit" 3 1)')
            if "HEADER" in items:
                text = HEADER.format(uid=uid)
                line += f" BODY[HEADER.FIELDS (X)] {{{len(text)}}}\r\n{text}"
            talk.send(line + ")\r\n")
        talk.ok()
    return answer


def subjects(tern, folder="INBOX"):
    return sorted(row["subject"] for row in tern.json("list", folder).rows)


def messages(first, last):
    return [f"message {uid}" for uid in range(first, last + 1)]


@pytest.mark.parametrize("structure", STRUCTURES, ids=IDS)
def test_at_the_first_visit(tern, own_imap, structure):
    server = own_imap(folders=['"/" INBOX', '"/" later'])
    server.answers.update({"FETCH": fetch(server, 2, structure), "UID FETCH": fetch(server, 2, structure)})
    tern.write(server.account())
    tern.ok("sync")
    assert subjects(tern) == subjects(tern, "later") == messages(1, 3)
    assert [row.get("attachments") for row in tern.json("list").rows].count(None) == 1
    assert len(server.connections) == 1


@pytest.mark.parametrize("structure", STRUCTURES, ids=IDS)
def test_among_what_comes_later(tern, own_imap, structure):
    server = own_imap()
    server.answers.update({"FETCH": fetch(server, 5, structure), "UID FETCH": fetch(server, 5, structure)})
    tern.write(server.account())
    tern.ok("sync")
    server.exists = 6
    tern.ok("sync")
    assert subjects(tern) == messages(1, 6)
    server.exists = 7
    tern.ok("sync")
    assert subjects(tern) == messages(1, 7)


def test_is_not_asked_for_again(tern, own_imap):
    """The structure alone is asked for once more, behind everything else, and given up then."""
    server = own_imap()
    server.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "IDLE": _idle,
                           "FETCH": fetch(server, 2, STRUCTURES[0]), "UID FETCH": fetch(server, 2, STRUCTURES[0])})
    tern.write(server.account())
    tern.ok("sync")

    def is_given_up():
        with sqlite3.connect(f"file:{tern.profile}/data/store.db?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM message WHERE attachments = -2").fetchone()[0] == 1
    for _ in range(2):  # the second time it is so already, and the first has told
        with Watch(tern) as watch:
            watch.wait_live()
            assert wait_until(is_given_up, 60)
    asked = [line for line in server.heard if "UID FETCH 2 (UID BODYSTRUCTURE)" in line]
    assert len(asked) == 1
    assert [row.get("attachments") for row in tern.json("list").rows].count(None) == 1


def _idle(talk):
    talk.send("+ idling\r\n")
    tag = talk.tag
    talk.reader.readline()
    talk.send(f"{tag} OK done\r\n")


@pytest.mark.parametrize("end", [lambda talk: talk.send("(nonsense\r\n"), Talk.close], ids=["nonsense", "closed"])
def test_folder_that_costs_the_connection(tern, own_imap, end):
    server = own_imap(folders=['"/" INBOX', '"/" bad', '"/" worse', '"/" later'])

    def examine(talk):
        if talk.words.strip('"') in ("bad", "worse"):
            end(talk)
        else:
            server._examine(talk)
    server.answers["EXAMINE"] = examine
    tern.write(server.account())
    result = tern("--json", "sync")
    assert result.status == 1
    assert subjects(tern) == subjects(tern, "later") == messages(1, 3)
    assert {row["folder"] for row in result.rows if "error" in row} == {"bad", "worse"}
    words = tern("sync").err
    assert "bad: " in words and "worse: " in words


def test_server_that_fails_everywhere_is_left_alone(tern, own_imap):
    server = own_imap(folders=[f'"/" f{n:02}' for n in range(40)])
    server.answers["EXAMINE"] = lambda talk: talk.send("(nonsense\r\n")
    tern.write(server.account())
    assert tern("sync").status == 1
    assert len(server.connections) < 10
