"""The ground the other tests stand on does what its manuals say."""
import imaplib
import os
import poplib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time

import pytest

from lib import stacks
from lib.certs import KINDS
from lib.genmail import Generator
from lib.mailserver import MailServer, answers
from lib.program import Process, Tern
from lib.scripted import Script
from lib.terminal import Terminal


def trusting(server):
    return ssl.create_default_context(cafile=str(server.ca_file))


def test_generated_mail_is_the_same_for_the_same_seed():
    first = [m.raw for m in Generator(seed=5, count=200)]
    assert first == [m.raw for m in Generator(seed=5, count=200)]
    assert first != [m.raw for m in Generator(seed=6, count=200)]


def test_the_server_has_the_mail_it_was_given(server, mail):
    with server.imap("ada") as client:
        assert client.select("INBOX", readonly=True) == ("OK", [str(len(mail.meanings)).encode()])
        _, rows = client.fetch("1:*", "(RFC822.SIZE FLAGS)")
        sizes = [int(re.search(rb"RFC822.SIZE (\d+)", row)[1]) for row in rows]
        assert sorted(sizes) == sorted(m["size"] for m in mail.meanings)
        seen = sum(b"\\Seen" in row for row in rows)
        assert seen == sum("S" in m["flags"] for m in mail.meanings)
        assert any("H&AOQ-user" in line.decode() for line in client.list()[1])


def test_imap_and_pop3_with_tls(server, mail):
    client = imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=trusting(server))
    client.login("ada", server.users["ada"])
    client.logout()
    pop = poplib.POP3_SSL("127.0.0.1", server.ports["pop3s"], context=trusting(server))
    pop.user("ada")
    pop.pass_(server.users["ada"])
    assert pop.stat()[0] == len(mail.meanings)
    pop.quit()


@pytest.mark.parametrize("kind", ["smtps", "submission"])
def test_what_is_sent_is_kept_and_delivered(empty_server, kind):
    server = empty_server
    if kind == "smtps":
        client = smtplib.SMTP_SSL("127.0.0.1", server.ports[kind], context=trusting(server))
    else:
        client = smtplib.SMTP("127.0.0.1", server.ports[kind])
        client.ehlo()
        assert not client.has_extn("auth")
        client.starttls(context=trusting(server))
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("ada", "wrong")
    client.login("ada", server.users["ada"])
    refused = client.sendmail("ada@example.org", ["bob@example.org", "refuse@example.org"], b"Subject: x\r\n\r\n.dot\r\n")
    assert list(refused) == ["refuse@example.org"]
    client.quit()
    assert [(s.recipients, s.data) for s in server.sink.sent()] == [(["bob@example.org"], b"Subject: x\r\n\r\n.dot\r\n")]
    with server.imap("bob") as client:
        assert client.select("INBOX") == ("OK", [b"1"])


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "good"])
def test_wrong_certificates_are_wrong(authority, scripted, kind):
    server = scripted("S: * OK\n", tls=authority.server_context(kind))
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", server.port)) as s:
        context.wrap_socket(s, server_hostname="localhost")


def test_a_server_with_an_expired_certificate(make_server):
    server = make_server(cert="expired")
    with pytest.raises(ssl.SSLError, match="expired"):
        imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=trusting(server))


def test_a_server_can_have_less(make_server):
    server = make_server(without=("MOVE", "NOTIFY"))
    with server.imap("ada") as client:
        names = client.capability()[1][0].split()
        assert b"MOVE" not in names and b"NOTIFY" not in names and b"IDLE" in names


def test_a_server_without_tls(make_server):
    server = make_server(plain_only=True)
    assert set(server.ports) == {"imap", "pop3", "submission"}
    with server.imap("ada") as client:
        assert b"STARTTLS" not in client.capability()[1][0]


def test_frozen_and_thawed(empty_server):
    empty_server.freeze()
    with pytest.raises(TimeoutError):
        imaplib.IMAP4("127.0.0.1", empty_server.ports["imap"], timeout=0.3)
    empty_server.thaw()
    with empty_server.imap("ada") as client:
        assert client.noop()[0] == "OK"


def test_stopped_it_leaves_nothing():
    server = MailServer().start()
    folder, ports, pids = server.folder, dict(server.ports), server.pids()
    server.close()
    assert not folder.exists()
    assert not any(answers(port) for port in ports.values())
    time.sleep(0.1)
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}/cmdline")
                and b"dovecot" in open(f"/proc/{pid}/cmdline", "rb").read()]


CONVERSATION = Script(r"""
S: * OK ready \xe2\x82\xac €
C: $A LOGIN * "pass*"
S* 3 * $n EXISTS
S: $A OK $$5
C~ (?P<B>\w+) (LOGOUT|NOOP)
S: $B OK bye
! close
""")
COMMANDS = b'x1 login ada "password"\r\nx2 NOOP\r\n'


def play(server, lines):
    """A client that sends lines and returns all it hears until the end."""
    with socket.create_connection(("127.0.0.1", server.port), 2) as s:
        s.sendall(lines)
        heard = b""
        try:
            while data := s.recv(65536):
                heard += data
        except ConnectionResetError:  # cut while our words were on their way
            pass
        return heard


@pytest.mark.parametrize("drip", [False, True])
def test_scripted_conversation(scripted, drip):
    server = scripted(CONVERSATION, drip=drip)
    heard = play(server, COMMANDS)
    assert heard == "* OK ready € €\r\n* 1 EXISTS\r\n* 2 EXISTS\r\n* 3 EXISTS\r\nx1 OK $5\r\nx2 OK bye\r\n".encode()
    server.check()


def test_scripted_faults_are_told(scripted):
    server = scripted(CONVERSATION)
    assert play(server, b"x1 SELECT x\r\n").startswith(b"* OK ready")
    with pytest.raises(AssertionError, match=r"script:3: wanted: \$A LOGIN .*\n.*x1 SELECT x"):
        server.check()


def test_scripted_unfinished_is_told(scripted):
    server = scripted(CONVERSATION)
    with pytest.raises(AssertionError, match="0 of 1"):
        server.check(timeout=0.1)


@pytest.mark.parametrize("n", range(len(CONVERSATION)))
def test_scripted_cut_after(scripted, n):
    heard = play(scripted(CONVERSATION, cut_after=n), COMMANDS)
    lines = [b"* OK", b"* 1 EXISTS", b"x1 OK", b"x2 OK"]
    assert all(line not in heard for line in lines[n:])


@pytest.mark.parametrize("n", range(len(CONVERSATION)))
def test_scripted_silent_after(scripted, n):
    server = scripted(CONVERSATION, silent_after=n)
    heard = b""
    with pytest.raises(TimeoutError), socket.create_connection(("127.0.0.1", server.port), 0.3) as s:
        s.sendall(COMMANDS)
        while True:
            heard += s.recv(65536)
    assert [line in heard for line in (b"* OK", b"* 1 EXISTS", b"x1 OK", b"x2 OK")] == [i < n for i in range(4)]


def test_scripted_starttls(scripted, authority):
    server = scripted("S: * OK\nC: a STARTTLS\nS: a OK\n! starttls\nC: b NOOP\nS: b OK\n",
                      starttls=authority.server_context())
    with socket.create_connection(("127.0.0.1", server.port), 2) as s:
        assert s.recv(100) == b"* OK\r\n"
        s.sendall(b"a STARTTLS\r\n")
        assert s.recv(100) == b"a OK\r\n"
        context = ssl.create_default_context(cafile=str(authority.ca_file))
        with context.wrap_socket(s, server_hostname="localhost") as t:
            t.sendall(b"b NOOP\r\n")
            assert t.recv(100) == b"b OK\r\n"
    server.check()


def test_terminal_shows_what_a_terminal_would():
    shell = (r"printf 'ab\033[3bX\033]52;c;aGk=\007Y\033_Gf\033\\Z\033[>4;1m|\n'; printf '\033[?1049hother'; read x;"
             r"printf '\033[?1049l'; read x; kill -STOP $$; read x")
    with Terminal(["sh", "-c", shell], 40, 5) as t:
        t.wait("other")
        assert "abbbb" not in t.text()
        t.send("<Enter>")
        t.wait("abbbbXYZ|")
        t.send("<Enter>")
        t.wait_for(t.is_stopped)
        assert t.rss_kb() > 100


def test_terminal_hangs_up():
    with Terminal(["cat"]) as t:
        t.send("hello")
        t.wait("hello")
        t.hangup()
        assert t.wait_exit() in (-1, 1)  # the signal, or the end of file that comes with it


def test_terminal_times_keys():
    with Terminal(["sh", "-c", "read line; stty -echo; echo ready; sleep 9"]) as t:
        assert t.key_time("x") < 0.5
        t.send("<Enter>")
        t.wait("ready")
        assert t.key_time("x", timeout=0.2) is None


@pytest.fixture
def hanging(tmp_path):
    """A program that never ends, called as tern is; it has two threads, and tells by a file that both run."""
    program = tmp_path / "hanging"
    program.write_text(f"#!{sys.executable}\nimport pathlib, sys, threading, time\n"
                       "threading.Thread(target=lambda: time.sleep(1000), daemon=True).start()\n"
                       "pathlib.Path(sys.argv[2], 'runs').touch()\n"
                       "print('so far', flush=True)\ntime.sleep(1000)\n")
    program.chmod(0o700)
    return Tern(tmp_path / "profile", program)


def wait_for_file(path):
    while not path.exists():  # pytest's time-out is the end of it
        time.sleep(0.01)


@pytest.mark.parametrize("has_gdb", [True, False])
def test_what_a_program_does_that_does_not_end(hanging, monkeypatch, capsys, has_gdb):
    process = hanging.start("sync")
    try:
        wait_for_file(hanging.profile / "runs")
        if not has_gdb:
            monkeypatch.setattr(stacks.shutil, "which", lambda name: None)
        elif not stacks.from_gdb(process.pid):
            pytest.skip("machine: gdb is not there, or may not look into a process")
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.1)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    out = capsys.readouterr().out
    assert f"sync (process {process.pid}) has not ended" in out and out.count("has not ended") == 1
    assert len(re.findall(r"^Thread \d+ \(", out, re.M)) == 2, out
    assert re.search(r"^#\d+ +0x" if has_gdb else r"^  State:", out, re.M), out


def test_a_call_that_does_not_end_is_killed_and_told(hanging, capsys):
    with pytest.raises(subprocess.TimeoutExpired):
        hanging("list", timeout=0.5)
    assert "list (process" in (out := capsys.readouterr().out)
    pid = int(re.search(r"\(process (\d+)\) has not ended", out)[1])
    assert not os.path.exists(f"/proc/{pid}")


def test_a_screen_that_does_not_end_is_told(hanging, capsys):
    with hanging.terminal() as t:
        t.wait("so far", timeout=60)
        with pytest.raises(TimeoutError):
            t.wait_exit(0.1)
        assert f"(process {t.process.pid}) has not ended" in capsys.readouterr().out


def test_another_one_that_keeps_the_output_open_is_told(capsys):
    process = Process(["sh", "-c", "sleep 1000 & echo $!"], stdout=subprocess.PIPE)
    process.wait()
    sleeper = int(process.stdout.readline())
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.1)
    finally:
        os.kill(sleeper, 9)
    assert "another one keeps it open" in capsys.readouterr().out
