"""Whole messages for reading offline: beside mbsync's first pull of the same in the same run, and beside a client that
reads the same bytes and throws them away."""
import os
import shutil
import subprocess
import sys
import time

from common import RATE, drain, folder, large_server, row, tern_in
from lib.link import Link

COUNT = int(os.environ.get("BENCH_BODIES", 10_000))  # a multiple of 5,000


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
        drain(server.ports["imaps"], server.ca_file, "UID BODY.PEEK[]")  # the server's first look is not measured
        bare = drain(server.ports["imaps"], server.ca_file, "UID BODY.PEEK[]")
        ours = min(fill(path / f"tern{n}", server) for n in range(2))
        row(f"whole messages, {COUNT:,}", COUNT / ours, "msg/s", note=f"bare drain {COUNT / bare:,.0f} msg/s")
        theirs = mbsync(path / "mbsync", server)
        if theirs:
            row("the same as a multiple of mbsync's rate", theirs / ours, "times", 3.0,
                f"mbsync {COUNT / theirs:,.0f} msg/s", "more")
        else:
            print("mbsync is not installed: not compared")
        with Link(server.ports["imaps"], rate=RATE) as link:
            bare = drain(link.port, server.ca_file, "UID BODY.PEEK[]")
            ours = fill(path / "slow", server, link.port)
        row("at 100 Mbit/s, of the bare drain's rate", bare / ours, "times", 0.9,
            f"{COUNT / ours:,.0f} of {COUNT / bare:,.0f} msg/s", "more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
