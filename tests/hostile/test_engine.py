"""The engine against servers that do what none should."""
import threading
import time
from pathlib import Path

from lib.mailserver import wait_until
from lib.scripted import Script, ScriptedServer


def peers(tern):
    """How many processes are connected with the one that has the profile's engine."""
    rows = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    return sum(row[5] == "03" and row[-1].startswith(f"{tern.profile}/") for row in rows)


def wait_for_requests(tern, count):
    """Until so many have come to the one that has the engine, and what they ask for is read."""
    assert wait_until(lambda: peers(tern) >= count, 60)
    time.sleep(1)


def test_the_link_is_lost_by_a_task_within_a_sync(tern, own_imap):
    """A message asked for during a sync, and the server hangs up on it: the sync goes on over another."""
    server = own_imap()
    tern.write(server.account())
    tern.ok("sync")
    usual, is_selected, go_on = server.answers["EXAMINE"], threading.Event(), threading.Event()

    def examine(talk):
        is_selected.set()
        go_on.wait(60)
        usual(talk)

    def fetch(talk):
        if "BODY.PEEK[]" in talk.words:
            talk.close()
        server._fetch(talk)
    server.answers.update({"EXAMINE": examine, "UID FETCH": fetch})
    syncing = tern.start("sync", "--json")
    assert is_selected.wait(60)
    showing = tern.start("show", "1")
    wait_for_requests(tern, 1)
    go_on.set()
    try:
        out, err = syncing.communicate(timeout=60)
        assert syncing.returncode == 0, (syncing.returncode, out, err)
    finally:
        for process in (syncing, showing):
            process.kill()
            process.communicate()
    assert any("BODY.PEEK[]" in line for line in server.heard)
    tern.check_sanitizers()


ENTER = """S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready
C~ (?P<a>\\S+) LOGIN .*
S: $a OK [CAPABILITY IMAP4rev1 LITERAL+] in
"""
EXAMINE = """C~ (?P<s>\\S+) EXAMINE .*
S: * {exists} EXISTS
S: * OK [UIDVALIDITY 1] x
S: * OK [UIDNEXT 2000000] x
S: $s OK [READ-ONLY] x
"""
LIST = """C~ (?P<l>\\S+) LIST .*
S: * LIST () "/" INBOX
S: $l OK x
C~ (?P<m>\\S+) LSUB .*
S: * LSUB () "/" INBOX
S: $m OK x
"""
ROW = ('S* {n} * $n FETCH (UID {first}$n FLAGS () INTERNALDATE "17-Jul-2024 02:44:25 +0000" RFC822.SIZE 40 '
       'BODY[HEADER.FIELDS (X)] {{18}}\\r\\nSubject: hello\\r\\n\\r\\n BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2 1))\n')


def test_two_messages_wait_and_the_first_loses_the_link(tern):
    """Two messages are asked for during a first sync, and the first FETCH ends the connection: the sync goes on over a
    new one, where the second is fetched."""
    first = (ENTER + EXAMINE.format(exists=5000) + LIST +
             "C~ (?P<p>\\S+) FETCH .*\n" + ROW.format(n=100, first="1000") + "S: $p OK x\n"
             "C~ (?P<w>\\S+) UID FETCH .*\nC~ (?P<x>\\S+) UID FETCH .*\n! hold\nS: $w OK x\nS: $x OK x\n"
             "C~ (?P<b>\\S+) UID FETCH \\d+ .*\n! reset\n")
    second = (ENTER + LIST + EXAMINE.format(exists=5000) + "C~ (?P<b>\\S+) UID FETCH (?P<u>\\d+) .*\n"
              'S: * 1 FETCH (UID $u BODY[] {18}\\r\\nSubject: hello\\r\\n\\r\\n)\nS: $b OK x\n')
    script = Script(f"{first}== connection\n{second}== connection\nS: * BYE enough\n! close\n")
    with ScriptedServer(script) as server:
        tern.write(f"[account ada]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:{server.port}\n"
                   "password = p\n")
        sync = tern.start("sync", "--json")
        assert wait_until(lambda: tern.json("list", "INBOX", "--limit", "2").rows, 60)
        ids = [row["id"] for row in tern.json("list", "INBOX", "--limit", "2").rows]
        shows = [tern.start("show", str(one)) for one in ids]
        wait_for_requests(tern, 2)
        server.go_on()
        assert sorted(show.wait(60) for show in shows) == [0, 1]
        out, err = sync.communicate(timeout=60)
        assert sync.returncode == 1 and "Sanitizer" not in str(err), err
        assert "network" in str(err)
        assert server.faults == []


def test_uids_that_jump(tern, own_imap):
    """One new message whose UID lies three thousand million above the last one is found by a few commands."""
    server, newest = own_imap(), 3_000_000_000
    tern.write(server.account())
    tern.ok("sync")
    usual = server.answers["UID FETCH"]

    def fetch(talk):
        ends = talk.words.split(" ")[0].split(":")
        usual(talk) if ends[0] == "1" else talk.ok(*(
            [f'* 4 FETCH (UID {newest} FLAGS () RFC822.SIZE 9 BODY[HEADER.FIELDS (X)] {{4}}\r\n\r\n\r\n)']
            if int(ends[0]) <= newest and ends[1] in ("*", str(newest)) else []))
    server.answers.update({"UID FETCH": fetch, "EXAMINE": lambda talk: talk.ok(
        "* 4 EXISTS", "* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {newest + 1}] x")})
    server.heard.clear()
    tern.ok("sync")
    assert {row["uid"] for row in tern.json("list", "INBOX").rows} == {1, 2, 3, newest}
    assert len(server.heard) < 60, len(server.heard)
