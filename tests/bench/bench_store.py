"""The store alone: rows a second, what a page costs in a folder of 1,000 and of 1,000,000 (BENCH_STORE_LARGE), and what the
writer takes for changes of many messages."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import row

PROGRAM = Path(os.environ.get("BENCH_BUILD", "build")) / "tests/bench/bench_store"
SMALL, MIDDLE, LARGE = 1000, 100000, int(os.environ.get("BENCH_STORE_LARGE", 1000000))
CHANGED = 50000
# As measured, of all pieces together and of the dearer way, which is back; a move is of a tenth.
LIMITS_MS = {"mark all read": 220, "empty": 350, "move a tenth": 80}
# Many messages are changed in pieces: what else is to be written waits for one, and a COMMIT.
WAIT_MS = 70


def run(*arguments):
    """What bench_store says: {name: [numbers]}."""
    out = subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    return {line.split("\t")[0]: [float(v) for v in line.split("\t")[1:]] for line in out.splitlines()}


def main():
    if not PROGRAM.exists():
        print(f"no {PROGRAM}: make tests/bench/bench_store")
        return 77
    with tempfile.TemporaryDirectory(prefix="tern-bench-") as folder:
        asked = {}
        for n in (SMALL, MIDDLE, LARGE):
            added = run("add", n, f"{folder}/{n}")
            asked[n] = run("pages", f"{folder}/{n}")
            of_all, of_last, of_cpu = added["add"]
            if n != SMALL:
                # The limit is on CPU time: the clock of a machine that others use says little.
                row(f"rows added a second of CPU, {n:,}", of_cpu, "rows/s", 60000 if n == MIDDLE else None,
                    f"by the clock {of_all:,.0f}, {of_last:,.0f} at the end", "more")
            if n != SMALL:
                row(f"rows written by one arrival into {n:,}", added["arrival"][0], "rows", 20)
            row(f"RSS when asked for pages, {n:,}", asked[n]["rss"][0] / 1024, "MB")
        for name, (steps, us) in ((k, v) for k, v in asked[LARGE].items() if " " in k):
            few = asked[SMALL][name][0]
            # An ordinal counts the slots of time that hold something, and a small folder has few of those; what is
            # unfolded, and the thread that has the next unread message, costs what that thread has.
            is_fixed = name.startswith(("page flat", "page threaded", "unread flat"))
            limit = 1.2 * few if is_fixed else 2000
            row(f"VM steps, {name}, {LARGE:,}", steps, "steps", limit, f"{few:.0f} at {SMALL:,}; {us:.0f} us")
        for name, (wall_ms, cpu_ms, wait_ms, wait_cpu_ms) in ((k, v) for k, v in run("change", CHANGED, f"{folder}/change").items()
                                        if k.removeprefix("undo: ") in LIMITS_MS):
            row(f"writer's CPU, {name}, {CHANGED:,}", cpu_ms, "ms", LIMITS_MS[name.removeprefix("undo: ")] * 3,
                f"by the clock {wall_ms:.0f}")
            row(f"CPU of another's longest wait, {name}, {CHANGED:,}", wait_cpu_ms, "ms", WAIT_MS,
                f"by the clock {wait_ms:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
