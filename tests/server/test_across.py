"""Messages that go from one account to another: IMAP, POP3, Maildir and mbox, each to each.

The target has it first, byte for byte, with its flags, keywords and date; only then it goes at the source. What may go wrong on
the way is tried in test_across_faults.py.
"""
import pytest

from lib.accounts import Accounts, digest, message

KINDS = ("imap", "imap2", "pop", "maildir", "mbox")


@pytest.fixture
def world(make_server, tern, tmp_path):
    server = make_server(users={"ada": "ada-secret", "bob": "bob-secret", "eve": "eve-secret"})
    return Accounts(server, tern, tmp_path)


def check(row, n):
    assert row["message_id"] == f"nr{n}@across"
    assert ("seen" in row["flags"], "flagged" in row["flags"], row["keywords"]) == ((n == 1), (n == 1), ["todo"] * (n == 1)), row


PAIRS = [(one, other) for one in KINDS for other in KINDS if one != other and (one, other) != ("imap2", "imap")]


@pytest.mark.parametrize("source,target", PAIRS)
def test_moved(world, source, target):
    """With the bytes, flags, keywords, date and id that it had; and it stands nowhere else."""
    before = world.fill(source)
    ids = [row["id"] for row in before]
    world.tern.ok("move", *ids, f"{target}/INBOX")
    assert [row["id"] for row in world.rows(target)] == ids  # at once
    assert world.rows(source) == []
    world.settle()
    assert world.rows(source) == []
    after = world.rows(target)
    assert [row["id"] for row in after] == ids
    for row in after:
        n = int(row["subject"].split()[1])
        check(row, n)
        assert world.body(row).replace(b"\r\n", b"\n") == message(n)
    for kind in world.users:
        assert len(world.on_server(kind)) == (3 if kind == target else 0)
    if target in world.users:
        arrived = world.on_server(target)
        assert {one[0] for one in arrived} == {digest(message(n)) for n in range(3)}
        assert sorted(map(sorted, (one[1] for one in arrived))) == [[], [], ["\\Flagged", "\\Seen", "todo"]]
        if source in ("imap", "imap2", "maildir"):
            assert "14-Nov-2023 22:13:20 +0000" in [one[2] for one in arrived]


@pytest.mark.parametrize("source,target", [("imap", "imap2"), ("imap", "maildir"), ("maildir", "imap"), ("mbox", "pop")])
def test_copied(world, source, target):
    before = world.fill(source)
    world.tern.ok("copy", *[row["id"] for row in before], f"{target}/INBOX")
    world.settle()
    assert [row["id"] for row in world.rows(source)] == [row["id"] for row in before]
    after = world.rows(target)
    assert len(after) == 3 and not {row["id"] for row in after} & {row["id"] for row in before}
    for row in after:
        check(row, int(row["subject"].split()[1]))
        assert digest(world.body(row)) == digest(message(int(row["subject"].split()[1])))


def test_only_a_header_goes_nowhere(world):
    """A message that is larger than max-size stays on its POP3 server until somebody wants it."""
    conf = world.tern.conf.read_text().replace("incoming = pop3:", "max-size = 20K\nincoming = pop3:")
    world.tern.write(conf)
    world.server.deliver("eve", message(0, "x" * 70 + "\n") + b"y" * 60 * 1000 + b"\n")
    world.tern.ok("sync", "pop", "--yes")
    row = world.rows("pop")[0]
    assert row["on_server_only"]
    for target in ("imap", "maildir"):
        world.tern("move", row["id"], f"{target}/INBOX")
        world.tern.ok("sync")
        assert world.journal() == []
        assert [one["id"] for one in world.rows("pop")] == [row["id"]] and world.rows(target) == []
        assert "only the header of this message is here" in world.tern.json("--offline", "journal", "--all").rows[-1]["error"]
