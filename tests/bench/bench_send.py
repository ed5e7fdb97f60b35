"""Sending: what waits in the outbox over one connection with 40 ms round trips, beside msmtp's one connection for each message
in the same run; a large attachment; and from `r` to the composer."""
import os
import shutil
import subprocess
import sys
import time

from common import folder, row, spent
from lib import smtpsink
from lib.link import Link
from lib.program import Tern
from lib.smtpsink import SmtpSink

COUNT = int(os.environ.get("BENCH_SEND_MESSAGES", 200))
THEIRS = max(COUNT // 5, 1)  # of msmtp's, which all take as long as each other
KEYS = 20
MEGABYTES = 200
MESSAGE = ("From: Ada <ada@example.org>\nTo: Bob <bob@example.org>\nSubject: message {0}\nMessage-ID: <{0}@bench.example>\n"
           "Date: Mon, 30 Nov 2026 10:00:00 +0000\n\n" + "x" * 70 + "\n") + ("y" * 70 + "\n") * 60


def account(path, port):
    return (f"[account work]\nname = Ada\naddress = ada@example.org\npassword = secret\nincoming = maildir:{path / 'mail'}\n"
            f"outgoing = smtp://ada@127.0.0.1:{port}\n")


def ours(path, port):
    """Seconds for one sync that sends all that waits."""
    tern = Tern(path / "tern")
    tern.write(account(path, port))
    for n in range(COUNT):
        tern.ok("send", "--offline", "--no-copy", "-t", input=MESSAGE.format(n).encode())
    begin = time.monotonic()
    tern.ok("sync", timeout=600)
    seconds = time.monotonic() - begin
    assert tern.json("outbox").rows == []
    return seconds


def theirs(path, port):
    """The same by msmtp, a process and a connection for each."""
    config = path / "msmtprc"
    config.write_text(f"account default\nhost 127.0.0.1\nport {port}\nfrom ada@example.org\nauth plain\nuser ada\npassword secret\ntls off\n"
                      "allow_from_override on\n")
    config.chmod(0o600)
    begin = time.monotonic()
    for n in range(THEIRS):
        subprocess.run(["msmtp", "-C", str(config), "-t"], input=MESSAGE.format(n).encode(), check=True, timeout=60)
    return time.monotonic() - begin


def send(path):
    with SmtpSink(path / "sent", {"ada": "secret"}) as sink, Link(sink.ports["submission"], delay_ms=20) as link:
        seconds = ours(path, link.port)
        assert len(sink.sent()) == COUNT and sink.connections == 1
        each = seconds * 1000 / COUNT
        row(f"{COUNT} messages that wait, 40 ms round trips, each", each, "ms", None, f"all in {seconds:.1f} s, one connection")
        if not shutil.which("msmtp"):
            print("msmtp is not installed: nothing to compare with")
            return
        his = theirs(path, link.port) * 1000 / THEIRS
        row("msmtp in the same run, each", his, "ms")
        row("how many times faster", his / each, "times", 3, better="more")


def attachment(path):
    """A large file: into the outbox, and from there to the server; streamed both times."""
    size, file = MEGABYTES << 20, path / "large.bin"
    with open(file, "wb") as out:
        for _ in range(MEGABYTES):
            out.write(os.urandom(1 << 20))
    smtpsink.MAX_SIZE = size * 2
    with SmtpSink(path / "large", {"ada": "secret"}) as sink:
        tern = Tern(path / "heavy")
        tern.write(account(path, sink.ports["submission"]))
        (path / "text").write_text("Subject: large\n\nhello\n")
        with open(path / "text", encoding="ascii") as text:
            queued = spent(tern, "--offline", "send", "--no-copy", "--attach", str(file), "bob@example.org", stdin=text)
        waiting = max(part.stat().st_size for part in (tern.profile / "data/outbox/cur").iterdir())
        went = spent(tern, "sync")
        assert tern.json("outbox").rows == [] and len(sink.sent()) == 1
    row(f"{MEGABYTES} MB attached: memory to queue it", queued.memory_mb, "MB", 40, f"{queued.seconds:.1f} s")
    row("the file is read", queued.read_bytes / size, "times", 2.1)
    row("memory to send it", went.memory_mb, "MB", 40, f"{went.seconds:.1f} s")
    row("the message is read", went.read_bytes / waiting, "times", 2.1)


def compose(path):
    """From `r` to the composer, as far as the editor that is built in; and out again."""
    tern = Tern(path / "keys")
    tern.write("[tern]\neditor = builtin\n", account(path / "keys", 9).replace("[account work]\n", "[account work]\noffline = yes\n"))
    for part in ("cur", "new", "tmp"):
        (path / "keys/mail" / part).mkdir(parents=True, exist_ok=True)
    (path / "keys/mail/new/1.a.b").write_text(MESSAGE.format(1).replace("Ada <ada@", "Zoe <zoe@"))
    tern.ok("sync")
    times = []
    with tern.terminal(80, 24) as screen:
        screen.wait("message 1")
        for _ in range(KEYS):
            screen.settle()
            seconds = screen.key_time("r")  # nothing is drawn before the composer is
            screen.wait("Esc done")
            times.append(seconds * 1000)
            screen.send("<Esc>")
            screen.wait_gone("Esc done")
            screen.settle()
            screen.send("q")
            screen.wait_gone("Reply")
    times.sort()
    row("r to the composer: 95 %", times[int(len(times) * 0.95)], "ms", 16, f"median {times[len(times) // 2]:.1f}, worst {times[-1]:.1f}")


def main():
    with folder() as path:
        send(path)
        attachment(path)
        compose(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
