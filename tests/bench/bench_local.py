"""Mail that lives on this disk: a start on a Maildir that nobody changed, large and small; POP3 visits without and with one
very large message, from a server that makes up what it is asked for."""
import os
import select
import statistics
import time

from common import folder, row
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


def spent(tern, *words):
    """Seconds, CPU seconds and the most memory (MB) of a command of its own."""
    begin, most = time.monotonic(), 0
    process = tern.start(*words)
    # Not ru_maxrss, which is never less than what this Python had when it forked.
    while not select.select([process.stderr], [], [], 0.005)[0] or process.stderr.read1():
        with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
            most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.stdout.read()
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, most / 1024


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
        seconds, cpu, _ = spent(tern, "sync")
        assert not [line for line in server.said if line.startswith(("RETR", "TOP"))]
        row(f"a POP3 visit that finds nothing new among {UIDLS:,}", cpu, "s CPU", 0.3, f"{seconds:.2f} s")


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
        seconds, _, memory = spent(tern, "sync")
        assert max(file.stat().st_size for file in (tern.profile / "data/mail/pop/new").iterdir()) > octets * 0.9
        row(f"memory while a POP3 message of {MEGABYTES} MB comes", memory, "MB", 30, f"{MEGABYTES / seconds:,.0f} MB/s")


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
