"""COMPRESS=DEFLATE: asked for without a round trip of its own, after the login, and only where it pays."""
import json
import os
import re
import socket
import threading
import zlib

import pytest

from lib.filter import Filter
from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.mailserver import MailServer
from lib.program import Tern

COUNT = 400


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mail")
    write_maildir(folder, Generator(seed=21, count=COUNT))
    with MailServer() as server:
        server.fill("ada", "INBOX", folder)
        yield server


def account_over(server, port, **keys):
    text = server.account("ada", keep_offline="headers", **keys)
    return re.sub(r"(?m)^(incoming = \w+://ada@[^:]+):\d+", rf"\g<1>:{port}", text)


def first_sync(make_tern, server, name, **keys):
    tern = make_tern(name)
    with Link(server.ports["imaps"]) as link:
        tern.write(account_over(server, link.port, **keys))
        tern.ok("--trace", tern.profile / "trace", "sync")
        trace = (tern.profile / "trace").read_text(encoding="utf-8", errors="surrogateescape")
        return tern, link, trace


@pytest.fixture
def make_tern(tern, profile):
    return lambda name: Tern(profile / name)


def listed(tern):
    return sorted(json.dumps({k: v for k, v in row.items() if k not in ("id", "thread")}, sort_keys=True)
                  for row in tern.json("--offline", "list", "--limit", "100000").rows)


def test_fewer_bytes_and_no_more_turns(mailbox, make_tern):
    plain, plain_link, plain_trace = first_sync(make_tern, mailbox, "plain", compress="no")
    small, small_link, small_trace = first_sync(make_tern, mailbox, "small", compress="yes")
    assert "COMPRESS DEFLATE" in small_trace and "COMPRESS DEFLATE" not in plain_trace
    assert listed(small) == listed(plain) and len(listed(small)) == COUNT
    assert small_link.down < plain_link.down * 0.5, (small_link.down, plain_link.down)
    assert small_link.turns <= plain_link.turns, (small_link.turns, plain_link.turns)
    # The trace goes on showing the text, and never a password.
    after = small_trace.split("COMPRESS DEFLATE", 1)[1]
    assert "UID FETCH" in after and mailbox.users["ada"] not in small_trace


def test_behind_the_login(mailbox, make_tern):
    _, _, trace = first_sync(make_tern, mailbox, "small", compress="yes")
    where = [re.search(word, trace).start() for word in (r"> \(secret\)", "List completed", "Begin compression",
                                                            "UID FETCH")]
    assert where == sorted(where)
    assert trace.count("COMPRESS DEFLATE") == 1


def test_not_on_this_machine_by_itself(mailbox, make_tern):
    _, _, trace = first_sync(make_tern, mailbox, "auto")
    assert "COMPRESS DEFLATE" not in trace


def test_a_server_that_lost_it(mailbox, tern):
    with Filter(mailbox.ports["imap"], ("COMPRESS",)) as less:
        tern.write(re.sub(r"(?m)^incoming = .*", f"incoming = imap://ada@127.0.0.1:{less.port}",
                          mailbox.account("ada", incoming="imap", compress="yes", keep_offline="headers")))
        tern.ok("sync")
        assert less.said("LIST") and not less.said("COMPRESS")
    assert len(listed(tern)) == COUNT


def test_behind_a_list_of_thousands_on_a_slow_link(make_server, make_tern):
    """Dovecot sends a long answer in pieces: none of them may come before COMPRESS is agreed to and be taken for what
    comes after it."""
    server = make_server()
    names = [f"Project {n:04d} with a name that takes its room" for n in range(600)]
    server.create_many("ada", names)
    tern = make_tern("many")
    with Link(server.ports["imaps"], delay_ms=20, rate=200_000) as link:
        tern.write(account_over(server, link.port, compress="yes"))
        tern.ok("--trace", tern.profile / "trace", "sync", "ada/INBOX")
    assert "COMPRESS DEFLATE" in (tern.profile / "trace").read_text(encoding="utf-8", errors="surrogateescape")
    found = {f["folder"] for f in tern.json("--offline", "folders").rows}
    assert set(names) <= found


def test_live_over_it(mailbox, make_tern):
    """IDLE and NOTIFY on a compressed connection, with news."""
    server, tern = mailbox, make_tern("live")
    tern.write(server.account("ada", compress="yes", keep_offline="headers"))
    with tern.terminal(80, 24) as screen:
        screen.wait("live", timeout=60)
        server.deliver("ada", b"From: bob@example.org\nSubject: squeezed news\nMessage-ID: <squeezed@example.org>\n\nx\n")
        screen.wait("squeezed news", timeout=60)
    server.doveadm("expunge", "-u", "ada", "mailbox", "INBOX", "HEADER", "Message-ID", "squeezed")


class Bomber(threading.Thread):
    """A server that agrees to COMPRESS, and sends what becomes `megabytes` of one line."""

    def __init__(self, start, megabytes):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        pack = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.bomb = pack.compress(start) + b"".join(pack.compress(b"A" * (1 << 20)) for _ in range(megabytes))
        self.bomb += pack.flush(zlib.Z_SYNC_FLUSH)

    @staticmethod
    def lines(connection):
        try:
            yield from connection.makefile("rb")
        except OSError:
            pass  # the client has had enough

    def run(self):
        connection, _ = self.listener.accept()
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        for line in self.lines(connection):
            tag, command = line.split()[:2]
            if command == b"AUTHENTICATE":
                connection.sendall(tag + b" OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in\r\n")
            elif command == b"COMPRESS":
                try:
                    connection.sendall(tag + b" OK begin\r\n" + self.bomb)
                except OSError:
                    pass
            # nothing else is answered: the client waits for its LIST


@pytest.mark.parametrize("start", [b"* OK ", b'* LIST () "/" "', b'* LIST () "/" {900000000}\r\n', b"* 1 FETCH (FLAGS (", b"("])
def test_a_bomb(tern, start):
    bomber = Bomber(start, 600)
    bomber.start()
    tern.write(f"[account ada]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:{bomber.port}\n"
               "password = x\ncompress = yes\n")
    process = tern.start("--json", "sync")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 1, (out, err)
    errors = [json.loads(line) for line in (out + err).decode().splitlines() if line.startswith("{")]
    kinds = {row["error"]["kind"] for row in errors if isinstance(row.get("error"), dict)}
    assert kinds and kinds <= {"limit", "protocol"}, (out, err)
    # What is unpacked does not pile up; a sanitizer takes room of its own.
    assert used.ru_maxrss * 1024 < 400 << 20
