"""A POP3 mailbox downloaded over TLS, each message durable: beside mpop in the same run; and a visit that finds nothing new."""
import os
import resource
import shutil
import subprocess
import sys
import time

from common import folder, row
from lib.mailserver import MailServer
from lib.program import Tern

COUNT = int(os.environ.get("BENCH_POP3_MESSAGES", 10_000))


def fill(path, server):
    """Messages of 5 KB."""
    for part in ("cur", "new", "tmp"):
        (path / "mail" / part).mkdir(parents=True)
    body = ("x" * 70 + "\n") * 68
    for n in range(COUNT):
        (path / "mail/new" / f"{1790000000 + n}.M{n}P1.bench").write_text(
            f"From: Bob <bob@example.org>\nTo: ada@example.org\nSubject: message {n}\n"
            f"Date: Mon, 30 Nov 2026 10:00:00 +0000\nMessage-ID: <{n}@bench.example>\n\n{body}")
    server.fill("ada", "INBOX", path / "mail")


def ours(path, server):
    tern = Tern(path / "tern")
    tern.write(server.account("ada", "pop", incoming="pop3s", outgoing=None, keep_on_server="yes"))
    times = []
    for new in (COUNT, 0):
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        found = [r for r in tern.json("sync", timeout=600).rows if r["folder"] == "INBOX"][0]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert found["new"] == new, found
        times.append((time.monotonic() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found["bytes"]))
    return times


def mpop(path, server):
    for part in ("cur", "new", "tmp"):
        (path / "mpop" / part).mkdir(parents=True)
    begin = time.monotonic()
    done = subprocess.run(["mpop", "--host=localhost", f"--port={server.ports['pop3s']}", "--tls=on", "--tls-starttls=off",
                           f"--tls-trust-file={server.ca_file}", "--user=ada", f"--passwordeval=echo {server.users['ada']}",
                           f"--uidls-file={path}/uidls", "--keep=on", f"--delivery=maildir,{path}/mpop"],
                          capture_output=True, text=True)
    seconds = time.monotonic() - begin
    assert done.returncode == 0 and len(os.listdir(path / "mpop/new")) == COUNT, done.stderr[-500:]
    return seconds


def main():
    with folder() as path, MailServer() as server:
        fill(path, server)
        with server.imap("ada") as client:  # the server's first look is not measured
            client.select("INBOX", readonly=True)
            client.fetch("1:*", "(RFC822.SIZE UID)")
        (seconds, cpu, _), (nothing, nothing_cpu, nothing_bytes) = ours(path, server)
        row(f"POP3 download of {COUNT:,}", COUNT / seconds, "msg/s", note=f"{seconds:.1f} s, {cpu:.1f} s of CPU")
        if shutil.which("mpop"):
            theirs = mpop(path, server)
            row("the same as a multiple of mpop's rate", theirs / seconds, "times", 1.5, f"mpop {COUNT / theirs:,.0f} msg/s", "more")
        else:
            print("mpop is not installed: not compared")
        row(f"a visit that finds nothing new among {COUNT:,}", nothing_cpu, "s CPU", 0.3,
            f"{nothing:.2f} s, {nothing_bytes / 1024:,.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
