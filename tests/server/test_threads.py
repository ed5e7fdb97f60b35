"""Threads: the same whatever the order of arrival, equal to an independent joining, and beside Dovecot's own."""
import email
import email.policy
import random
import re

import pytest

from lib.genmail import Generator
from lib.program import Tern
from lib.torture import count

COUNT = count(2000, 10_000)
ID = re.compile(r"<([^<>\s]+)>")


def ids_of(raw):
    """A message's own Message-ID (or None) and those it refers to."""
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    own = ID.findall(str(parsed.get("Message-ID", "")))
    others = ID.findall(str(parsed.get("References", ""))) + ID.findall(str(parsed.get("In-Reply-To", "")))
    return (own[0] if own else None), others


def joined(messages):
    """The independent joining: messages are one thread when a chain of Message-IDs connects them."""
    parent = {}

    def find(one):
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for number, raw in enumerate(messages):
        own, others = ids_of(raw)
        for other in ([own] if own else []) + others:
            parent[find(("id", other))] = find(("message", number))
    threads = {}
    for number in range(len(messages)):
        threads.setdefault(find(("message", number)), set()).add(number)
    return {frozenset(t) for t in threads.values()}


def threads_in_tern(tern, folder, number_of):
    threads = {}
    for row in tern.json("list", folder, "--limit", "100000").rows:
        threads.setdefault(row["thread"], set()).add(number_of[row["uid"]])
    return {frozenset(t) for t in threads.values()}


def dovecots(imap, number_of):
    """THREAD=REFS as sets of messages."""
    text = imap.uid("THREAD", "REFS", "UTF-8", "ALL")[1][0].decode()
    threads, depth, begin = set(), 0, 0
    for at, char in enumerate(text):
        if char == "(":
            begin = at if depth == 0 else begin
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                threads.add(frozenset(number_of[int(n)] for n in re.findall(r"\d+", text[begin:at])))
    return threads


def write_in_order(folder, messages, order):
    """A Maildir whose files sort by `order`, which is how Dovecot numbers them; each message says its number."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for place, number in enumerate(order):
        text = f"X-Number: {number}\r\n".encode() + messages[number]
        (folder / "cur" / f"{1_700_000_000 + place}.M{place}.test:2,S").write_bytes(text.replace(b"\r\n", b"\n"))


def numbers(imap):
    """{uid: number of the message} of the selected folder."""
    found = {}
    for answer in imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (X-NUMBER)])")[1]:
        if isinstance(answer, tuple):
            found[int(re.search(rb"UID (\d+)", answer[0])[1])] = int(answer[1].split(b":")[1])
    return found


@pytest.mark.torture
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_threads(empty_server, tmp_path):
    messages = [m.raw for m in Generator(seed=21, count=COUNT)]
    expected = joined(messages)
    imap = empty_server.imap("ada")
    for seed in range(5):
        order = list(range(COUNT))
        random.Random(seed).shuffle(order)
        name = f"Order{seed}"
        write_in_order(tmp_path / name, messages, order)
        empty_server.fill("ada", name, tmp_path / name)
        imap.select(name, readonly=True)
        number_of = numbers(imap)
        assert len(number_of) == COUNT
        # Each order in a store of its own, so that none can lean on what another has joined.
        tern = Tern(tmp_path / f"profile{seed}")
        tern.write(empty_server.account("ada"))
        tern.ok("sync", f"ada/{name}")
        assert threads_in_tern(tern, name, number_of) == expected, f"order {seed}"
    theirs = dovecots(imap, number_of)
    # Dovecot's threads (RFC 5256's way of parents) are pieces of tern's: it never joins what tern keeps apart …
    of_tern = {number: thread for thread in expected for number in thread}
    for thread in theirs:
        assert all(thread <= of_tern[number] for number in thread)
    # … and where it keeps apart what tern joins, a message stands there that gives a reason: its Message-ID is another
    # one's too (REFS then gives it a thread of its own), or it names an ancestor beside those it already has.
    own = {}
    for number, raw in enumerate(messages):
        own.setdefault(ids_of(raw)[0], []).append(number)
    doubled = {n for key, numbers in own.items() if key is None or len(numbers) > 1 for n in numbers}
    for thread in expected - theirs:
        assert thread & doubled or any(len(set(ids_of(messages[n])[1])) > 1 for n in thread)
