"""Whole messages for reading offline: beside mbsync's first pull of the same in the same run, and beside a client that
reads the same bytes and throws them away."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time

from common import folder, large_server, row, tern_in
from lib.link import Link

COUNT = int(os.environ.get("BENCH_BODIES", 10_000))  # a multiple of 5,000
RATE = 12_500_000  # bytes/s of a link of 100 Mbit/s


def drain(port, ca_file):
    """Seconds for all messages, read in one go and not looked at."""
    context = ssl.create_default_context(cafile=str(ca_file))
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as link:
        stream = link.makefile("rwb")
        stream.readline()
        for line in (b"a LOGIN ada ada-secret", b"b EXAMINE INBOX"):
            stream.write(line + b"\r\n")
            stream.flush()
            while not stream.readline().startswith(line[:2]):
                pass
        begin = time.monotonic()
        link.sendall(b"c UID FETCH 1:* (UID BODY.PEEK[])\r\n")
        tail, buffer = b"", bytearray(1 << 20)
        while b"\r\nc OK" not in tail:
            size = link.recv_into(buffer)
            if not size:
                raise SystemExit("the server hung up")
            tail = (tail + bytes(buffer[max(0, size - 300):size]))[-300:]
        return time.monotonic() - begin


def mbsync(path, server):
    """Seconds of the first pull into a Maildir; None where mbsync is not installed."""
    if not shutil.which("mbsync"):
        return None
    path.mkdir()
    (path / "mail").mkdir()
    (path / "mbsyncrc").write_text(
        f"IMAPAccount ada\nHost localhost\nPort {server.ports['imaps']}\nUser ada\nPass {server.users['ada']}\n"
        f"SSLType IMAPS\nCertificateFile {server.ca_file}\n\nIMAPStore far\nAccount ada\n\nMaildirStore near\n"
        f"Path {path}/mail/\nInbox {path}/mail/INBOX\n\nChannel all\nFar :far:\nNear :near:\nPatterns INBOX\n"
        "Create Near\nSync Pull\nSyncState *\n")
    begin = time.monotonic()
    subprocess.run(["mbsync", "-q", "-c", path / "mbsyncrc", "all"], check=True, env={**os.environ, "HOME": str(path)})
    return time.monotonic() - begin


def here(tern):
    return sum(1 for _ in (tern.profile / "cache/messages").glob("[0-9a-f][0-9a-f]/*"))


def fill(path, server, port=None):
    """Seconds for the files, headers being here: the whole run less one that has nothing to fetch."""
    tern = tern_in(path, server, port)
    tern.conf.write_text(tern.conf.read_text() + "keep-offline = all\n")
    tern.ok("sync", timeout=600)
    begin = time.monotonic()
    tern.ok("sync", timeout=600)
    idle = time.monotonic() - begin
    begin = time.monotonic()
    tern.ok("sync", "--keep", timeout=600)
    seconds = time.monotonic() - begin - idle
    assert here(tern) == COUNT, here(tern)
    return seconds


def main():
    with folder() as path, large_server(path, COUNT) as server:
        drain(server.ports["imaps"], server.ca_file)  # the server's first look is not measured
        bare = drain(server.ports["imaps"], server.ca_file)
        ours = min(fill(path / f"tern{n}", server) for n in range(2))
        row(f"whole messages, {COUNT:,}", COUNT / ours, "msg/s", note=f"bare drain {COUNT / bare:,.0f} msg/s")
        theirs = mbsync(path / "mbsync", server)
        if theirs:
            row("the same as a multiple of mbsync's rate", theirs / ours, "times", 3.0,
                f"mbsync {COUNT / theirs:,.0f} msg/s", "more")
        else:
            print("mbsync is not installed: not compared")
        with Link(server.ports["imaps"], rate=RATE) as link:
            bare = drain(link.port, server.ca_file)
            ours = fill(path / "slow", server, link.port)
        row("at 100 Mbit/s, of the bare drain's rate", bare / ours, "times", 0.9,
            f"{COUNT / ours:,.0f} of {COUNT / bare:,.0f} msg/s", "more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
