"""Round trips to the first page of a folder that was never seen, and for folders that have not changed; a message that is
opened while a large folder is fetched behind; and what an idle minute costs.

Round trips are counted by the clock of a link so slow that nothing else takes time."""
import imaplib
import os
import ssl
import sys
import time
from pathlib import Path
from statistics import median

from common import folder, large_server, row, tern_in
from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.mailserver import MailServer

COUNT = int(os.environ.get("BENCH_TRIPS", 10_000))
BEHIND = 100_000  # fetched behind while a message is opened
FOLDERS, IDLE_S = 50, 60
RUNS, OPENED = 4, 5  # of first syncs, and of messages opened in each
DELAY_MS = 20  # each way
COUNTED_MS = 200  # each way, where trips are counted


def account(server, port, more=""):
    return server.account("ada").replace(f":{server.ports['imaps']}", f":{port}") + more


def to_first_page(path, server, mechanism, limit):
    """From the first byte to the page on the screen; the connection's own trip is the link's near end's."""
    with Link(server.ports["imaps"], delay_ms=COUNTED_MS) as link:
        tern = tern_in(path)
        tern.write(account(server, link.port))
        with tern.terminal(80, 24) as screen:
            screen.wait_for(lambda: link.turns > 0, timeout=60)
            begin = time.monotonic()
            screen.wait(" of ", timeout=60)
            trips = (time.monotonic() - begin) * 500 / COUNTED_MS
    row(f"round trips to the first page of {COUNT:,}, {mechanism}", trips, "trips", limit + 0.5, "TLS and login included")


def unchanged(path, without, limit):
    """A sync of that many folders in which nothing has changed: what is said after the login."""
    with MailServer(without=without) as server:
        write_maildir(path / "mail", Generator(seed=5, count=20, plain=True))
        server.fill_many("ada", [(f"Lists/{n}", path / "mail") for n in range(FOLDERS)])
        with Link(server.ports["imaps"], delay_ms=COUNTED_MS) as link:
            tern = tern_in(path / "tern")
            tern.write(account(server, link.port))
            for _ in range(2):
                tern.ok("sync", timeout=120)
            begin = time.monotonic()
            tern.ok("sync", timeout=120)
            trips = (time.monotonic() - begin) * 500 / COUNTED_MS
        row(f"round trips, {FOLDERS + 6} unchanged folders{', without ' + ' '.join(without) if without else ''}", trips,
            "trips", limit, "TLS, login and goodbye included")


def new_folders(path):
    """A first sync of that many small folders and the Inbox: each is there with the flight that opens it."""
    with MailServer(roles=()) as server, Link(server.ports["imaps"]) as link:
        write_maildir(path / "mail", Generator(seed=5, count=20, plain=True))
        server.fill_many("ada", [(f"Lists/{n}", path / "mail") for n in range(FOLDERS)])
        tern = tern_in(path / "tern")
        tern.write(account(server, link.port))
        tern.ok("sync", timeout=120)
        row(f"round trips of the first sync of {FOLDERS + 1} folders", link.turns, "trips", FOLDERS + 12,
            "TLS, login and goodbye included")


def bare_open(server, port):
    """A client that is logged in on that link; call it with a UID for the milliseconds that one message takes: EXAMINE, FETCH."""
    client = imaplib.IMAP4_SSL("localhost", port, ssl_context=ssl.create_default_context(cafile=str(server.ca_file)))
    client.login("ada", server.users["ada"])

    def opened(uid):
        client.select("Sent", readonly=True)
        begin = time.monotonic()
        client.select("INBOX", readonly=True)
        client.uid("FETCH", str(uid), "(BODY.PEEK[])")
        return (time.monotonic() - begin) * 1000
    return opened


def opened_while_syncing(path, server):
    """An uncached message opened with the first sync under way: its bytes asked for and here. A bare client on the same link
    does the same at the same time: what the server, the link and two processors take of it."""
    ours, theirs = [], []
    for run in range(RUNS):
        with Link(server.ports["imaps"], delay_ms=DELAY_MS) as link:
            bare = bare_open(server, link.port)
            tern = tern_in(path / str(run))
            tern.write(account(server, link.port, "keep-offline = headers\n"))
            with tern.terminal(80, 24) as screen:
                screen.wait(" of ", timeout=60)
                for n in range(OPENED):
                    if "syncing" not in screen.text():
                        break
                    theirs.append(bare(n + 1))
                    screen.settle()
                    begin = time.monotonic()
                    screen.send("<Enter>")
                    screen.wait("text/", timeout=60)
                    ours.append((time.monotonic() - begin) * 1000)
                    screen.send("q")
                    screen.wait(" of ", timeout=60)
                    screen.send("jjjjj")  # past those that are fetched before they are asked for
    if ours:
        row(f"an uncached message opened while {BEHIND:,} are synced", median(ours), "ms", 4 * DELAY_MS + 50,
            f"least {min(ours):.0f}, worst {max(ours):.0f}, {len(ours)} opened; a bare client {median(theirs):.0f}, "
            f"{min(theirs):.0f} to {max(theirs):.0f} (the limit is two trips and 50 ms)")


def idle(path, without):
    with MailServer(without=without) as server, Link(server.ports["imaps"]) as link:
        tern = tern_in(path)
        tern.write(account(server, link.port))
        with tern.terminal(80, 24) as screen:
            screen.wait("live", timeout=60)
            time.sleep(10)
            up, down, before = link.up, link.down, wakes(screen.process.pid)
            time.sleep(IDLE_S)
            how = "IDLE" if without else "NOTIFY"
            row(f"bytes from the client in {IDLE_S} idle seconds, {how}", link.up - up, "bytes", 0,
                f"{link.down - down} from the server")
            row(f"threads' wake-ups in {IDLE_S} idle seconds, {how}", wakes(screen.process.pid) - before, "times", IDLE_S / 10)


def wakes(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((t / "status").read_text().split("\nvoluntary_ctxt_switches:")[1].split()[0]) for t in tasks)


def main():
    with folder() as path:
        with large_server(path / "few", COUNT, plain=True) as server:
            to_first_page(path / "scram", server, "SCRAM-SHA-256", 7)
            server.stop()
            server.start(auth="plain")
            to_first_page(path / "plain", server, "PLAIN", 5)
        new_folders(path / "new")
        unchanged(path / "listed", (), None)
        unchanged(path / "qresync", ("LIST-STATUS",), None)
        with large_server(path / "many", BEHIND, plain=True) as server:
            opened_while_syncing(path / "opened", server)
        idle(path / "notify", ())
        idle(path / "idle", ("NOTIFY",))
    return 0


if __name__ == "__main__":
    sys.exit(main())
