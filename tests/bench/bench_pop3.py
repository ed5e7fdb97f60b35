"""A POP3 mailbox downloaded over TLS, each message durable: beside mpop in the same run, and beside a client that only reads, where
the link is slow; and a visit that finds nothing new."""
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

from common import RATE, folder, row
from lib.link import Link
from lib.mailserver import MailServer
from lib.program import Tern

COUNT = int(os.environ.get("BENCH_POP3_MESSAGES", 10_000))
FAR, DELAY_MS = COUNT // 5, 20  # messages behind a link of 40 ms there and back


def fill(path, server, user, count):
    """Messages of 5 KB."""
    for part in ("cur", "new", "tmp"):
        (path / "mail" / part).mkdir(parents=True)
    body = ("x" * 70 + "\n") * 68
    for n in range(count):
        (path / "mail/new" / f"{1790000000 + n}.M{n}P1.bench").write_text(
            f"From: Bob <bob@example.org>\nTo: ada@example.org\nSubject: message {n}\n"
            f"Date: Mon, 30 Nov 2026 10:00:00 +0000\nMessage-ID: <{n}@bench.example>\n\n{body}")
    server.fill(user, "INBOX", path / "mail")
    with server.imap(user) as client:  # the server's first look is not measured
        client.select("INBOX", readonly=True)
        client.fetch("1:*", "(RFC822.SIZE UID)")


def ours(path, server, user="ada", port=None, visits=(COUNT, 0)):
    tern = Tern(path / "tern")
    text = server.account(user, "pop", incoming="pop3s", outgoing=None, keep_on_server="yes")
    tern.write(text.replace(f":{server.ports['pop3s']}", f":{port}") if port else text)
    times = []
    for new in visits:
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        found = [r for r in tern.json("sync", timeout=600).rows if r["folder"] == "INBOX"][0]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert found["new"] == new, found
        times.append((time.monotonic() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found["bytes"]))
    return times


def mpop(path, server, user="ada", port=None, count=COUNT):
    for part in ("cur", "new", "tmp"):
        (path / "mpop" / part).mkdir(parents=True)
    begin = time.monotonic()
    done = subprocess.run(["mpop", "--host=localhost", f"--port={port or server.ports['pop3s']}", "--tls=on", "--tls-starttls=off",
                           f"--tls-trust-file={server.ca_file}", f"--user={user}", f"--passwordeval=echo {server.users[user]}",
                           f"--uidls-file={path}/uidls", "--keep=on", f"--delivery=maildir,{path}/mpop"],
                          capture_output=True, text=True)
    seconds = time.monotonic() - begin
    assert done.returncode == 0 and len(os.listdir(path / "mpop/new")) == count, done.stderr[-500:]
    return seconds


def bare(server, user, port, count):
    """Seconds for all messages, asked for in one go and not looked at, login included: what no client can do faster."""
    begin = time.monotonic()
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as link:
        stream = link.makefile("rb")
        stream.readline()
        for line in (f"USER {user}", f"PASS {server.users[user]}"):
            link.sendall(line.encode() + b"\r\n")
            assert stream.readline().startswith(b"+OK")
        asks = "".join(f"RETR {n + 1}\r\n" for n in range(count)).encode()
        threading.Thread(target=link.sendall, args=(asks,), daemon=True).start()
        here, tail = 0, b""
        while here < count:
            piece = tail + stream.read1(1 << 20)
            here += piece.count(b"\r\n.\r\n")
            tail = piece[-4:]
    return time.monotonic() - begin


def over_a_link(path, server, user, count, **how):
    """Seconds of a first visit over a slow link, of a bare client, and of mpop where it is installed (else None)."""
    with Link(server.ports["pop3s"], **how) as link:
        bare_s = bare(server, user, link.port, count)
        ((our_s, _, _),) = ours(path, server, user, link.port, (count,))
        return our_s, bare_s, mpop(path, server, user, link.port, count) if shutil.which("mpop") else None


def far(path, server):
    """The bare client, which puts nothing on a disk, shows how long the way takes."""
    our_s, bare_s, theirs_s = over_a_link(path, server, "bob", FAR, delay_ms=DELAY_MS)
    row(f"{FAR:,} with 40 ms round trips", our_s, "s", note=f"bare pipelined drain {bare_s:.2f} s, to no disk")
    if theirs_s:
        row("the same as a multiple of mpop's rate", theirs_s / our_s, "times", 1, f"mpop {theirs_s:.2f} s", "more")


def narrow(path, server):
    our_s, bare_s, _ = over_a_link(path, server, "ada", COUNT, rate=RATE)
    row("at 100 Mbit/s, of the bare pipelined drain's rate", bare_s / our_s, "times", 0.9,
        f"{COUNT:,} in {our_s:.2f} s, bare {bare_s:.2f} s", "more")


def main():
    with folder() as path, MailServer() as server:
        fill(path, server, "ada", COUNT)
        fill(path / "few", server, "bob", FAR)
        (seconds, cpu, _), (nothing, nothing_cpu, nothing_bytes) = ours(path, server)
        row(f"POP3 download of {COUNT:,}", COUNT / seconds, "msg/s", note=f"{seconds:.1f} s, {cpu:.1f} s of CPU")
        if shutil.which("mpop"):
            theirs = mpop(path, server)
            row("the same as a multiple of mpop's rate", theirs / seconds, "times", 1.5, f"mpop {COUNT / theirs:,.0f} msg/s", "more")
        else:
            print("mpop is not installed: not compared")
        row(f"a visit that finds nothing new among {COUNT:,}", nothing_cpu, "s CPU", 0.3,
            f"{nothing:.2f} s, {nothing_bytes / 1024:,.0f} KB")
        far(path / "far", server)
        narrow(path / "narrow", server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
