"""Two who change everything at random at the same time: tern's user, and another client. When both have stopped, both sides
are the same, and nothing waits in the journal but what the server refused."""
import random
import threading

import pytest

from lib.changes import Other, User
from lib.filter import ALL, Filter
from lib.mailbox import imap_account
from lib.torture import SEED, count


def explain(user, other):
    return "\n".join([*user.log, *map(str, other.log)])


def nothing_lost(box, before, other):
    """No message is gone that nobody expunged, whatever was done to it at the same time."""
    expunged = {name for what, _, names, *_ in other.log if what == "expunge" for name in names}
    there = {m[0] for messages in box.on_server().values() for m in messages}
    assert before - there <= expunged


def finish(box, user, other):
    box.release()
    for _ in range(3):
        box.tern("sync")
    box.agree(why=explain(user, other))


def names_of(box):
    return {m[0] for messages in box.on_server().values() for m in messages}


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(SEED, SEED + count(2, 12)))
@pytest.mark.parametrize("without", [(), ALL], ids=["", "all"])
def test_steps_in_turn(box, seed, without):
    """Each does some, then one syncs, sometimes."""
    chance = random.Random(seed)
    user, other = User(box, chance), Other(box, chance)
    user.deletes = False
    before = names_of(box)
    with Filter(box.server.ports["imap"], without) as less:
        box.tern.write(imap_account(box.server, less.port))
        for _ in range(count(12, 80)):
            user.change(chance.randint(0, 4))
            other.change(chance.randint(0, 4))
            if chance.random() < 0.5:
                box.tern("sync")
        finish(box, user, other)
    nothing_lost(box, before, other)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(SEED, SEED + count(1, 8)))
@pytest.mark.parametrize("online", [True, False], ids=["watch", "sync"])
def test_at_the_same_time(box, seed, online):
    """Both in threads of their own, while tern syncs again and again, or watches."""
    user, other = User(box, random.Random(seed)), Other(box, random.Random(seed + 1000))
    user.deletes = False
    before, steps, ended = names_of(box), count(30, 200), threading.Event()

    def syncs():
        while not ended.is_set():
            box.tern("sync")

    if online:
        watch = box.tern.start("watch")
        engine = None
    else:
        engine = threading.Thread(target=syncs)
        engine.start()
    elsewhere = threading.Thread(target=lambda: [other.change(2) for _ in range(steps)])
    elsewhere.start()
    try:
        user.change(steps)
        elsewhere.join()
    finally:
        ended.set()
        if engine:
            engine.join()
        else:
            watch.terminate()
            assert watch.wait(20) == 0
    finish(box, user, other)
    nothing_lost(box, before, other)
