"""First sync of a large folder: beside mutt's first open of the same in the same run, and beside a client that reads
the same bytes and throws them away."""
import shutil
import sys
import time

from common import COUNT, FIELDS, RATE, drain, folder, large_server, row, tern_in
from lib.link import Link
from lib.terminal import Terminal

HEADERS = f"UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})]"


def mutt(path, server, count):
    """Seconds until mutt shows the folder, its header cache empty; None where mutt is not installed."""
    if not shutil.which("mutt"):
        return None
    (path / "muttrc").write_text(f"set folder=imaps://ada@localhost:{server.ports['imaps']}/\nset spoolfile=+INBOX\n"
                                 f"set imap_pass={server.users['ada']}\nset certificate_file={server.ca_file}\n"
                                 "set sleep_time=0\nset ssl_starttls=no\n")
    with Terminal(["mutt", "-n", "-F", str(path / "muttrc")], 80, 24, env={"HOME": str(path)}) as screen:
        begin = time.monotonic()
        screen.wait(f"Msgs:{count}", timeout=300)
        seconds = time.monotonic() - begin
        screen.send("x")
        return seconds


def sync(path, server, port=None):
    """The INBOX's own seconds, and the process's CPU."""
    tern = tern_in(path, server, port)
    found = [r for r in tern.json("sync", "ada/INBOX", timeout=600).rows if r["folder"] == "INBOX"][0]
    assert found["new"] == COUNT, found
    return found["seconds"]


def main():
    with folder() as path, large_server(path) as server:
        bare = drain(server.ports["imaps"], server.ca_file, HEADERS)
        ours = min(sync(path / f"tern{n}", server) for n in range(2))
        row(f"header sync of {COUNT:,}", COUNT / ours, "msg/s", note=f"bare drain {COUNT / bare:,.0f} msg/s")
        theirs = mutt(path, server, COUNT)
        if theirs:
            row("the same as a multiple of mutt's rate", theirs / ours, "times", 1.5, f"mutt {COUNT / theirs:,.0f} msg/s", "more")
        else:
            print("mutt is not installed: not compared")
        with Link(server.ports["imaps"], rate=RATE) as link:
            bare = drain(link.port, server.ca_file, HEADERS)
            ours = sync(path / "slow", server, link.port)
        row("at 100 Mbit/s, of the bare drain's rate", bare / ours, "times", 0.9,
            f"{COUNT / ours:,.0f} of {COUNT / bare:,.0f} msg/s", "more")
        with Link(server.ports["imaps"], delay_ms=20) as link:
            first_page(path / "trips", server, link)
    return 0


def first_page(path, server, link):
    """What stands between the login and the first page, by the clock of a link of 40 ms; the login is one trip itself."""
    tern = tern_in(path, server, link.port)
    with tern.terminal(80, 24, env={"TERN_TRACE": None}) as screen:
        begin = time.monotonic()
        screen.wait("of ", timeout=60)
        screen.wait_for(lambda: len(screen.rows_with("20")) > 5, timeout=60)
        row("a cold start to the first page, in trips of 40 ms", (time.monotonic() - begin) / 0.04, "trips", None,
            "TCP, TLS, login and start of the program included")


if __name__ == "__main__":
    sys.exit(main())
