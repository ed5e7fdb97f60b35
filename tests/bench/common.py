"""What the benchmarks share: rows, the programs that are compared, a large mailbox made once a run."""
import json
import os
import select
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

from lib.genmail import Generator, write_maildir
from lib.mailserver import MailServer
from lib.program import Tern

FIELDS = "DATE FROM TO CC REPLY-TO SUBJECT MESSAGE-ID REFERENCES IN-REPLY-TO LIST-ID"
RATE = 12_500_000  # bytes/s of a link of 100 Mbit/s
COUNT = int(os.environ.get("BENCH_MESSAGES", 100_000))


def row(what, value, unit, limit=None, note="", better=None):
    line = {"what": what, "value": value, "unit": unit, "note": note}
    if limit is not None:
        line["limit"] = limit
    if better:
        line["better"] = better
    print(json.dumps(line), flush=True)


Cost = namedtuple("Cost", "seconds cpu_s memory_mb read_bytes")


def spent(tern, *words, **options):
    """What a command of its own costs: the most memory at once, and the bytes that it asked the kernel for by read(2)."""
    begin, memory, read = time.monotonic(), 0, 0
    process = tern.start(*words, **options)
    # Not ru_maxrss, which is never less than what this Python had when it forked.
    while not select.select([process.stderr], [], [], 0.005)[0] or process.stderr.read1():
        with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
            memory = max([memory, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
        with open(f"/proc/{process.pid}/io", encoding="ascii") as lines:
            read = max(read, int(lines.readline().split()[1]))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.stdout.read()
    return Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, memory / 1024, read)


def quick_place(path):
    """A folder in which files are made at the file system's own speed. ext4 takes no inode that was freed in the last minutes,
    and for each new file looks at each of those in the group of its folder: after 20,000 deletions, an earlier run's, that is
    0.9 ms a file instead of 0.05 (Linux 6.18), for all programs alike, and hides how they differ. What is made in a folder of
    the attribute T goes to other groups; one that nobody has swept lately is looked for."""
    if shutil.which("chattr"):
        subprocess.run(["chattr", "+T", path], capture_output=True)
    took = {}
    for n in range(16):
        place = path / str(n)
        (place / "probe").mkdir(parents=True)
        begin = time.monotonic()
        for i in range(50):
            (place / "probe" / str(i)).touch()
        took[place] = time.monotonic() - begin
        if took[place] < 0.01:
            break
    return min(took, key=took.get)


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="tern-bench-"))
    os.chmod(path, 0o711)  # Dovecot delivers as nobody when it is root's
    try:
        yield quick_place(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def large_server(path, count=COUNT, plain=False):
    """A Dovecot whose INBOX holds that many messages, with its caches warm: the server's first look is not measured."""
    write_maildir(path / "mail", Generator(seed=11, count=count, plain=plain))
    with MailServer() as server:
        server.fill("ada", "INBOX", path / "mail")
        client = server.imap("ada")
        client.select("INBOX", readonly=True)
        for low in range(1, count + 1, 5000):
            client.fetch(f"{low}:{min(low + 4999, count)}", f"(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})])")
        client.logout()
        yield server


def drain(port, ca_file, items):
    """Seconds for those items of all messages, read in one go and not looked at: what no client can do faster."""
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
        link.sendall(f"c UID FETCH 1:* ({items})\r\n".encode())
        tail, buffer = b"", bytearray(1 << 20)
        while b"\r\nc OK" not in tail:
            size = link.recv_into(buffer)
            if not size:
                raise SystemExit("the server hung up")
            tail = (tail + bytes(buffer[max(0, size - 300):size]))[-300:]
        return time.monotonic() - begin


def tern_in(path, server=None, port=None):
    """tern in a new profile there; `port`: through a link instead of the server's own."""
    tern = Tern(path)
    if server:
        text = server.account("ada")
        tern.write(text.replace(f":{server.ports['imaps']}", f":{port}") if port else text)
    return tern
