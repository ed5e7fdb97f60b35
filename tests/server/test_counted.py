"""What a later visit costs on the wire, counted by a proxy (lib/link.py): round trips and bytes."""
import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.mailbox import imap_account
from lib.program import Tern
from lib.torture import count

FEW, MANY = 3, 13
PLAIN = ("QRESYNC", "CONDSTORE", "ENABLE")


def small(tmp_path, seed):
    write_maildir(tmp_path / str(seed), Generator(seed=seed, count=4))
    return tmp_path / str(seed)


def turns_of_a_sync(tern, link):
    before = link.turns
    tern.ok("sync")
    return link.turns - before


@pytest.mark.parametrize("without, most", [((), 0), (("LIST-STATUS",), 1), (("LIST-STATUS", *PLAIN), 3)],
                         ids=["LIST-STATUS", "QRESYNC", "plain"])
def test_round_trips_of_an_unchanged_folder(make_server, tern, tmp_path, without, most):
    """What ten more of them add to a sync of a few."""
    server = make_server(without=without, roles=())
    mail = small(tmp_path, 1)
    server.fill_many("ada", [("INBOX", mail), *((f"F{n}", mail) for n in range(1, FEW))])
    with Link(server.ports["imap"]) as link:
        tern.write(imap_account(server, link.port))
        tern.ok("sync")
        few = turns_of_a_sync(tern, link)
        server.fill_many("ada", [(f"F{n}", mail) for n in range(FEW, MANY)])
        tern.ok("sync")
        many = turns_of_a_sync(tern, link)
    print(f"{few} round trips with {FEW} folders, {many} with {MANY}")
    assert few <= many <= few + most * (MANY - FEW), (few, many)


@pytest.mark.parametrize("without, most", [((), 1), (PLAIN, 1), (("LIST-STATUS", *PLAIN), 2)],
                         ids=["LIST-STATUS", "no CONDSTORE", "plain"])
def test_round_trips_of_a_new_folder(make_server, profile, tmp_path, without, most):
    """What ten more of them add to a first sync: what is in one comes in the flight that opens it, where it was told how much
    that is."""
    server = make_server(without=without, roles=())
    mail = small(tmp_path, 1)
    turns, filled = [], 0
    with Link(server.ports["imap"]) as link:
        for folders in (FEW, MANY):
            server.fill_many("ada", [(f"F{n}", mail) for n in range(filled, folders)])
            filled = folders
            tern = Tern(profile / str(folders))
            tern.write(imap_account(server, link.port))
            turns.append(turns_of_a_sync(tern, link))
    print(f"{turns[0]} round trips with {FEW} folders, {turns[1]} with {MANY}")
    assert [len(tern.json("list", f"F{n}").rows) for n in range(MANY)] == [4] * MANY
    assert turns[1] <= turns[0] + most * (MANY - FEW), turns


@pytest.mark.torture
@pytest.mark.parametrize("without, most", [((), 1500), (PLAIN, None)], ids=["QRESYNC", "plain"])
def test_bytes_of_one_changed_flag(make_server, tern, tmp_path, without, most):
    """Among very many: what tells of it, and no more. A server that remembers no changes has to say all flags."""
    messages = count(3000, 100_000)
    server = make_server(without=without)
    write_maildir(tmp_path / "many", Generator(seed=2, count=messages, plain=True))
    server.fill("ada", "INBOX", tmp_path / "many")
    with Link(server.ports["imap"]) as link:
        tern.write(imap_account(server, link.port))
        tern.ok("sync", timeout=600)
        bytes_of = []
        for change in (False, True):
            if change:
                with server.imap("ada") as imap:
                    imap.select("INBOX")
                    imap.uid("STORE", str(messages // 2), "+FLAGS", "(\\Answered todo)")
            before = link.up + link.down
            tern.ok("sync", "INBOX", timeout=600)
            bytes_of.append(link.up + link.down - before)
        changed = [r["uid"] for r in tern.json("list", "--limit", "200000").rows if "todo" in r["keywords"]]
    assert changed == [messages // 2]
    print(f"{messages} messages: {bytes_of[0]} bytes of a sync without a change, {bytes_of[1]} with one")
    assert bytes_of[1] - bytes_of[0] < (most or 80 * messages)
    assert bytes_of[1] < 6000 + (0 if most else 80 * messages)
