"""kill -9 among the user's changes and while they are played: after the next sync the server has exactly the changes made, and
no message stands anywhere twice."""
import random
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest

from lib.changes import Other, User
from lib.torture import LONG, SEED, count

STRACE = shutil.which("strace")


def settle(box, why):
    """Both sides are equal, and what tern shows has not changed by it."""
    box.release()
    expected = box.in_store()
    box.tern.ok("sync")
    box.tern.ok("sync")
    box.agree(expected, why)


class Watch:
    """`tern watch`, killed and started again."""

    def __init__(self, box):
        self.box, self.kills = box, 0
        self.process = box.tern.start("watch", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.process = self.box.tern.start("watch", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) in (0, -signal.SIGTERM)  # which may come before there is somebody to hear it


@pytest.mark.torture
def test_the_player_is_killed(box):
    """`tern watch` plays what commands change, and is killed at moments that nobody chose."""
    chance, kills = random.Random(SEED), count(12, 200)
    user, watch = User(box, chance), Watch(box)
    try:
        made = 0
        while made < count(50, 500) or watch.kills < kills:
            user.change(count(50, 500) // kills + 1)
            made += count(50, 500) // kills + 1
            time.sleep(chance.uniform(0, 0.4))
            watch.kill()
    finally:
        watch.end()
    settle(box, "\n".join(user.log[-60:]))
    print(f"{made} changes, {watch.kills} kills")


@pytest.mark.torture
def test_commands_are_killed(box):
    """A command that is killed has made its change, or none of it: as it is shown then it is played."""
    chance = random.Random(SEED)
    for _ in range(count(12, 200)):
        if len(box.ids()) < 6:
            box.tern.ok("move", *box.ids("Häuser"), "INBOX")
        ids = chance.sample(box.ids(), 6)
        words = chance.choice((["flag", *ids], ["tag", *ids, "todo"], ["move", *ids, "Häuser"], ["copy", *ids[:2], "Archive"],
                               ["delete", *ids[:2]], ["undo", "2"], ["folder", "create", f"Lab/{chance.randrange(10**6)}"]))
        process = box.tern.start("--offline", *words)
        threading.Timer(chance.uniform(0, 0.12), process.kill).start()
        process.communicate(timeout=30)
        if chance.random() < 0.2:
            settle(box, str(words))
    settle(box, "")


# --- at each place between a command's write and its commit ---

CALLS = "pwrite64,fdatasync,rename,renameat,unlink,unlinkat"


def traced(box, words, *options):
    """A command under strace: its status and the log."""
    log = box.tern.profile / "strace"
    process = subprocess.run([STRACE, "-f", "-qq", "-o", log, *options, *box.tern.argv(*words)], capture_output=True,
                             env=box.tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), timeout=100)
    return process.returncode, log.read_text(errors="replace")


def places_of(box, words):
    """Each call that the command makes: ("pwrite64", 7)."""
    _, log = traced(box, words, "-e", f"trace={CALLS}")
    return [(name, n + 1) for name in CALLS.split(",") for n in range(len(re.findall(rf"^\d+ +{name}\(", log, re.M)))]


def killed(box, words, name, n):
    status, _ = traced(box, words, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={n}")
    return status != 0


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_a_command_is_killed_at_each_write(box):
    """It is done, or it is not: all of it."""
    chance, kills = random.Random(SEED), 0

    def words():
        return ["--offline", "move", *chance.sample(box.ids(), 3), "Häuser"]
    places = places_of(box, words())
    for name, n in places if LONG else chance.sample(places, min(8, len(places))):
        before, said = box.in_store(), words()
        names = {r["id"]: r.get("message_id") or f"size {r['size']}" for r in box.rows()}
        kills += killed(box, said, name, n)
        moved = [names[one] in [m[0] for m in box.in_store()["Häuser"]] for one in said[2:-1]]
        assert all(moved) or box.in_store() == before, (name, n)
        box.tern.ok("--offline", "move", *(box.ids("Häuser") or [1]), "INBOX")
    settle(box, "")
    assert kills
    print(f"{len(places)} places, {kills} kills")


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_a_sync_is_killed_at_each_write(box):
    """Just before the nth write to the database, or the nth time that it is brought to the disk."""
    chance, kills = random.Random(SEED), 0

    def changes():
        user, other = User(box, chance), Other(box, chance)
        user.change(6)
        box.release()
        state = box.in_store()
        other.change(2, spared=user.touched)
        return other.lay_over(state), "\n".join([*user.log, *map(str, other.log)])

    expected, why = changes()
    places = places_of(box, ["sync"])
    box.tern.ok("sync")
    box.agree(expected, why)
    for name, n in places if LONG else chance.sample(places, min(6, len(places))):
        expected, why = changes()
        kills += killed(box, ["sync"], name, n)
        box.tern.ok("sync")
        box.tern.ok("sync")
        box.agree(expected, f"killed at {name} {n}\n{why}")
    assert kills
    print(f"{len(places)} places, {kills} kills")
