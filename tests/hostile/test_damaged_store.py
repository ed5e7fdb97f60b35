"""A store.db that is damaged, in each way that disks and people have: it is said, the file is set aside, mail is fetched
anew, and changes that were not sent yet are played as far as the file can be read."""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from lib.genmail import Generator, write_maildir

MESSAGES, CHANGED = 300, 20
PAGE = 4096


def store(tern):
    return tern.profile / "data/store.db"


def synced(server, tern, count=MESSAGES):
    write_maildir(tern.profile / "m", Generator(seed=11, count=count, plain=True))
    server.fill("ada", "INBOX", tern.profile / "m")
    tern.write(server.account("ada"))
    tern.ok("sync")


def change(tern):
    """Five each of flags, keywords, moves and copies, offline."""
    rows = [r for r in tern.json("list", "INBOX", "--limit", "10000").rows if "flagged" not in r["flags"]]
    ids = [str(r["id"]) for r in rows[::len(rows) // CHANGED]][:CHANGED]
    subjects = {str(r["id"]): r["subject"] for r in rows}
    tern.ok("flag", *ids[:5], "--offline")
    tern.ok("tag", *ids[5:10], "rescued", "--offline")
    tern.ok("move", *ids[10:15], "Archive", "--offline")
    tern.ok("copy", *ids[15:20], "Archive", "--offline")
    assert len(tern.json("journal").rows) == CHANGED
    return [[subjects[i] for i in ids[n:n + 5]] for n in range(0, CHANGED, 5)]


def on_server(server, folder, *criteria):
    imap = server.imap("ada")
    status, _ = imap.select(folder)
    assert status == "OK"
    found = imap.uid("SEARCH", *criteria)[1][0].split()
    imap.logout()
    return len(found)


def asides(tern):
    return sorted(p.name for p in store(tern).parent.iterdir() if re.fullmatch(r"store\.db\.damaged-\d{4}-\d\d-\d\d(-\d+)?", p.name))


def check_played(server, tern):
    tern.ok("sync")
    assert tern.json("journal").rows == []
    assert on_server(server, "INBOX", "KEYWORD", "rescued") == 5
    assert on_server(server, "Archive", "ALL") == 10
    assert on_server(server, "INBOX", "ALL") == MESSAGES - 5
    shown = tern.json("list", "INBOX", "--limit", "1000").rows
    assert len(shown) == MESSAGES - 5
    assert len(tern.json("list", "Archive", "--limit", "1000").rows) == 10
    assert sum("rescued" in r["keywords"] for r in shown) == 5


def overwrite(path, at, size, byte=b"\xa5"):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(byte * size)


def header(tern):
    overwrite(store(tern), 0, 100)


def half(tern):
    """What came last, of messages, stands at the end; the journal is small and near the beginning."""
    os.truncate(store(tern), store(tern).stat().st_size // 2 // PAGE * PAGE)


def log_garbage(tern):
    (store(tern).parent / "store.db-wal").write_bytes(os.urandom(3 * PAGE))


def lock_holders(tern):
    """Who has the profile's lock file locked, as "(PID)" each."""
    inode = (store(tern).parent / "lock").stat().st_ino
    lines = [line.split() for line in open("/proc/locks")]
    return " ".join(f"({w[4]})" for w in lines if len(w) > 5 and w[5].endswith(f":{inode}"))


def wait_for(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def told(run):
    """The sentence on stderr, which names the file."""
    lines = [line for line in run.err.splitlines() if "damaged" in line]
    assert len(lines) == 1, run
    return lines[0]


@pytest.mark.parametrize("damage", [header, log_garbage])
def test_all_that_was_changed_is_played(tern, empty_server, damage):
    synced(empty_server, tern)
    flagged = on_server(empty_server, "INBOX", "FLAGGED")
    names = change(tern)
    damage(tern)
    run = tern.ok("journal", "--json", "--offline")
    sentence = told(run)
    assert len(asides(tern)) == 1 and asides(tern)[0] in sentence and f"{CHANGED} changes" in sentence, sentence
    assert "lost" not in sentence
    assert len([json.loads(line) for line in run.out.splitlines()]) == CHANGED
    # What is not sent is shown meanwhile, and it is told but once.
    archive = tern.json("list", "Archive", "--offline")
    assert "damaged" not in archive.err
    assert sorted(r["subject"] for r in archive.rows) == sorted(names[2] + names[3])
    check_played(empty_server, tern)
    assert on_server(empty_server, "INBOX", "FLAGGED") >= flagged
    assert len(asides(tern)) == 1 and not list(store(tern).parent.glob("*.is-damaged"))
    assert not list(store(tern).parent.glob("*.rescued*"))


def leaves(path):
    """The pages that hold rows, but for the few of the journal, where one is most of it."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return [number - 1 for number, in db.execute(
            "SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name <> 'journal' ORDER BY pageno")]


def middle(tern):
    """Each fifth of them behind those where tables begin and are named."""
    for at in leaves(store(tern))[50::5]:
        overwrite(store(tern), at * PAGE, PAGE)


@pytest.mark.parametrize("damage", [middle, half])
def test_what_can_be_read_is_played(tern, empty_server, damage):
    """Damage inside may be met by a later command only; what cannot be kept is said."""
    synced(empty_server, tern, 3000)
    change(tern)
    damage(tern)
    sentence = None
    for _ in range(4):
        run = tern("sync")
        assert run.status in (0, 1), run
        if "is now" in run.err:
            sentence = told(run)
        if run.status == 0 and sentence:
            break
        assert "damaged" in run.err, run
    assert sentence and asides(tern), run
    kept = re.search(r"(\d+) changes? that", sentence)
    lost = re.search(r"(\d+) (?:is|are) lost: (.*?)\.", sentence)
    n_kept, n_lost = int(kept[1]) if kept else 0, int(lost[1]) if lost else 0
    assert n_kept + n_lost == CHANGED and n_kept >= 3, sentence
    assert tern.json("journal").rows == []
    rows = tern.json("list", "INBOX", "--limit", "10000").rows
    assert len(rows) == on_server(empty_server, "INBOX", "ALL")
    assert sum("rescued" in r["keywords"] for r in rows) == on_server(empty_server, "INBOX", "KEYWORD", "rescued")


def nothing(tern):
    os.truncate(store(tern), 0)


def folder(tern):
    store(tern).unlink()
    store(tern).mkdir()
    (store(tern) / "somebody's").write_text("x")


def few_bytes(tern):
    store(tern).write_bytes(b"SQLite format 3\0")


def first_page(tern):
    overwrite(store(tern), 0, PAGE, b"\0")


@pytest.mark.parametrize("damage", [nothing, folder, few_bytes, first_page])
def test_what_cannot_be_read_is_set_aside(tern, empty_server, damage):
    synced(empty_server, tern)
    change(tern)
    damage(tern)
    run = tern.ok("sync")
    sentence = told(run)
    assert asides(tern) and asides(tern)[0] in sentence and "may be lost" in sentence, sentence
    assert "More" not in sentence, sentence
    assert len(tern.json("list", "INBOX", "--limit", "1000").rows) == MESSAGES
    assert tern.json("journal").rows == []
    if damage is folder:
        assert (store(tern).parent / asides(tern)[0] / "somebody's").exists()


def test_a_second_one_has_another_name(tern, empty_server):
    synced(empty_server, tern)
    for n in (1, 2):
        header(tern)
        told(tern.ok("folders"))
        assert len(asides(tern)) == n


def test_who_has_it_open_is_named(tern, empty_server):
    synced(empty_server, tern)
    watch = tern.start("watch")
    try:
        wait_for(lambda: f"({watch.pid})" in lock_holders(tern))
        (store(tern).parent / "store.db.is-damaged").touch()
        run = tern("list")
        assert run.status == 1 and f"({watch.pid})" in run.err and "repaired" in run.err, run
        assert not asides(tern)
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=60)
    assert "is now" in told(tern.ok("list"))


NAMES = "rename,renameat,renameat2,link,linkat,unlink,unlinkat"
SYNCS = "fsync,fdatasync"


def traced(tern, *options):
    """A run of tern that opens the store, under strace."""
    return subprocess.run(["strace", "-f", "-qq", *options, *tern.argv("folders", "--offline")], capture_output=True, text=True,
                          env=tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}))


def with_log_left_behind(tern, server):
    """A store whose changes stand in its log, as after a kill; its folder, to begin from again."""
    synced(server, tern)
    other = sqlite3.connect(store(tern))  # as long as this is open nobody writes the log back
    other.execute("SELECT count(*) FROM folder").fetchall()
    change(tern)
    kept = tern.profile / "kept"
    shutil.copytree(store(tern).parent, kept, ignore=shutil.ignore_patterns("*.sock"))
    other.close()
    assert (kept / "store.db-wal").stat().st_size > 10 * PAGE
    return kept


def begin_again(tern, kept):
    shutil.rmtree(store(tern).parent)
    shutil.copytree(kept, store(tern).parent)
    header(tern)
    (store(tern).parent / "store.db.is-damaged").touch()  # the log has that page too: nobody would notice


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("calls", [NAMES, SYNCS])
def test_killed_while_it_is_repaired(tern, empty_server, calls):
    """At each step that changes a name or makes something durable: the next start has all of it, and says so."""
    kept = with_log_left_behind(tern, empty_server)
    kills = 0
    for step in range(1, 100):
        begin_again(tern, kept)
        killed = traced(tern, "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=KILL:when={step}")
        if killed.returncode == 0:
            break
        kills += 1
        is_pending = (store(tern).parent / "store.db.is-damaged").exists()
        run = tern.ok("journal", "--json", "--offline")
        assert len(run.out.splitlines()) == CHANGED, (step, run)
        assert ("is now" in run.err) == is_pending and "lost" not in run.err, (step, killed, run)
        assert len(asides(tern)) == 1, step
        aside = store(tern).parent / asides(tern)[0]
        assert (aside.parent / (aside.name + "-wal")).read_bytes() == (kept / "store.db-wal").read_bytes(), step
        assert not list(store(tern).parent.glob("*.rescued*")) + list(store(tern).parent.glob("*.is-damaged")), step
    assert kills > 6
    check_played(empty_server, tern)
    assert sqlite3.connect(store(tern)).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_a_repair_does_is_durable_in_its_order(tern, empty_server):
    """The new file, then the plan, then the old one's name, then the new one's: each before the next, whatever a power cut
    leaves of what was not synced."""
    kept = with_log_left_behind(tern, empty_server)
    begin_again(tern, kept)
    log = tern.profile / "trace"
    assert traced(tern, "-y", "-o", str(log), "-e", f"trace={NAMES},{SYNCS}").returncode == 0
    data = str(store(tern).parent)
    steps = []
    for line in log.read_text().splitlines():
        if re.search(r"f(data)?sync\(\d+<" + re.escape(data) + ">", line):
            steps.append("folder")
        elif re.search(r"f(data)?sync\(\d+<.*/store\.db\.rescued>", line):
            steps.append("new")
        elif re.search(r"f(data)?sync\(\d+<.*/store\.db\.is-damaged", line):
            steps.append("plan")
        elif "rename" in line:
            names = re.findall(r'"([^"]*)"', line)
            steps.append(os.path.basename(names[0])[:16] + ">" + re.sub(r"\d{4}-.*?(-wal|-shm)?$", r"\1", os.path.basename(names[1])))
    steps = [s for n, s in enumerate(steps) if n == 0 or s != steps[n - 1]]
    text = " ".join(steps)
    assert re.search(r"new folder plan store.db.is-dama>store.db.is-damaged folder "
                     r"(store.db-shm>store.db.damaged--shm )?store.db-wal>store.db.damaged--wal store.db>store.db.damaged- folder "
                     r"store.db.rescued>store.db folder", text), text


def test_the_screen_says_so(tern, empty_server):
    """On the line for errors, and whole on stderr when it is left."""
    synced(empty_server, tern)
    header(tern)
    with tern.terminal(100, 24, "--offline") as screen:
        screen.wait("the mail store was damaged", 30)
        screen.wait("INBOX", 30)
        screen.send("q")
        assert screen.wait_exit(30) == 0
        screen.drain()
        assert asides(tern)[0] in screen.raw.decode(errors="replace").replace("\r\n", "")
