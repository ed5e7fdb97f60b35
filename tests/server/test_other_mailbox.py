"""An account whose `incoming` is pointed at another mailbox, under the same name: what is known of the one is not done to the other."""
import contextlib
import sqlite3

import pytest

from lib.popserver import PopServer
from server.test_pop3_sync import digest


def mail(user, n, subject=None):
    return (f"From: {user}{n}@example.org\r\nTo: y@example.org\r\nMessage-ID: <{user}{n}@example.org>\r\n"
            f"Subject: {subject or f'{user} {n}'}\r\nDate: Mon, 30 Nov 2026 10:00:{n:02} +0000\r\n\r\nhello from {user}\r\n").encode()


def subjects(tern, folder="INBOX"):
    return {row["subject"]: row["id"] for row in tern.json("list", folder).rows}


def on_server(server, user, folder="INBOX"):
    imap = server.imap(user)
    imap.select(folder, readonly=True)
    rows = imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    imap.logout()
    return sorted(row[1].decode().split(":", 1)[1].strip() for row in rows if isinstance(row, tuple))


# --- IMAP ---


@pytest.fixture
def two(empty_server):
    """Two users whose Inboxes have the same UIDVALIDITY and the same UIDs."""
    for user in ("ada", "bob"):
        empty_server.doveadm("mailbox", "update", "--uid-validity", "777", "-u", user, "INBOX")
        for n in range(1, 6):
            empty_server.deliver(user, mail(user, n))
    return empty_server


def test_another_user_of_the_same_server(two, tern, tmp_path):
    tern.write(two.account("ada", "work"))
    tern.ok("sync")
    ids = subjects(tern)
    tern.ok("show", ids["ada 5"])  # its text is here
    tern.ok("--offline", "delete", ids["ada 1"], ids["ada 2"])
    tern.ok("--offline", "flag", ids["ada 3"])
    tern.ok("--offline", "folder", "create", "Mine")
    tern.ok("--offline", "move", ids["ada 4"], "Mine")
    box = tmp_path / "old.mbox"
    box.write_bytes(b"From x Mon Nov 30 10:00:00 2026\n" + mail("old", 1).replace(b"\r\n", b"\n") + b"\n")
    tern.ok("--offline", "import", "--into", "work/Mine", str(box))
    tern.write(two.account("bob", "work"))
    told = tern.ok("sync").err
    assert "is the mailbox bob@localhost now, and was ada@localhost before" in told and "4 changes" in told
    assert sorted(subjects(tern)) == on_server(two, "bob") == [f"bob {n}" for n in range(1, 6)]
    for subject, number in subjects(tern).items():
        shown = tern.ok("show", number).out
        assert subject in shown and "hello from bob" in shown
    assert not any(row["flags"] for row in tern.json("list", "INBOX").rows)
    # What brings its own message is not lost; nor is anything that stood at the other one.
    assert sorted(subjects(tern, "Mine")) == on_server(two, "bob", "Mine") == ["old 1"]
    assert on_server(two, "ada") == [f"ada {n}" for n in range(1, 6)]
    states = {row["state"] for row in tern.json("journal", "--all").rows if row["verb"] not in ("append", "create", "subscribe")}
    assert states == {"refused"} and not tern.json("journal").rows
    assert "another mailbox" not in tern.ok("sync").err


def test_nothing_of_the_other_mailbox_is_undone(two, tern):
    tern.write(two.account("ada", "work"))
    tern.ok("sync")
    tern.ok("folder", "create", "Projects")
    tern.ok("sync")
    two.create("bob", "Projects")
    two.deliver("bob", mail("bob", 9), "Projects")
    tern.write(two.account("bob", "work"))
    tern.ok("sync")
    assert "othing" in tern("undo").err
    tern.ok("sync")
    assert sorted(subjects(tern, "Projects")) == on_server(two, "bob", "Projects") == ["bob 9"]


def test_a_message_that_is_asked_for_first_is_not_another_ones(two, tern):
    tern.write(two.account("ada", "work", keep_offline="headers"))
    tern.ok("sync")
    number = subjects(tern)["ada 3"]
    tern.write(two.account("bob", "work", keep_offline="headers"))
    shown = tern("show", number)
    assert "hello from bob" not in shown.out and shown.status == 1
    tern.ok("sync")
    assert sorted(subjects(tern)) == [f"bob {n}" for n in range(1, 6)]


def test_another_name_of_the_host_of_the_same_mailbox(two, tern):
    """It is read anew, and rows keep their ids and texts."""
    tern.write(two.account("ada", "work"))
    tern.ok("sync")
    ids = subjects(tern)
    tern.ok("--offline", "flag", ids["ada 3"])
    tern.write(two.account("ada", "work").replace("@localhost", "@127.0.0.1"))
    told = tern.ok("sync").err
    assert "ada@127.0.0.1 now, and was ada@localhost before" in told and "1 change " in told
    assert subjects(tern) == ids and not any(row["flags"] for row in tern.json("list").rows)
    tern.ok("flag", ids["ada 3"])
    tern.ok("sync")
    assert [row["subject"] for row in tern.json("list").rows if row["flags"]] == ["ada 3"]


def test_port_security_and_spelling_may_change(two, tern):
    tern.write(two.account("ada", "work"))
    tern.ok("sync")
    number = subjects(tern)["ada 1"]
    tern.ok("--offline", "delete", number)
    tern.write(two.account("ada", "work", incoming="imap+starttls").replace("@localhost", "@LocalHost."))
    assert "mailbox" not in tern.ok("sync").err
    assert "ada 1" not in on_server(two, "ada") and on_server(two, "ada", "Trash") == ["ada 1"]


# --- POP3 ---


def left(server):
    return sorted(text.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for text in server.texts())


@pytest.mark.parametrize("uidls", ["same", "others"])
def test_another_pop3_mailbox_is_asked_about_anew(tern, uidls):
    """Its mail is downloaded, also under UIDLs of the other one's and of the same size, and stays there; what was downloaded
    stays here."""
    with PopServer([mail("ada", 1), mail("ada", 2)]) as ada, PopServer([mail("bob", 1), mail("bob", 2)]) as bob:
        if uidls == "same":
            ada.uidls = bob.uidls = {1: "one", 2: "two"}
        tern.write(ada.account())
        tern.ok("sync", "--yes")
        assert left(ada) == []
        ada.reset()
        tern.write(bob.account().replace("ada@127", "bob@127"))
        assert "2 messages are here now and were also left on the server" in tern.ok("sync").err
        assert left(bob) == ["bob 1", "bob 2"]
        everything = subjects(tern)
        assert sorted(everything) == ["ada 1", "ada 2", "bob 1", "bob 2"]
        for subject, number in everything.items():
            assert f"hello from {subject[:3]}" in tern.ok("show", number).out
        tern.ok("sync")
        assert left(bob) == ["bob 1", "bob 2"]  # until it is answered
        tern.ok("sync", "--yes")
        assert left(bob) == []
        # Back again: what was known of it, and its answer, hold still, and nothing comes twice.
        tern.write(ada.account())
        tern.ok("sync")
        assert left(ada) == [] and subjects(tern) == everything


def test_a_line_of_the_log_that_a_kill_took_is_found_for_its_own_mailbox(tern):
    with PopServer([mail("ada", 1)]) as ada, PopServer([mail("bob", 1, "a longer subject")]) as bob:
        ada.uidls = bob.uidls = {1: "one"}
        tern.write(ada.account(keep_on_server="yes"))
        tern.ok("sync")
        tern.write(bob.account(keep_on_server="yes").replace("ada@127", "bob@127"))
        tern.ok("sync")
        log = tern.profile / "data/uidl/pop"
        log.write_bytes(b"".join(line for line in log.read_bytes().splitlines(True) if not line.startswith(b"+")))
        tern.ok("sync")
        assert [word.split()[0] for word in bob.said].count("RETR") == 1
        assert sorted(row["subject"] for row in tern.json("list").rows) == ["a longer subject", "ada 1"]


def test_another_port_is_the_same_pop3_mailbox(tern):
    with PopServer([mail("ada", 1)]) as one, PopServer([mail("ada", 1)]) as other:
        one.uidls = other.uidls = {1: "one"}
        tern.write(one.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        tern.write(other.account())
        tern.ok("sync")
        assert left(other) == [] and len(tern.json("list").rows) == 1


def test_what_was_deleted_here_reaches_the_mailbox_it_came_from(tern):
    """keep-on-server = until-deleted: also what is deleted for good while the account is another mailbox."""
    with PopServer([mail("ada", 1), mail("ada", 2)]) as ada, PopServer([mail("bob", 1)]) as bob:
        there = ada.account(keep_on_server="until-deleted")
        tern.write(there)
        tern.ok("sync", "--yes")
        tern.write(bob.account(keep_on_server="until-deleted").replace("ada@127", "bob@127"))
        tern.ok("sync", "--yes")
        for folder in ("INBOX", "Trash"):  # into the Trash, and for good
            tern.ok("--yes", "delete", subjects(tern, folder)["ada 1"])
        with contextlib.closing(sqlite3.connect(tern.profile / "data/store.db", timeout=20)) as store, store:
            store.execute("UPDATE journal SET not_before = 0 WHERE state < 2")  # the minute in which undo takes it back
        tern.ok("sync")
        assert not list((tern.profile / "data/mail/pop/.Trash/cur").iterdir())
        tern.ok("sync")
        assert (tern.profile / "data/uidl/pop.unwanted").read_bytes() == b""  # a visit to bob's took it
        assert left(ada) == ["ada 1", "ada 2"] and left(bob) == ["bob 1"]
        assert "ada 1" not in subjects(tern, "Trash")
        tern.write(there)
        tern.ok("sync")
        assert left(ada) == ["ada 2"]


def bytes_here(tern):
    return sorted(digest(path.read_bytes()) for path in (tern.profile / "data/mail/pop").glob("**/[cn]*/*")
                  if path.parent.name in ("cur", "new"))


def renamed(server, **keys):
    """The provider's new name for the same mailbox."""
    return server.account(**keys).replace("ada@127.0.0.1", "ada.lovelace@localhost")


def fetched(server):
    return sorted(line for line in server.said if line.startswith("RETR"))


def test_a_pop3_mailbox_of_another_name_is_not_downloaded_again(tern):
    """Nor asked about less: and back again it is still the same one."""
    with PopServer([mail("ada", n) for n in range(1, 7)]) as ada:
        tern.write(ada.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        ids, texts = subjects(tern), bytes_here(tern)
        tern.ok("archive", ids["ada 1"])
        ada.box[7] = mail("ada", 7)
        for config in (renamed(ada, keep_on_server="yes"), ada.account(keep_on_server="yes"), renamed(ada, keep_on_server="yes")):
            ada.said.clear()
            tern.write(config)
            tern.ok("sync")
            assert fetched(ada) in ([], ["RETR 7"]) and ada.said.count("TOP 1 0") <= 1
            ada.said.clear()
            tern.ok("sync")
            assert not [line for line in ada.said if line.startswith(("TOP", "RETR"))]
        assert len(bytes_here(tern)) == 7 and set(texts) < set(bytes_here(tern))
        assert {"ada 1": ids["ada 1"]} == subjects(tern, "Archive") and len(ada.texts()) == 7
        # The question was answered for the old name: for the new one nobody has.
        tern.write(renamed(ada))
        assert "7 messages are here now and were also left on the server" in tern.ok("sync").err
        assert len(ada.texts()) == 7
        tern.ok("sync", "--yes")
        assert ada.texts() == [] and len(bytes_here(tern)) == 7


def test_nothing_is_deleted_there_by_what_another_name_seems_to_be(tern):
    """--yes at once: what has the UIDL and size of a message of before, and is another one, comes; what is not here any more
    stays there."""
    with PopServer([mail("ada", n) for n in range(1, 7)]) as ada:
        tern.write(ada.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        for folder in ("INBOX", "Trash"):  # into the Trash, and for good
            tern.ok("--yes", "delete", subjects(tern, folder)["ada 2"])
        with contextlib.closing(sqlite3.connect(tern.profile / "data/store.db", timeout=20)) as store, store:
            store.execute("UPDATE journal SET not_before = 0 WHERE state < 2")
        tern.ok("sync")
        assert len(bytes_here(tern)) == 5
        ada.box[3] = mail("bob", 3)
        ada.said.clear()
        tern.write(renamed(ada))
        told = tern.ok("sync", "--yes").err
        assert "no comparison with what is here was possible" in told
        assert fetched(ada) == ["RETR 3"] and left(ada) == ["ada 2"]
        assert sorted(subjects(tern)) == ["ada 1", "ada 3", "ada 4", "ada 5", "ada 6", "bob 3"]


@pytest.mark.parametrize("known", [2, 3])
def test_half_of_it_has_to_be_the_same(tern, known):
    """By UIDL and size; the less is another mailbox, of which nothing is known."""
    with PopServer([mail("ada", n) for n in range(1, 7)]) as ada:
        tern.write(ada.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        for n in range(1, 7 - known):
            ada.box[n] = mail("bob", n, subject=f"a longer subject than before {n}")
        ada.said.clear()
        tern.write(renamed(ada, keep_on_server="yes"))
        tern.ok("sync")
        assert len(fetched(ada)) == (6 if known == 2 else 3)
        assert len([s for s in subjects(tern) if s.startswith("a longer")]) == 6 - known


def test_killed_while_a_mailbox_gets_another_name(tern):
    """The headers are looked at by the next visit then."""
    with PopServer([mail("ada", n) for n in range(1, 7)]) as ada:
        tern.write(ada.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        texts = bytes_here(tern)
        ada.box[4] = mail("bob", 4)

        def cut(connection, words):
            if words[0] == "TOP":
                raise OSError("cut")
            return False
        ada.fault = cut
        tern.write(renamed(ada, keep_on_server="yes"))
        assert tern("sync").status == 1
        ada.fault = None
        ada.said.clear()
        tern.ok("sync")
        assert fetched(ada) == ["RETR 4"]
        assert set(texts) < set(bytes_here(tern)) and len(bytes_here(tern)) == 7


def test_another_name_of_a_real_server(two, tern):
    for user in ("ada", "bob"):
        two.deliver(user, mail(user, 6))
    config = two.account("ada", "pop", incoming="pop3s", outgoing=None, keep_on_server="yes")
    tern.write(config)
    tern.ok("sync", "--yes")
    ids = subjects(tern)
    tern.write(config.replace("@localhost", "@127.0.0.1"))
    [row] = [row for row in tern.json("sync").rows if row["folder"] == "INBOX"]
    assert row["new"] == 0 and subjects(tern) == ids and len(bytes_here(tern)) == 6
    # Another user there is another mailbox.
    tern.write(two.account("bob", "pop", incoming="pop3s", outgoing=None, keep_on_server="yes"))
    tern.ok("sync")
    assert len(subjects(tern)) == 12 and len(bytes_here(tern)) == 12


# --- another kind ---


@pytest.fixture
def stranded(empty_server, tern):
    """An account that fetched three messages by POP3 and filed one; IMAP is to follow under its name."""
    empty_server.deliver("bob", mail("bob", 1))
    with PopServer([mail("ada", n) for n in (1, 2, 3)]) as ada:
        tern.write(ada.account("work"))
        tern.ok("sync", "--yes")
        tern.ok("archive", subjects(tern)["ada 1"])
        tern.ok("sync")
        yield empty_server, ada


def test_mail_that_only_pop3_brought_is_told_of_under_imap(stranded, tern):
    server, ada = stranded
    root = tern.profile / "data/mail/work"
    tern.write(server.account("bob", "work"))
    told = tern.ok("sync").err
    assert "“work” has 3 messages on this disk from before that no list shows" in told
    assert f"incoming = maildir:{root} shows them" in told
    assert list(subjects(tern)) == ["bob 1"]
    [row] = [row for row in tern.json("doctor").rows if "no list shows" in row["message"]]
    assert row["check"] == "work" and not row["ok"]
    # As it says.
    tern.write(server.account("bob", "work") + f"[account before]\naddress = ada@example.org\nincoming = maildir:{root}\n")
    assert "no list shows" not in tern.ok("sync").err
    assert sorted(subjects(tern, "before/INBOX")) == ["ada 2", "ada 3"] and list(subjects(tern, "before/Archive")) == ["ada 1"]
    assert "hello from ada" in tern.ok("show", subjects(tern, "before/INBOX")["ada 2"]).out
    assert not [row for row in tern.json("doctor").rows if "no list shows" in row["message"]]
    # Back again, nothing is lost or doubled.
    tern.write(ada.account("work"))
    assert "no list shows" not in tern.ok("sync").err
    assert sorted(subjects(tern)) == ["ada 2", "ada 3"]


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
def test_and_under_another_kind_on_this_disk(stranded, tern, tmp_path, kind):
    box = tmp_path / kind
    if kind == "maildir":
        for place in ("cur", "new", "tmp"):
            (box / place).mkdir(parents=True)
    tern.write(f"[account work]\naddress = ada@example.org\nincoming = {kind}:{box}\n")
    n = 3 if kind == "maildir" else 2  # an mbox account has its other folders there
    assert f"“work” has {n} messages on this disk" in tern.ok("sync").err
    assert not subjects(tern)
