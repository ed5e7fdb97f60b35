"""The journal where the server can do less: each extension taken away, and all of them, by a proxy that answers BAD to their
commands (lib/filter.py); and a server that is not Dovecot. What the user sees is the same."""
import random

import pytest

from lib.changes import Other, User
from lib.filter import ALL, Filter
from lib.mailbox import Mailbox, imap_account
from lib.torture import LONG

WAYS = [*((name,) for name in ALL), ALL]


@pytest.fixture
def box(filled, tern, few, request):
    server = filled(few)
    with Filter(server.ports["imap"], request.param) as less:
        tern.write(imap_account(server, less.port))
        tern.ok("sync")
        box = Mailbox(server, tern)
        box.less = less
        yield box
        assert not less.refused, less.refused


@pytest.fixture
def cyrus_box(cyrus, tern, few):
    with cyrus.imap() as imap:
        for name in ("Projects", "Projects/tern", "H&AOQ-user", "Archive", "Trash", "Junk", "Lab", "Yard"):
            imap.create(name)
        for path in sorted((few / "cur").iterdir()):
            imap.append("INBOX", "", None, path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    tern.write(f"[account ada]\naddress = ada@example.org\nincoming = imap://ada@localhost:{cyrus.ports['imap']}\n"
               f"password = {cyrus.password}\n")
    tern.ok("sync")
    yield Mailbox(cyrus, tern)
    cyrus.empty()


def everything(box):
    """One change of each kind; which ids are where then."""
    rows = [row["id"] for row in box.fresh(12)]
    for words in (("read", *rows[:5]), ("flag", rows[0]), ("tag", rows[1], "todo"), ("move", rows[2], rows[3], "Projects/tern"),
                  ("copy", rows[4], "Häuser"), ("archive", rows[5], rows[6]), ("delete", rows[7]), ("junk", rows[8]),
                  ("folder", "create", "Neu/Ärger"), ("move", rows[9], "Neu/Ärger"), ("flag", rows[9]),
                  ("folder", "rename", "Projects", "Plans"), ("move", rows[10], "Plans/tern"), ("tag", rows[10], "todo")):
        box.tern.ok("--offline", *words)
    return box.places()


def settled(box):
    box.tern.ok("sync")
    box.tern.ok("sync")
    box.agree()


def all_kinds(box):
    before = box.on_server()
    where = everything(box)
    assert box.on_server() == before and box.journal()
    settled(box)
    assert box.places() == where  # under the same ids


def undone(box):
    before, where = box.in_store(), box.places()
    everything(box)
    settled(box)
    box.tern.ok("undo", 14)
    box.release()  # a copy that is taken back is held as any expunge
    after = box.in_store()
    # The folder that was made for another one's sake stays where it has become a parent.
    assert {k: v for k, v in after.items() if k in before} == before
    assert {k: v for k, v in box.places().items() if k in where} == where
    settled(box)


def purged(box):
    """Deleted for good, beside what another client has only marked."""
    doomed = [row["id"] for row in box.fresh(3)]
    box.tern.ok("--offline", "delete", *doomed)
    settled(box)
    box.tern.ok("--offline", "delete", *doomed)
    assert box.ids("Trash") == []
    box.release()
    settled(box)
    assert not set(doomed) & set(box.places())


def beside_marks_of_others(box):
    """What another program has marked as deleted, and not expunged, is never taken away with ours."""
    before = len(box.ids())
    doomed, marked = [row["id"] for row in box.fresh(2)], [row["id"] for row in box.fresh(5)[3:]]
    names = {row["id"]: row.get("message_id") for row in box.rows()}
    uids = ",".join(str(row["uid"]) for row in box.rows() if row["id"] in marked)
    with box.server.imap("ada") as imap:
        imap.select("INBOX")
        imap.uid("STORE", uids, "+FLAGS", "\\Deleted")
    box.tern.ok("--offline", "move", doomed[0], "Häuser")
    box.tern.ok("--offline", "delete", doomed[1])
    told = box.tern.ok("sync").err
    box.tern.ok("sync")

    def left():
        there = box.on_server()
        assert {names[one] for one in marked} <= {m[0] for m in there["INBOX"]}
        assert [m[0] for m in there["Häuser"]] == [names[doomed[0]]] and [m[0] for m in there["Trash"]] == [names[doomed[1]]]
        return {m[0]: m[1:] for m in there["INBOX"] if m[0] in (names[doomed[0]], names[doomed[1]])}
    assert not set(doomed) & set(box.ids()) and len(box.ids()) == before - 2  # the user sees none of it
    if not left():  # the server can do better
        return box.agree()
    assert {"\\Deleted"} == set().union(*left().values()) and len(left()) == 2
    assert {e["verb"] for e in box.journal()} == {"expunge"} and "another program" in told
    box.release()
    box.tern.ok("sync")
    assert len(left()) == 2
    with box.server.imap("ada") as imap:
        imap.select("INBOX")
        imap.uid("STORE", uids, "-FLAGS", "\\Deleted")
    box.release()
    settled(box)
    assert not left()


def at_random(box):
    """Twenty changes of the user's, offline, while another changes other messages."""
    chance = random.Random(5)
    user, other = User(box, chance), Other(box, chance)
    user.change(20)
    if user.has_expunged:
        box.release()
    state = box.in_store()
    other.change(5, spared=user.touched)
    expected = other.lay_over(state)
    box.tern.ok("sync")
    box.tern.ok("sync")
    box.agree(expected, "\n".join([*user.log, *map(str, other.log)]))


STORIES = [all_kinds, undone, purged, beside_marks_of_others, at_random]


# What the journal's playing does not ask for is taken away with one story in the short form.
CHOSEN = [(way, story) for way in WAYS for story in STORIES
          if LONG or story is all_kinds or {*way} & {"QRESYNC", "CONDSTORE", "MOVE", "UIDPLUS"}]


@pytest.mark.torture
@pytest.mark.parametrize("box, story", CHOSEN, indirect=["box"],
                         ids=lambda value: value.__name__ if callable(value) else "all" if value == ALL else value[0])
def test_less(box, story):
    story(box)


@pytest.mark.parametrize("story", STORIES)
def test_cyrus(cyrus_box, story):
    story(cyrus_box)
