"""The engine's own affairs: what happens between its tasks when a connection goes."""
import time

import pytest

from lib.scripted import Script, ScriptedServer

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


@pytest.mark.threads
def test_connection_lost_while_a_message_is_fetched_within_a_sync(tern):
    """Two messages are asked for during a first sync, and the first FETCH ends the connection: the sync goes on over a
    new one, where the second is fetched."""
    first = (ENTER + LIST + EXAMINE.format(exists=5000) +
             "C~ (?P<p>\\S+) FETCH .*\n" + ROW.format(n=100, first="1000") + "S: $p OK x\n"
             "C~ (?P<w>\\S+) UID FETCH .*\nC~ (?P<x>\\S+) UID FETCH .*\n! wait 2.5\nS: $w OK x\nS: $x OK x\n"
             "C~ (?P<b>\\S+) UID FETCH \\d+ .*\n! reset\n")
    second = (ENTER + LIST + EXAMINE.format(exists=5000) + "C~ (?P<b>\\S+) UID FETCH (?P<u>\\d+) .*\n"
              'S: * 1 FETCH (UID $u BODY[] {18}\\r\\nSubject: hello\\r\\n\\r\\n)\nS: $b OK x\n')
    script = Script(f"{first}== connection\n{second}== connection\nS: * BYE enough\n! close\n")
    with ScriptedServer(script) as server:
        tern.write(f"[account ada]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:{server.port}\n"
                   "password = p\n")
        sync = tern.start("sync", "--json")
        end = time.monotonic() + 10
        while not tern.json("list", "INBOX", "--limit", "2").rows and time.monotonic() < end:
            time.sleep(0.1)
        ids = [row["id"] for row in tern.json("list", "INBOX", "--limit", "2").rows]
        shows = [tern.start("show", str(one)) for one in ids]
        assert sorted(show.wait(30) for show in shows) == [0, 1]
        out, err = sync.communicate(timeout=30)
        assert sync.returncode == 1 and "Sanitizer" not in str(err), err
        assert "network" in str(err)
        assert server.faults == []
