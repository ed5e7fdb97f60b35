"""The link is cut at a line of a sync that also plays the journal, whoever was to say it: reset, closed, silent. When it has
come back both sides are as they should be: nothing is lost, nothing is there twice."""
import random
import signal
import time

import pytest

from lib.changes import Other, User
from lib.cutter import HOWS, Cutter
from lib.mailbox import Mailbox, imap_account
from lib.mailserver import wait_until
from lib.program import OPTIMISED, Tern
from lib.torture import LONG, SEED, count


def one_round(box, chance):
    """Changes on both sides; what all is to look like then."""
    user, other = User(box, chance), Other(box, chance)
    user.change(8)
    if user.has_expunged:
        box.release()
    state = box.in_store()
    other.change(3, spared=user.touched)
    return user, other, other.lay_over(state)


def explain(user, other, cuts):
    return "\n".join([*user.log, *map(str, other.log), str(cuts)])


def sync_cut(box, link, line, how):
    """A sync whose link is cut there. Whether it came so far."""
    link.arm(line, how)
    process = box.tern.start("sync")
    if how == "silence":
        while process.poll() is None and not link.is_cut.wait(0.02):
            pass
        time.sleep(0.3)
        link.heal()
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1), (process.returncode, out, err)
    return link.is_cut.is_set()


@pytest.mark.torture
@pytest.mark.parametrize("delay_ms", [0, 20])
def test_a_sync_is_cut(box, delay_ms):
    """Several times in a row, then healed."""
    chance = random.Random(SEED * 100 + delay_ms)
    with Cutter(box.server.ports["imap"], delay_ms) as link:
        box.tern.write(imap_account(box.server, link.port))
        box.tern.ok("sync")
        for _ in range(count(3, 60)):
            user, other, expected = one_round(box, chance)
            cuts = []
            for _ in range(6):
                cuts.append((chance.choice((chance.randint(1, 15), chance.randint(16, 180))), chance.choice(HOWS)))
                if not sync_cut(box, link, *cuts[-1]):
                    break
            link.arm(None, "")
            box.tern.ok("sync")
            box.tern.ok("sync")  # what a cut left waiting for its UID
            why = explain(user, other, cuts)
            box.agree(expected, why)


@pytest.mark.torture
def test_every_line(box):
    """One cut for each line: all of them in the long form, a few in the short one."""
    chance = random.Random(SEED)
    with Cutter(box.server.ports["imap"]) as link:
        box.tern.write(imap_account(box.server, link.port))
        box.tern.ok("sync")
        lines = range(1, 200) if LONG else chance.sample(range(16, 100), 4)
        for at, line in enumerate(lines):
            for how in HOWS if LONG else [HOWS[at % 3]]:
                user, other, expected = one_round(box, chance)
                sync_cut(box, link, line, how)
                link.arm(None, "")
                box.tern.ok("sync")
                box.tern.ok("sync")
                why = explain(user, other, [(line, how)])
                box.agree(expected, why)


@pytest.mark.parametrize("how", HOWS)
def test_what_comes_after_a_lost_copy_waits_for_it(box, how):
    """Else the copy that is made again has what was done to the message after it."""
    with Cutter(box.server.ports["imap"]) as link:
        box.tern.write(imap_account(box.server, link.port))
        box.tern.ok("sync")
        number = box.fresh(1)[0]["id"]
        box.tern.ok("--offline", "copy", number, "Häuser")
        box.tern.ok("--offline", "tag", number, "afterwards")
        expected = box.in_store()
        assert sync_cut(box, link, b" UID COPY ", how)
        box.tern.ok("sync")
        box.tern.ok("sync")
        box.agree(expected)


@pytest.mark.parametrize("line, how", [(b" RENAME ", "reset"), *((b"OK Rename", how) for how in HOWS)])
def test_a_folder_has_its_new_name_also_when_the_answer_is_lost(box, line, how):
    """The server then has no folder of the old name; what was done in it afterwards is done where it is now."""
    with Cutter(box.server.ports["imap"]) as link:
        box.tern.write(imap_account(box.server, link.port))
        box.tern.ok("folder", "create", "Lab/before")
        box.tern.ok("sync")
        number, other = (row["id"] for row in box.fresh(2))
        box.tern.ok("--offline", "move", number, "Lab/before")
        box.tern.ok("--offline", "folder", "rename", "Lab/before", "Lab/after")
        box.tern.ok("--offline", "move", other, "Lab/after")
        expected = box.in_store()
        assert len(expected["Lab/after"]) == 2
        assert sync_cut(box, link, line, how)
        box.tern.ok("sync")
        box.tern.ok("sync")
        box.agree(expected)
        assert {box.places()[n] for n in (number, other)} == {"Lab/after"}


@pytest.fixture
def live_box(make_server, profile, box_mail):
    server = make_server()
    server.fill("ada", "INBOX", box_mail)
    server.create("ada", "Projects/tern", "Häuser")
    return Mailbox(server, Tern(profile, OPTIMISED))


def cut_live(box, link, chance, how, times):
    """One fault while `tern watch` works; notes the seconds from its healing until both sides agree."""
    link.arm(chance.randint(1, 40), how)
    user, other, expected = one_round(box, chance)
    link.is_cut.wait(2)
    was_cut = link.disarm()  # a line that nobody came to is none to cut at
    if was_cut and how == "silence":
        time.sleep(2)
        link.heal()
    began = time.monotonic()
    wait_until(lambda: box.journal() == [] and box.in_store() == expected, 60)
    times += [time.monotonic() - began] * was_cut
    box.agree(expected, explain(user, other, how))


@pytest.mark.alone
@pytest.mark.torture
def test_a_live_connection_is_cut(live_box):
    """While `tern watch` plays and hears of what others do: ten seconds after the link's return all is as it should be.
    Three faults in a row at most: a server that throws a client out again and again is to be spared."""
    box, chance, times = live_box, random.Random(SEED), []
    with Cutter(box.server.ports["imap"], 1) as link:
        box.tern.write(imap_account(box.server, link.port))
        for _ in range(count(2, 20)):
            watch = box.tern.start("watch")
            try:
                assert wait_until(lambda: box.in_store() == box.on_server(), 30)
                for how in HOWS:
                    cut_live(box, link, chance, how, times)
            finally:
                watch.send_signal(signal.SIGTERM)
                out, err = watch.communicate(timeout=20)
            assert watch.returncode == 0, (out, err)
    print("seconds from healing to agreement:", " ".join(f"{t:.1f}" for t in times))
    assert times and max(times) < 10, times
