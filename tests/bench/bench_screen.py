"""The screen: from exec to the first page with 1,000, 100,000 and 1,000,000 messages in the store, memory, and a key held
down, also while the first sync of a folder of 100,000 is under way, and while its server stands still."""
import os
import subprocess
import sys
import time
from pathlib import Path

from common import folder, large_server, row, tern_in

MAKE_STORE = Path(os.environ.get("BENCH_BUILD", "build")) / "tests/bench/make-store"
SIZES = (1000, 100_000, int(os.environ.get("BENCH_STORE_LARGE", 1_000_000)))
CONFIG = "[account work]\naddress = ada@example.org\nincoming = imaps://ada@localhost:9\npassword = x\noffline = yes\n"
STARTS, KEYS = 9, 300
FEW, MANY, CHANGES = 50, 5000, 60  # folders; keys that change a count among them
SYNCED, REPEAT_S, SYNCS = 100_000, 0.02, 3  # a folder, a terminal's key repeat, and how often the folder is synced
FROZEN_S = 10  # so long its server is stopped


def start_ms(tern):
    """From exec to the message list on the screen: the least and the middle of some starts, and the RSS then."""
    times, rss = [], 0
    for _ in range(STARTS):
        with tern.terminal(80, 24) as screen:
            times.append(screen.wait(" of ", timeout=30) * 1000)  # when it came, not when it was sure to be whole
            rss = screen.rss_kb()
            screen.send("q")
    times.sort()
    return times[0], times[len(times) // 2], rss / 1024


def held_key(tern):
    """`j` as fast as a terminal repeats it: the times from key to frame."""
    times = []
    with tern.terminal(80, 24) as screen:
        screen.wait(" of ")
        screen.settle()
        for _ in range(KEYS):
            seconds = screen.key_time("j")
            if seconds is not None:
                times.append(seconds * 1000)
        rss = screen.rss_kb()
    return times, rss / 1024


def repeated_key(screen, is_on):
    """`j` as often as a terminal repeats it, as long as that: milliseconds from key to frame."""
    times = []
    while is_on():
        rest = time.monotonic() + REPEAT_S
        seconds = screen.key_time("j")
        if seconds is not None:
            times.append(seconds * 1000)
        while (left := rest - time.monotonic()) > 0:
            screen.read(left)
    return times


def held_key_while_syncing(tern):
    """While the folder is fetched for the first time."""
    with tern.terminal(80, 24) as screen:
        screen.wait(" of ", timeout=30)
        screen.wait("syncing", timeout=30)
        return repeated_key(screen, lambda: "syncing" in screen.text())


def held_key_while_frozen(tern, server):
    """While each process of the server is stopped."""
    with tern.terminal(80, 24) as screen:
        screen.wait("live", timeout=60)
        screen.settle()
        server.freeze()
        try:
            end = time.monotonic() + FROZEN_S
            return repeated_key(screen, lambda: time.monotonic() < end)
        finally:
            server.thaw()


def key_times(tern, keys, *words, before=(), wanted=" of "):
    """Milliseconds from each key to its frame, sorted, with the sidebar on the screen."""
    times = []
    with tern.terminal(120, 40, *words) as screen:
        screen.wait(wanted)
        for key in before:
            screen.send(key)
        screen.settle()
        for key in keys:
            seconds = screen.key_time(key)
            if seconds is not None:
                times.append(seconds * 1000)
            screen.settle()
    return sorted(times)


def prompt_times(tern):
    """From c to the prompt with all folders in it."""
    times = []
    with tern.terminal(80, 24, "--offline") as screen:
        screen.settle()
        for _ in range(CHANGES):
            times.append(screen.key_time("c") * 1000)
            screen.settle()
            screen.send("<C-g>")  # not Esc, which a key behind it would make a sequence
            screen.settle()
    return sorted(times)


def many_folders():
    """Moving among the folders, and a key that changes a count beside 50 and beside 5,000 of them."""
    with folder() as path:
        for n in (FEW, MANY):
            tern = tern_in(path / str(n))
            tern.write(CONFIG)
            subprocess.run([MAKE_STORE, "1000", str(tern.profile), str(n)], check=True, stdout=subprocess.DEVNULL)
            row(f"exec to the first page, {n:,} folders", start_ms(tern)[0], "ms", 60)
            for what, times in (("N, with the sidebar", key_times(tern, ["N"] * CHANGES)),
                                ("j in the folders", key_times(tern, ["j"] * CHANGES, before=["y"])),
                                ("J in the sidebar", key_times(tern, ["J"] * CHANGES))):
                row(f"{what}, {n:,} folders: 95 %", times[int(len(times) * 0.95)], "ms", 16,
                    f"median {times[len(times) // 2]:.2f}, worst {times[-1]:.1f}")
            times = prompt_times(tern)
            row(f"c, {n:,} folders: median", times[len(times) // 2], "ms", 5, f"worst {times[-1]:.1f}")


def frames(what, times):
    times.sort()
    row(f"{what}: 99 %", times[int(len(times) * 0.99)], "ms", 16,
        f"median {times[len(times) // 2]:.2f}, worst {times[-1]:.1f}, {len(times)} frames")


def with_a_server():
    with folder() as path, large_server(path, SYNCED, plain=True) as server:
        terns = [tern_in(path / f"sync{n}", server) for n in range(SYNCS)]
        frames(f"j held down while {SYNCED:,} are synced", [t for tern in terns for t in held_key_while_syncing(tern)])
        frames(f"j held down, {SYNCED:,}, server stopped", held_key_while_frozen(terns[0], server))


def main():
    if not MAKE_STORE.exists():
        print(f"no {MAKE_STORE}: make tests/bench/make-store")
        return 77
    with folder() as path:
        least = {}
        for n in SIZES:
            tern = tern_in(path / str(n))
            tern.write(CONFIG)
            subprocess.run([MAKE_STORE, str(n), str(tern.profile)], check=True, stdout=subprocess.DEVNULL)
            least[n], middle, rss = start_ms(tern)
            limit = 60 if n == SIZES[0] else min(60, 1.5 * least[SIZES[0]])
            row(f"exec to the first page, {n:,} messages", least[n], "ms", limit, f"median {middle:.1f}")
            row(f"RSS at the first page, {n:,}", rss, "MB", 30)
            times, rss = held_key(tern)
            frames(f"j held down, key to frame, {n:,}", times)
            row(f"RSS after {KEYS} rows, {n:,}", rss, "MB", 30)
    many_folders()
    with_a_server()
    return 0


if __name__ == "__main__":
    sys.exit(main())
