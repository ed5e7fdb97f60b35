"""Memory while a folder of 1,000,000 messages is fetched for the first time, from a server that makes them up as it is
asked, and while
all their flags are compared (BENCH_MEMORY_LARGE for another number)."""
import json
import os
import sys
import time

from common import folder, row, tern_in
from lib.ownimap import OwnImap

COUNT = int(os.environ.get("BENCH_MEMORY_LARGE", 1_000_000))
LEAST_PIECE = 64 << 10  # bytes written at once


def header(uid):
    """Threads of ten, a few hundred people, subjects of some length."""
    first = uid - uid % 10
    answer = f"In-Reply-To: <{first}@example.org>\r\nReferences: <{first}@example.org>\r\n" if uid != first else ""
    return (f"From: Person {uid % 300} <person{uid % 300}@example.org>\r\nTo: Ada Example <ada@example.org>\r\n"
            f"Subject: {'Re: ' if answer else ''}A matter of some length, number {first} of many\r\n"
            f"Message-ID: <{uid}@example.org>\r\n{answer}Date: Fri, 01 Nov 2024 12:04:00 +0000\r\n\r\n")


def fetch(talk):
    """What tern asks for of new messages, by whatever set."""
    numbers, _, items = talk.words.partition(" ")
    low, _, high = numbers.partition(":")
    high = COUNT if high == "*" else int(high or low)
    wants_header = "HEADER" in items
    out, size = [], 0
    for uid in range(int(low), high + 1):
        text = f"* {uid} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"01-Nov-2024 12:04:00 +0000\" RFC822.SIZE 2048"
        if wants_header:
            head = header(uid)
            fields = items[items.index("BODY.PEEK[") + 10:items.index("]")]
            text += f" BODY[{fields}] {{{len(head)}}}\r\n{head}"
        out.append(text + ")\r\n")
        size += len(out[-1])
        if size > LEAST_PIECE:
            talk.send("".join(out))
            out, size = [], 0
    talk.send("".join(out))
    talk.ok()


def sync(tern):
    """Seconds and the most memory of a whole process, in MB."""
    begin = time.monotonic()
    process = tern.start("sync", "own/INBOX", "--json")
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, out
    assert json.loads(out.splitlines()[0])["messages"] == COUNT, out
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def main():
    with folder() as path, OwnImap(exists=COUNT) as server:
        server.answers["FETCH"] = server.answers["UID FETCH"] = fetch
        tern = tern_in(path)
        tern.write(server.account())
        seconds, most = sync(tern)
        row(f"RSS at most during the first sync of {COUNT:,}", most, "MB", 60, f"{COUNT / seconds:,.0f} msg/s of a server in Python")
        stored = sum(f.stat().st_size for f in (tern.profile / "data").glob("store.db*"))
        row(f"store.db and its log with {COUNT:,}", stored / 2**20, "MB", None, f"{stored / COUNT:.0f} bytes a message")
        seconds, most = sync(tern)
        row(f"RSS at most when {COUNT:,} are compared by their flags", most, "MB", 60, f"{seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
