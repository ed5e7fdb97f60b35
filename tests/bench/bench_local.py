"""Mail that lives on this disk: a start on a Maildir that nobody changed, large and small; POP3 visits without and with one
very large message, from a server that makes up what it is asked for."""
import os
import statistics

from common import folder, row, spent
from lib.genmail import Generator, write_maildir
from lib.popserver import PopServer
from lib.program import Tern

LARGE = int(os.environ.get("BENCH_LOCAL_MESSAGES", 100_000))
SMALL, UIDLS, MEGABYTES, TRIES = 1000, 50_000, 500, 5
LINES = b"0123456789" * 7 + b"\r\n"


def check_of(line):
    """As maildir/uidl.c has it."""
    check = 2166136261
    for byte in line.encode():
        check = (check ^ byte) * 16777619 & 0xffffffff
    return f"{line} {check:08x}\n"


def nothing_new(path):
    message = b"Subject: x\r\n\r\ny\r\n"
    with PopServer([message] * UIDLS) as server:
        tern = Tern(path / "uidls")
        tern.write(server.account(keep_on_server="yes"))
        (tern.profile / "data/uidl").mkdir(parents=True, mode=0o700)
        lines = [check_of(f"+ uidl-{n} {len(message)} 1790000000 1 {1790000000 + n}.R1.bench") for n in range(1, UIDLS + 1)]
        (tern.profile / "data/uidl/pop").write_text("tern-uidl 1\n" + "".join(lines))
        spent(tern, "sync")
        server.said.clear()
        cost = spent(tern, "sync")
        assert not [line for line in server.said if line.startswith(("RETR", "TOP"))]
        row(f"a POP3 visit that finds nothing new among {UIDLS:,}", cost.cpu_s, "s CPU", 0.3, f"{cost.seconds:.2f} s")


def one_large(path):
    octets = MEGABYTES << 20
    with PopServer([b"Subject: large\r\n\r\n"]) as server:
        def fault(session, words):
            if words[0] == "LIST":
                session.put_lines([f"1 {octets}"])
            elif words[0] == "RETR":
                session.put("+OK")
                session.put(b"Subject: large\r\n\r\n")
                block = LINES * 10_000
                for _ in range(octets // len(block)):
                    session.stream.write(block)
                session.put(".")
            return words[0] in ("LIST", "RETR")
        server.fault = fault
        tern = Tern(path / "large")
        tern.write(server.account(keep_on_server="yes"))
        cost = spent(tern, "sync")
        assert max(file.stat().st_size for file in (tern.profile / "data/mail/pop/new").iterdir()) > octets * 0.9
        row(f"memory while a POP3 message of {MEGABYTES} MB comes", cost.memory_mb, "MB", 30, f"{MEGABYTES / cost.seconds:,.0f} MB/s")


def start_of(path, n):
    """From the start of the screen to its first page, on a Maildir that was read before."""
    tern = Tern(path / f"tern{n}")
    box = path / f"maildir{n}"
    write_maildir(box, Generator(seed=3, count=n, plain=True))
    for part in ("cur", "new"):
        os.utime(box / part, (1790000000, 1790000000))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{box}\n")
    tern("sync", timeout=900)
    times = []
    for _ in range(TRIES):
        with tern.terminal(80, 24) as terminal:
            times.append(terminal.wait(" of ", timeout=60))
            terminal.send(":quit<Enter>")
            terminal.wait_exit(20)
    return statistics.median(times)


def main():
    with folder() as path:
        nothing_new(path)
        one_large(path)
        small, large = start_of(path, SMALL), start_of(path, LARGE)
        row(f"start on a Maildir of {LARGE:,}, by that of {SMALL:,}", large / small, "times", 1.5,
            f"{large * 1000:,.0f} ms, {small * 1000:,.0f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
