"""POP3 against real servers, Dovecot and Cyrus, and against scripted ones where a real one cannot be had: logging in, TLS, and
messages byte for byte."""
import hashlib
import imaplib
import ssl
import subprocess

import pytest

from lib.mailserver import MailServer
from lib.program import PROGRAM
from lib.talk import Talk

# Stuffing, empty lines, 8-bit text, a line of 1,500 bytes, and a message without a body.
TEXTS = [b"From: a@example.org\nMessage-ID: <1@x>\nSubject: dots\n\n.\n..\n.two\n\n...\n",
         "From: a@example.org\nMessage-ID: <2@x>\nSubject: eight bits\n\nzwölf\n".encode(),
         b"From: a@example.org\nMessage-ID: <3@x>\nSubject: long\n\n" + b"x" * 1500 + b"\n",
         b"From: a@example.org\nMessage-ID: <4@x>\nSubject: empty\n\n"]


@pytest.fixture(scope="session")
def program():
    made = subprocess.run(["make", "-s", "-C", PROGRAM.parent, "tests/lib/pop3-talk"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return PROGRAM.parent / "tests/lib/pop3-talk"


@pytest.fixture
def dovecot():
    with MailServer() as server:
        for text in TEXTS:
            server.deliver("ada", text)
        yield server


def messages_of(lines):
    """What "take" printed of whole messages: number to text."""
    found = {}
    for line in lines:
        head, _, text = line.partition(": ")
        words = head.split()
        if words[0].isdigit() and len(words) == 4:
            found[int(words[0])] = text.encode().decode("unicode_escape").encode("latin-1")
    return found


@pytest.mark.parametrize("security, port", [("tls", "pop3s"), ("starttls", "pop3")])
def test_dovecot(dovecot, program, security, port):
    with Talk(program, dovecot.ports[port], dovecot.ca_file, security) as talk:
        assert talk.ok("login-safely", "ada", dovecot.users["ada"]) == ["by SCRAM-SHA-256"]
        rows = talk.ok("survey")
        assert rows[-1] == "4"
        assert len({row.split()[2] for row in rows[:-1]}) == 4
        assert ", pipelining, top" in talk.ok("about")[0]
        taken = talk.ok("take", "t1", "r4", "r3", "r2", "r1")
        assert taken[0].startswith("1h ") and "dots" in taken[0]
        assert [messages_of(taken)[n] for n in (1, 2, 3, 4)] == TEXTS
        # LIST says what comes.
        octets = {int(row.split()[0]): int(row.split()[1]) for row in rows[:-1]}
        assert octets == {n: len(text.replace(b"\n", b"\r\n")) for n, text in enumerate(TEXTS, 1)}
        # The header's hash is the same by TOP and by RETR.
        assert taken[0].split()[3] == taken[4].split()[3]
        talk.ok("take", "d1", "d3")
    # Without QUIT nothing is deleted.
    with Talk(program, dovecot.ports[port], dovecot.ca_file, security) as talk:
        talk.ok("login-safely", "ada", dovecot.users["ada"])
        assert talk.ok("survey")[-1] == "4"
        talk.ok("take", "d1", "d3")
        talk.ok("quit")
    with Talk(program, dovecot.ports[port], dovecot.ca_file, security) as talk:
        talk.ok("login-safely", "ada", dovecot.users["ada"])
        assert talk.ok("survey")[-1] == "2"
        assert messages_of(talk.ok("take", "r1", "r2")) == {1: TEXTS[1], 2: TEXTS[3]}


def test_dovecot_refuses(dovecot, program):
    with Talk(program, dovecot.ports["pop3s"], dovecot.ca_file) as talk:
        last = talk("login-safely", "ada", "wrong")[-1]
        assert last.startswith("error auth AUTH (wait 0 s): not let in as ada at ")
        # The session goes on.
        talk.ok("login-safely", "ada", dovecot.users["ada"])


def test_cyrus(cyrus, program):
    with Talk(program, cyrus.ports["pop3s"], cyrus.ca_file) as talk:
        assert talk.ok("login-safely", cyrus.user, cyrus.password) == ["by SCRAM-SHA-256-PLUS"]
        before = int(talk.ok("survey")[-1])
        talk.ok("quit")
    context = ssl.create_default_context(cafile=str(cyrus.ca_file))
    with imaplib.IMAP4_SSL("localhost", cyrus.ports["imaps"], ssl_context=context) as client:
        client.login(cyrus.user, cyrus.password)
        for text in TEXTS:
            assert client.append("INBOX", "", None, text.replace(b"\n", b"\r\n"))[0] == "OK"
    with Talk(program, cyrus.ports["pop3"], cyrus.ca_file, "starttls") as talk:
        talk.ok("login-safely", cyrus.user, cyrus.password)
        rows = talk.ok("survey")
        assert rows[-1] == str(before + 4)
        assert "pipelining" in talk.ok("about")[0]
        numbers = [int(row.split()[0]) for row in rows[:-1]][-4:]
        found = messages_of(talk.ok("take", *(f"r{n}" for n in numbers)))
        assert [hashlib.sha256(found[n]).hexdigest() for n in numbers] == [hashlib.sha256(t).hexdigest() for t in TEXTS]
        talk.ok("take", *(f"d{n}" for n in numbers))
        talk.ok("quit")
    with Talk(program, cyrus.ports["pop3s"], cyrus.ca_file) as talk:
        talk.ok("login-safely", cyrus.user, cyrus.password)
        assert talk.ok("survey")[-1] == str(before)


APOP = """S: +OK POP3 <1896.697170952@dbc.mtview.ca.us>
C: CAPA
S: +OK
S: TOP
S: .
C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
S: +OK in
"""


def test_apop_under_tls(scripted, authority, program):
    """RFC 1939's own example."""
    server = scripted(APOP, tls=authority.server_context())
    with Talk(program, server.port, authority.ca_file) as talk:
        assert talk.ok("login-safely", "mrose", "tanstaaf") == ["by APOP"]
    server.check()


STLS = """S: +OK POP3 <1896.697170952@dbc.mtview.ca.us>
C: STLS
S: +OK begin
! starttls
C: CAPA
S: +OK
S: USER
S: .
C: USER mrose
S: +OK
C: PASS tan staaf
S: +OK in
"""


def test_stls_then_user(scripted, authority, program):
    """What was said before TLS counts no more: CAPA comes after it, and its time stamp is not used."""
    server = scripted(STLS, starttls=authority.server_context())
    with Talk(program, server.port, authority.ca_file, "starttls") as talk:
        assert talk.ok("login-safely", "mrose", "tan", "staaf") == ["by USER command"]
    server.check()


def test_stls_keeps_no_timestamp(scripted, authority, program):
    """A stamp that came without protection could have been chosen to find the password out."""
    server = scripted(STLS.replace("S: USER\n", "").split("C: USER")[0], starttls=authority.server_context())
    with Talk(program, server.port, authority.ca_file, "starttls") as talk:
        assert talk("login-safely", "mrose", "tanstaaf")[-1].startswith("error auth: localhost offers no login")
    server.check()
