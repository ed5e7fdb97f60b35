"""Several messages over one connection: each is begun in the flight that ends the one before (RFC 2920, 3.1), and still none
is lost, none goes twice, and each has a fate of its own."""
import email
import email.policy
import random
import signal
import subprocess

import pytest

from lib import torture
from lib.link import Link
from test_send import HARMLESS, MESSAGE, is_due_now, make_post, places, wait_for      # noqa: F401

WAYS = [set(), {"CHUNKING"}]
ALL_WAYS = [*WAYS, {"PIPELINING"}, {"PIPELINING", "CHUNKING"}]


@pytest.fixture
def make_local(make_post, tmp_path):
    """Mail that is read on this disk, so that a sync is about sending alone."""
    return lambda without=(): make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"}, without=set(without))


def queue(post, *subjects, words=("bob@example.org",)):
    for subject in subjects:
        post.tern.ok("send", "--offline", "--no-copy", "-i", *words, input=MESSAGE.replace(b"one", subject.encode()))


def arrived(post):
    return [str(email.message_from_bytes(sent.data)["Subject"]) for sent in post.sink.sent()]


def waiting(post):
    return {row["subject"]: (row["state"], row["tries"]) for row in post.outbox()}


def verbs(post):
    return [line.split()[0] for line in post.sink.log]


def begin_sync(post):
    return post.tern.start("sync")


def end_sync(process):
    process.communicate(timeout=300)


# ---- as it should be ----

@pytest.mark.threads
@pytest.mark.parametrize("without, each", [(set(), 1), ({"CHUNKING"}, 1), ({"PIPELINING"}, 3)])
def test_one_round_trip_for_each(make_local, without, each):
    post = make_local(without)
    queue(post, *(f"m{n}" for n in range(12)))
    with Link(post.sink.ports["submission"]) as link:
        post.write(outgoing=f"smtp://ada@127.0.0.1:{link.port}")
        post.tern.ok("sync")
        assert arrived(post) == [f"m{n}" for n in range(12)] and post.outbox() == []
        assert 12 * each <= link.turns <= 12 * each + 4      # EHLO, AUTH, the first one's MAIL, QUIT
    assert post.sink.connections == 1 and verbs(post)[-1] == "QUIT"


@pytest.mark.parametrize("without", ALL_WAYS)
def test_each_has_its_envelope_and_its_fate(make_local, without):
    """The same comes of it, however much the server takes at once."""
    post = make_local(without)
    queue(post, "plain")
    queue(post, "notices", words=("-N", "success", "eve@example.org", "carl@example.org"))
    queue(post, "some", words=("refuse@example.org", "bob@example.org", "later@example.org"))
    queue(post, "nobody", words=("refuse@example.org", "refuse2@example.org"))
    queue(post, "secret", words=("--require-tls", "bob@example.org"))
    queue(post, "grün", words=("jürgen@example.org",))
    queue(post, "other", words=("-f", "lin@example.org", "eve@example.org"))
    post.tern("sync")
    assert [(s.sender, s.recipients) for s in post.sink.sent()] == [
        ("ada@example.org", ["bob@example.org"]), ("ada@example.org", ["eve@example.org", "carl@example.org"]),
        ("ada@example.org", ["bob@example.org"]), ("ada@example.org", ["jürgen@example.org"]), ("lin@example.org", ["eve@example.org"])]
    options = [str(s.options) for s in post.sink.sent()]
    assert ["NOTIFY=SUCCESS" in o for o in options] == [False, True, False, False, False]
    assert ["SMTPUTF8" in o for o in options] == [False, False, False, True, False]
    assert waiting(post) == {"some": ("queued", 1), "nobody": ("failed", 1), "secret": ("failed", 1)}
    assert post.sink.connections == 1


@pytest.mark.parametrize("without", WAYS)
def test_large_ones_between_small_ones(make_local, without):
    post = make_local(without)
    texts = [MESSAGE + b".x\n" * lines for lines in (1, 200000, 0, 90000, 2)]
    for text in texts:
        post.tern.ok("send", "--offline", "--no-copy", "-i", "bob@example.org", input=text)
    post.tern.ok("sync")
    assert [s.data for s in post.sink.sent()] == [text.replace(b"\n", b"\r\n") for text in texts] and post.sink.connections == 1


@pytest.mark.parametrize("without", WAYS)
def test_7bit_copies(make_local, without):
    """Of the one that goes and of the one that comes after it."""
    post = make_local({"8BITMIME", *without})
    for text in ("Grüße", "日本", "plain"):
        post.tern.ok("send", "--offline", "--no-copy", "-i", "bob@example.org", input=MESSAGE.replace(b"hello", text.encode()))
    post.tern.ok("sync")
    messages = [email.message_from_bytes(s.data, policy=email.policy.strict) for s in post.sink.sent()]
    assert [m.get_content().strip() for m in messages] == ["Grüße", "日本", "plain"]
    assert list((post.tern.profile / "data/outbox/tmp").iterdir()) == []


# ---- what the server says of one of them ----

@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("answer, state", [("553 5.7.1 not you", "failed"), ("451 4.3.0 later", "queued")])
@pytest.mark.parametrize("where", ["mail", "rcpt"])
def test_the_next_one_is_refused(make_local, without, answer, state, where):
    post = make_local(without)
    queue(post, "first", "second", "third")
    post.sink.faults[where] = [None, answer]
    post.tern("sync")
    assert arrived(post) == ["first", "third"] and waiting(post) == {"second": (state, 1)}
    assert post.sink.connections == 1


@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("answer, state", [("554 5.7.1 spam", "failed"), ("451 4.3.0 later", "queued")])
def test_refused_after_its_end(make_local, without, answer, state):
    """The one that was begun meanwhile goes on."""
    post = make_local(without)
    queue(post, "first", "second", "third")
    post.sink.faults["end"] = [answer]
    post.tern("sync")
    assert arrived(post) == ["second", "third"] and waiting(post) == {"first": (state, 1)}
    assert post.sink.connections == 1


@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("fault, state", [("drop", "unknown"), ("drop-kept", "unknown"), ("nonsense", "unknown"), ("421 4.3.2 bye", "queued")])
def test_cut_after_the_end(make_local, without, fault, state):
    """Only that one is in doubt; the one that was begun is as it was, and goes out by itself."""
    post = make_local(without)
    queue(post, "first", "second", "third")
    post.sink.faults["end"] = [fault]
    post.tern("sync")
    kept = ["first"] if fault == "drop-kept" else []
    assert arrived(post) == kept
    assert waiting(post) == {"first": (state, 1), "second": ("queued", 0), "third": ("queued", 0)}
    post.tern("sync")
    assert arrived(post) == kept + ["second", "third"] and waiting(post) == {"first": (state, 1)}


@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("fault", ["drop", "nonsense", "421 4.3.2 bye"])
@pytest.mark.parametrize("where", ["rset", "mail", "rcpt"])
def test_cut_at_the_next_one(make_local, without, fault, where):
    """What came before has arrived; it and what follows are tried again."""
    post = make_local(without)
    queue(post, "first", "second", "third")
    post.sink.faults[where] = [fault] if where == "rset" else [None, fault]
    post.tern("sync")
    assert arrived(post)[:1] == ["first"] and "first" not in waiting(post)
    is_due_now(post)
    post.tern("sync")
    is_due_now(post)
    post.tern("sync")
    assert arrived(post) == ["first", "second", "third"] and post.outbox() == []


# ---- what a person says meanwhile ----

def envelope_of(post, subject):
    path, = (p for p in (post.tern.profile / "data/outbox/envelopes").iterdir() if f"subject={subject}\n" in p.read_text())
    return path


def rewrite(post, subject, old, new):
    path = envelope_of(post, subject)
    text = path.read_text()
    assert old in text
    fresh = path.with_name("fresh")
    fresh.write_text(text.replace(old, new))
    fresh.rename(path)


@pytest.mark.threads
@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("how", ["hold", "cancel", "held", "another"])
def test_taken_back_once_it_was_begun(make_local, without, how):
    """The server knows of it when a person is faster: it is not sent as it was, and what follows is."""
    post = make_local(without)
    queue(post, "first", "second", "third")
    number = envelope_of(post, "second").name
    post.sink.faults["end"] = ["wait"]
    process = begin_sync(post)
    wait_for(lambda: not post.sink.faults["end"])      # the first one's end is there, and with it the next one's beginning
    if how in ("hold", "cancel"):
        post.tern.ok("outbox", how, number)
    elif how == "held":
        rewrite(post, "second", "state=queued", "state=held")
    else:
        rewrite(post, "second", "address=bob@example.org", "address=eve@example.org")
    post.sink.go.set()
    end_sync(process)
    is_sent = how == "another"
    post.tern("sync")
    assert arrived(post) == ["first", *["second"] * is_sent, "third"]
    assert [s.recipients for s in post.sink.sent()] == [["bob@example.org"]] + [["eve@example.org"]] * is_sent + [["bob@example.org"]]
    assert waiting(post) == ({"second": ("held", 0)} if how in ("hold", "held") else {})
    assert post.sink.connections > 1 and "RSET" in verbs(post)      # there was something to take back


@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_ended_once_the_next_one_was_begun(make_local, without, sign):
    """The one whose end is out is in doubt, as ever; the next one goes out by itself, once."""
    post = make_local(without)
    queue(post, "first", "second")
    post.sink.faults["end"] = ["hang"]
    process = begin_sync(post)
    wait_for(lambda: not post.sink.faults["end"])
    process.send_signal(sign)
    end_sync(process)
    post.tern("sync")
    assert arrived(post) == ["second"] and waiting(post) == {"first": ("unknown", 1)}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_ended_in_the_middle_of_the_next_one(make_local, sign):
    post = make_local()
    queue(post, "first", "second", "third")
    post.sink.faults["rcpt"] = [None, "hang"]
    process = begin_sync(post)
    wait_for(lambda: not post.sink.faults["rcpt"])
    wait_for(lambda: "first" not in waiting(post))
    process.send_signal(sign)
    end_sync(process)
    post.tern("sync")
    assert arrived(post) == ["first", "second", "third"] and post.outbox() == []


# ---- kills ----

def sync_under_strace(post, words, count=None):
    argv = ["strace", "-f", "-qq", *(["-c", "-o", count] if count else ["-o", "/dev/null"]), *words, *post.tern.argv("sync")]
    env = post.tern.environment({"ASAN_OPTIONS": "detect_leaks=0", "TSAN_OPTIONS": ""})
    subprocess.run(argv, env=env, capture_output=True, timeout=300)


def calls_of(post, tmp_path):
    """How many system calls of each kind the sending of three makes."""
    path = tmp_path / "calls"
    queue(post, "counted 1", "counted 2", "counted 3")
    sync_under_strace(post, [], str(path))
    rows = (line.split() for line in path.read_text().splitlines())
    return {row[-1]: int(row[3]) for row in rows
            if len(row) >= 5 and row[3].isdigit() and row[-1] != "total" and row[-1] not in HARMLESS}


@pytest.mark.torture
def test_three_killed_anywhere(make_local, tmp_path):
    """kill -9 while three go out: none lost, none twice, at most one of them in doubt, and in their order."""
    if subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
        pytest.skip("strace cannot trace here")
    post = make_local()
    counts = calls_of(post, tmp_path)
    points = list(places(counts, torture.count(3, 10), random.Random(torture.SEED)))
    assert len(points) >= 15
    doubts = 0
    for kind, when in points:
        post.sink.without = random.Random(f"{kind}{when}").choice(WAYS)
        subjects = [f"{kind} {when} {n}" for n in range(3)]
        queue(post, *subjects)
        sync_under_strace(post, ["-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={when}"])
        post.tern("sync")
        is_due_now(post)
        post.tern("sync")
        left = waiting(post)
        here = [s for s in arrived(post) if s in subjects]
        assert here == [s for s in subjects if s in here], (kind, when, here)      # in order, none twice
        assert all(state == "unknown" for state, _ in left.values()) and len(left) <= 1, (kind, when, left)
        assert set(subjects) <= set(here) | set(left), (kind, when, here, left)     # none lost
        doubts += len(left)
        for row in post.outbox():
            post.tern.ok("outbox", "cancel", row["id"])
    print(f"\n{len(points)} kills, {doubts} messages in doubt")
