"""Lists of folders that no sound server sends: one folder whose name makes no sense, and more folders than tern takes,
lose no other folder; what is odd is said once. And what a server says again and again is told once."""
import pytest

from lib.ownimap import OwnImap

ODD = {"NUL": '() "/" {5}\r\na\x00b/c', "delimiter": '() "ab" two', "delimiter8": '() "\udce4" umlaut',
       "list": '() "/" (in list)', "attributes": 'x "/" odd', "nothing": "()", "long": '() "/" ' + "x" * 5000}
SAID = "what the IMAP server says of the folder “{}” makes no sense; that is passed over"
TWO = ['"/" INBOX', '"/" Work']


@pytest.fixture
def server():
    with OwnImap(folders=TWO) as own:
        yield own


def subjects(tern, folder):
    return [row["subject"] for row in tern.json("list", folder).rows]


@pytest.mark.parametrize("extended", [False, True], ids=["plain", "extended"])
@pytest.mark.parametrize("odd", ODD)
def test_one_odd_folder_loses_no_other(tern, server, odd, extended):
    if extended:
        server.answers["CAPABILITY"] = lambda talk: talk.ok("* CAPABILITY IMAP4rev1 LIST-EXTENDED")
    server.answers["LIST"] = lambda talk: talk.ok(f"* LIST () {TWO[0]}", f"* LIST {ODD[odd]}", f"* LIST () {TWO[1]}")
    server.answers["LSUB"] = lambda talk: talk.ok(f"* LSUB {ODD[odd]}", f"* LSUB () {TWO[1]}")
    tern.write(server.account())
    done = tern.ok("sync", "--trace", tern.profile / "trace")
    name = {"NUL": "a·b/c", "delimiter": "two", "delimiter8": "umlaut", "attributes": "odd"}.get(odd, "?")
    if odd == "long":
        name = "x" * 500 + "…"
    assert done.err.count("makes no sense") == 1 and SAID.format(name) in done.err, done
    assert [row["folder"] for row in tern.json("folders").rows] == ["INBOX", "Work"]
    assert len(subjects(tern, "INBOX")) == len(subjects(tern, "Work")) == 3


def test_a_known_folder_whose_line_is_odd_stays(tern, server):
    """With its rows and their numbers: it is there, as far as anybody knows."""
    tern.write(server.account())
    tern.ok("sync")
    ids = [row["id"] for row in tern.json("list", "Work").rows]
    server.answers["LIST"] = lambda talk: talk.ok(f"* LIST () {TWO[0]}", '* LIST () "ab" Work')
    assert "makes no sense" in tern.ok("sync").err
    assert [row["folder"] for row in tern.json("folders").rows] == ["INBOX", "Work"]
    assert [row["id"] for row in tern.json("list", "Work").rows] == ids
    server.answers["LIST"] = lambda talk: talk.ok(f"* LIST () {TWO[0]}")
    tern.ok("sync")
    assert [row["folder"] for row in tern.json("folders").rows] == ["INBOX"]


def test_numbers_of_one_folder_that_make_no_sense(tern, server):
    """Amidst LIST-STATUS: it is asked by SELECT then, as one of which nothing was told."""
    server.answers["CAPABILITY"] = lambda talk: talk.ok("* CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS")
    server.answers["LIST"] = lambda talk: talk.ok(
        f"* LIST () {TWO[0]}", "* STATUS INBOX (MESSAGES 99999999999)", f"* LIST () {TWO[1]}",
        "* STATUS {3}\r\na\x00b (MESSAGES 1)")
    tern.write(server.account())
    done = tern.ok("sync")
    assert "what the IMAP server says of the folder “INBOX” and 1 other makes no sense" in done.err, done
    assert len(subjects(tern, "INBOX")) == len(subjects(tern, "Work")) == 3


@pytest.mark.timeout(300)
def test_more_folders_than_are_taken(tern, server):
    """Of 100,001 the Inbox, though it comes last, those subscribed to, and the server's first."""
    many = "".join(f"* LIST (\\Noselect) \"/\" f{n}\r\n" for n in range(100000))
    server.answers["LIST"] = lambda talk: (talk.send(many), talk.ok('* LIST () "/" INBOX'))
    server.answers["LSUB"] = lambda talk: talk.ok('* LSUB () "/" f99998', '* LSUB () "/" INBOX')
    tern.write(server.account())
    done = tern.ok("sync", timeout=240)
    assert done.err.count("more folders than tern takes; 7500 are here") == 1, done
    names = [row["folder"] for row in tern.json("folders").rows]
    assert names[0] == "INBOX" and set(names[1:]) == {"f99998"} | {f"f{n}" for n in range(7498)}
    assert len(subjects(tern, "INBOX")) == 3


@pytest.mark.timeout(300)
def test_another_account_has_room_beside_it(tern, server):
    many = "".join(f"* LIST (\\Noselect) \"/\" f{n}\r\n" for n in range(9000))
    server.answers["LIST"] = lambda talk: (talk.send(many), talk.ok('* LIST () "/" INBOX'))
    with OwnImap(folders=TWO) as second:
        tern.write(server.account(), second.account().replace("[account own]", "[account second]"))
        tern.ok("sync", "own", timeout=240)
        tern.ok("sync", "second")
        assert len(subjects(tern, "own/INBOX")) == len(subjects(tern, "second/Work")) == 3


def test_an_alert_that_comes_again_is_told_once(tern, server):
    """For each folder, and for each EXAMINE of it, of which tern sends two where the first went ahead."""
    server.answers["EXAMINE"] = lambda talk: talk.send(f"{talk.tag} NO [ALERT] the disk is full\r\n")
    server.answers["NOOP"] = server.answers["LSUB"] = lambda talk: talk.ok("* OK [ALERT] another one")
    tern.write(server.account())
    done = tern("sync")
    assert done.status == 1 and sum("EXAMINE" in line for line in server.heard) > 1, server.heard
    assert done.err.count("the server says: the disk is full") == 1, done
    assert done.err.count("the server says: another one") == 1, done


def test_a_name_draws_no_line_of_its_own(tern, server, tmp_path):
    """In a pipe, too; --json has the name as it is."""
    odd = "a\n7 own/INBOX\x1b[31m\tb"
    server.folders[1] = f'"/" {{{len(odd)}}}\r\n{odd}'
    tern.write(server.account())
    done = tern.ok("sync", f"own/{odd}")
    exported = tern.ok("export", f"own/{odd}", tmp_path / "box")
    for out in (done.out, exported.out, tern.ok("folders").out):
        assert "\x1b" not in out and "\t" not in out and not any(line.startswith("7 own") for line in out.splitlines()), out
        assert "own/a 7 own/INBOX" in out, out
    assert odd in [row["folder"] for row in tern.json("folders").rows]
    server.answers["EXAMINE"] = lambda talk: talk.send(f"{talk.tag} NO no\r\n")
    failed = tern("sync", f"own/{odd}")
    assert failed.status == 1 and "\x1b" not in failed.err and not any(
        line.startswith("7 own") for line in failed.err.splitlines()), failed
