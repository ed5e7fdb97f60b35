"""What the server lets one do: rights in folders of one's own, shared ones and other users'; and the quota."""
import sqlite3

import pytest

from lib.genmail import Generator, write_maildir
from test_live import Watch, wait_for

MAIL = b"From: bob@example.org\nSubject: plans\nMessage-ID: <plans@example.org>\n\ntext\n"


def stored(tern, sql):
    with sqlite3.connect(f"file:{tern.profile}/data/store.db?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


@pytest.fixture
def shared(make_server, tern, tmp_path):
    """Ada reads and marks what is in shared/Team, only reads users/bob/Plans, and sees users/bob/Secret but nothing in it."""
    write_maildir(tmp_path / "mail", Generator(seed=5, count=5))
    server = make_server(spaces=True)
    server.fill("ada", "INBOX", tmp_path / "mail")
    server.create("bob", "Plans", "Secret", "Private")
    server.append("bob", "Plans", MAIL)
    server.share("ada", "Team", "lrsi")
    server.share("ada", "Full", "lrwstipekxa")
    server.share("ada", "Plans", "lr", of="bob")
    server.share("ada", "Secret", "l", of="bob")
    with server.imap("ada") as client:
        client.append("shared/Team", None, None, MAIL.replace(b"\n", b"\r\n").replace(b"plans", b"team"))
    tern.write(server.account("ada"))
    return server


def folder(tern, name):
    (space, rights), = stored(tern, f"SELECT space, rights FROM folder WHERE name = '{name}'")
    return space, rights


def names(tern):
    return {f["folder"] for f in tern.json("--offline", "folders").rows}


# StoreRight
READ, SEEN, FLAG, INSERT, DELETE, CREATE, REMOVE = (1 << n for n in range(7))
ALL = 0x7f


def test_shared_folders(shared, tern):
    tern.ok("sync")  # a folder that cannot be opened is no failure
    listed = [f["folder"] for f in tern.json("--offline", "folders").rows]
    assert {"shared/Team", "shared/Full", "users/bob/Plans", "users/bob/Secret"} <= set(listed)
    assert not any("Private" in name for name in listed)
    # One's own first, then other users', then shared ones.
    spaces = ["users" in n and 1 or "shared" in n and 2 or 0 for n in listed]
    assert spaces == sorted(spaces), listed
    assert folder(tern, "users/bob/Plans") == (1, READ)
    assert folder(tern, "users/bob/Secret") == (1, 0)
    assert folder(tern, "shared/Team") == (2, READ | SEEN | INSERT)
    assert folder(tern, "shared/Full") == (2, ALL)
    assert folder(tern, "INBOX")[0] == 0
    assert [r["subject"] for r in tern.json("--offline", "list", "users/bob/Plans").rows] == ["plans"]


def test_watching_is_at_rest(shared, tern):
    """The root of a namespace, which is there only for its children, is no news of NOTIFY for ever."""
    trace = tern.profile / "trace"
    with Watch(tern, "--trace", str(trace)) as watch:
        watch.wait_live()
        wait_for(lambda: {"shared", "shared/Team", "users/bob/Plans"} <= names(tern))
        for n in range(2):
            shared.deliver("ada", MAIL.replace(b"plans", f"later {n}".encode()))
            wait_for(lambda: any(r["subject"] == f"later {n}" for r in tern.json("list").rows))
    assert {"shared", "shared/Team", "users/bob/Plans"} <= names(tern)
    assert trace.read_text().count(" > LIST") < 40  # it was some hundreds a second


def test_commands_say_why(shared, tern):
    tern.ok("sync")
    plan = tern.json("--offline", "list", "users/bob/Plans").rows[0]["id"]
    team = tern.json("--offline", "list", "shared/Team").rows[0]["id"]
    own = tern.json("--offline", "list").rows[0]["id"]
    for words, why in [(("flag", plan), "may not mark mail in “users/bob/Plans”"),
                       (("read", plan), "may not mark mail read in “users/bob/Plans”"),
                       (("tag", team, "todo"), "may not mark mail in “shared/Team”"),
                       (("delete", team), "may not remove mail from “shared/Team”"),
                       (("move", team, "INBOX"), "may not remove mail from “shared/Team”"),
                       (("archive", plan, own), "may not remove mail from “users/bob/Plans”"),
                       (("copy", own, "users/bob/Plans"), "may not put mail into “users/bob/Plans”")]:
        result = tern("--offline", "--json", *map(str, words))
        assert result.status == 1 and result.error["kind"] == "input" and why in result.error["message"], result
    assert tern.json("--offline", "journal").rows == []  # the second of two did nothing either
    # What may be done is done.
    tern.ok("read", team)
    tern.ok("copy", plan, "INBOX")
    tern.ok("copy", own, "shared/Team")
    tern.ok("sync")
    assert tern.json("--offline", "journal").rows == []
    assert shared.doveadm("mailbox", "status", "-u", "ada", "messages", "shared/Team").endswith("messages=2")


def test_rights_are_looked_at_again(shared, tern):
    tern.ok("sync")
    team = tern.json("--offline", "list", "shared/Team").rows[0]["id"]
    assert tern("--offline", "flag", team).status == 1
    shared.share("ada", "Team", "lrswi")
    tern.ok("sync")
    tern.ok("flag", team)
    tern.ok("sync")
    assert tern.json("--offline", "journal").rows == []


def test_a_server_without_acl(make_server, tern):
    server = make_server(plugins=("zlib", "notify"))
    server.append("ada", "INBOX", MAIL)
    tern.write(server.account("ada"))
    with Watch(tern) as watch:
        watch.wait_live()
        wait_for(lambda: tern.json("list").rows)
    assert folder(tern, "INBOX") == (0, -1)
    assert stored(tern, "SELECT quota_used, quota_limit FROM account") == [(0, 0)]
    tern.ok("--offline", "flag", tern.json("--offline", "list").rows[0]["id"])


def test_quota_and_own_rights(make_server, tern):
    """By who stays connected; a single sync has no use for them, and spends no round trip."""
    server = make_server(extra="plugin {\n  quota_rule = *:storage=1000K\n}\n")
    server.append("ada", "INBOX", MAIL + b"x" * 76 + b"\n" + (b"y" * 76 + b"\n") * 5000)
    server.create("ada", "Locked")
    server.share("ada", "Locked", "lr", of="ada")
    tern.write(server.account("ada"))
    trace = tern.profile / "trace"
    tern.ok("--trace", trace, "sync")
    assert "GETQUOTA" not in trace.read_text() and "MYRIGHTS" not in trace.read_text()
    with Watch(tern):
        wait_for(lambda: stored(tern, "SELECT quota_limit FROM account") == [(1000 * 1024,)])
        wait_for(lambda: folder(tern, "Locked")[1] == READ)
    used, = stored(tern, "SELECT quota_used FROM account")[0]
    assert 380_000 < used < 400_000
