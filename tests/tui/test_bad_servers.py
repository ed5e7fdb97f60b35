"""Servers and disks that are no good, as the screen shows them: the state in the status line, one sentence on the bottom
line, the whole of it by `why`; the keyboard stays the user's, and tern ends as always. (On the command line:
server/test_cli_errors.py; wrong passwords: test_attention.py.)"""
import re
import shutil
import socket

import pytest

from lib.genmail import Generator, write_maildir
from lib.program import NEEDS_OWN_MOUNTS, OWN_MOUNTS
from lib.terminal import Terminal
from lines import bottom, status, wait_for_status

AGAIN = r" ○ again (in|now)"
CERTIFICATE = r" ! certificate\?  W tells why"
GREETING = "S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready\n"
LOGIN = GREETING + "C: $A LOGIN * *\nS: $A OK [CAPABILITY IMAP4rev1 LITERAL+] in\n"


def account(incoming):
    return f"[account ada]\naddress = ada@example.org\nincoming = {incoming}\npassword = ada-secret\n"


def see(terminal, state, sentence):
    """The state, the sentence, the same by `why`; and that keys are answered all the while."""
    wait_for_status(terminal, state)
    terminal.wait_for(lambda: re.search(sentence, bottom(terminal)), what=sentence)
    terminal.send("W")
    terminal.wait("Connections")
    text = re.sub(r"\s*\n\s*", " ", terminal.text())
    assert re.search(sentence, text), text
    assert "secret" not in text and "\x1b" not in text
    terminal.send("q")
    terminal.wait_gone("Connections")
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit() == 0


@pytest.fixture
def refusing_port():
    with socket.socket() as taken:  # bound, so that nobody else listens there, and does not listen itself
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_unknown_host(tern, screen):
    tern.write(account("imaps://ada@no-such-host.invalid"))
    see(screen(80, 24), AGAIN, r"no-such-host\.invalid")


def test_refused(tern, screen, refusing_port):
    tern.write(account(f"imaps://ada@localhost:{refusing_port}"))
    see(screen(80, 24), AGAIN, f"localhost.*{refusing_port}.*refused")


def test_of_several_accounts_it_is_told_which(tern, screen, refusing_port, tmp_path):
    """The host alone does not say it: two accounts may have the same one."""
    tern.write(account(f"imaps://ada@localhost:{refusing_port}"),
               f"[account shelf]\naddress = bob@example.org\nincoming = maildir:{tmp_path}/Maildir\n")
    terminal = screen(80, 24)
    terminal.wait_for(lambda: re.search(f"ada: .*localhost.*{refusing_port}.*refused", bottom(terminal)), what="the account")
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit() == 0


@pytest.mark.parametrize("kind, sentence", [("expired", "expired"), ("wrong-host", "wrong host|is for"), ("self-signed", "self-signed"),
                                            ("not-yet", "only from 2048")])
def test_certificates(tern, make_server, screen, kind, sentence):
    tern.write(make_server(cert=kind).account("ada"))
    see(screen(100, 30), CERTIFICATE, sentence)


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_no_tls(tern, make_server, screen, scheme):
    server = make_server(plain_only=True)
    tern.write(account(f"{scheme}://ada@localhost:{server.ports['imap']}"))
    see(screen(80, 24), r" ! encryption\?  W tells why", "TLS")


@pytest.mark.parametrize("script, sentence", [
    ("S: * BYE come back later\n! close\n", "come back later"),
    ("S: \\x00\\xff<html>this is no mail server\\x1b[2J\n! close\n", "localhost|server"),
    ("S! 20000000 A\n! silent\n", "localhost|server|line"),
    (LOGIN + "C: $B *\nS: * LIST () \"/\" {4294967295}\nS! 100000 x\n! close\n", "localhost|server"),
], ids=["bye", "garbage", "endless", "4-gb"])
def test_what_it_says(tern, scripted, screen, script, sentence):
    server = scripted(script)
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    see(screen(80, 24), AGAIN, sentence)


def test_it_hangs(tern, scripted, screen):
    server = scripted("! silent\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    terminal = screen(80, 24)
    wait_for_status(terminal, " ◐ connecting")
    terminal.send("?")
    terminal.wait("Keys in the list")
    assert status(terminal).startswith(" ◐ connecting")
    terminal.send("q", ":quit<Enter>")
    assert terminal.wait_exit() == 0


@NEEDS_OWN_MOUNTS
def test_a_full_disk(tern, empty_server, tmp_path):
    write_maildir(tmp_path / "mail", Generator(seed=3, count=3000, plain=True))
    empty_server.fill("ada", "INBOX", tmp_path / "mail")
    tern.write(empty_server.account("ada"))
    shutil.copy(tern.conf, tmp_path / "tern.conf")
    mount = f'mount -t tmpfs -o size=900k,mode=700 none {tern.profile} && cp {tmp_path}/tern.conf {tern.profile}/ && exec "$@"'
    env = {**tern.env, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "exitcode=99"}
    with Terminal([*OWN_MOUNTS, "sh", "-c", mount, "sh", *tern.argv()], 80, 24, env=env) as terminal:
        terminal.wait(re.compile("full|No space left"), 60)
        terminal.send("jj?")
        terminal.wait("Keys in the list")
        terminal.send("q", ":quit<Enter>")
        assert terminal.wait_exit() == 0
