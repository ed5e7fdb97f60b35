"""src/mime against Python's email, on generated mail: decoded headers and the parts, byte for byte."""
import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import re
import subprocess

import pytest

from lib.genmail import Generator, write_maildir
from lib.program import PROGRAM

BUILD = PROGRAM.parent
DUMP = BUILD / "tests/unit/dump-mime"
FEWER = 2500  # where Python takes long


@pytest.fixture(scope="module")
def dump():
    subprocess.run(["make", "-s", "-C", BUILD, "tests/unit/dump-mime"], check=True)

    def run(paths):
        r = subprocess.run([DUMP], input="".join(f"{p}\n" for p in paths), capture_output=True, encoding="utf-8")
        assert r.returncode == 0, r.stderr[-4000:]
        return [json.loads(line) for line in r.stdout.splitlines()]

    return run


@pytest.fixture(scope="module")
def generated(tmp_path_factory, dump):
    """(bytes, what tern says, what was meant), 10,000 times."""
    folder = tmp_path_factory.mktemp("mime") / "mail"
    meanings = write_maildir(folder, Generator(seed=31, count=10_000))
    paths = sorted(p for d in ("cur", "new") for p in (folder / d).iterdir())
    ours = dump(paths)
    by_bytes = [(p.read_bytes(), mine) for p, mine in zip(paths, ours)]
    assert len(ours) == len(paths) == len(meanings)
    return by_bytes


def unfolded(raw, name):
    """The first field of that name as Python's email has it before decoding, None when missing."""
    value = email.message_from_bytes(raw, policy=email.policy.compat32).get(name)
    if isinstance(value, email.header.Header):  # raw 8-bit
        value = email.header.decode_header(value)[0][0]
        value = value.encode("ascii", "surrogateescape") if isinstance(value, str) else value
        value = value.decode("utf-8")
    return None if value is None else re.sub(r"[\r\n]", "", value)


def decoded(value):
    """By decode_header(), which joins the bytes of adjacent words before it decodes them."""
    return str(email.header.make_header(email.header.decode_header(value)))


def test_subject_and_message_id(generated):
    for raw, mine in generated:
        subject, message_id = unfolded(raw, "Subject"), unfolded(raw, "Message-ID")
        assert mine["subject"] == (decoded(subject) if subject else ""), raw[:2000]
        assert mine["message_id"] == (message_id.strip().strip("<>") if message_id else None)


def test_the_same_by_the_newer_policy(generated):
    same = 0
    for raw, mine in generated[:FEWER]:
        subject = email.message_from_bytes(raw, policy=email.policy.default)["Subject"] or ""
        if not re.search("[\ud800-\udfff\ufffd]", str(subject)):  # it splits characters, and gives up on raw 8-bit
            assert mine["subject"] == str(subject)
            same += 1
    assert same > FEWER * 0.97


def test_people_and_references(generated):
    for raw, mine in generated[:FEWER]:
        for name in ("From", "To", "Cc"):  # the newer policy puts a space between encoded words of a name
            pairs = email.utils.getaddresses([unfolded(raw, name) or ""])
            theirs = [[decoded(n), a] for n, a in pairs if a]
            # A comment beside a name is no part of it here; getaddresses() puts it behind.
            ours = [[b[0] if b[0].startswith(f"{a[0]} (") else a[0], a[1]] for a, b in zip(mine[name.lower()], theirs)]
            assert ours == theirs and len(mine[name.lower()]) == len(theirs), unfolded(raw, name)
        ids = []
        for name in ("References", "In-Reply-To"):
            ids += [i for i in re.findall(r"<([^>]*)>", unfolded(raw, name) or "") if i not in ids]
        assert mine["references"] == ids


def test_dates(generated):
    for raw, mine in generated[:FEWER]:
        date = email.message_from_bytes(raw, policy=email.policy.default)["Date"]
        when = date.datetime if date else None
        assert mine.get("date") == (int(when.timestamp()) if when else None), date
        if when:
            assert mine["offset"] == when.utcoffset().total_seconds() // 60


def leaves(message):
    """The leaves with their IMAP numbers, messages within messages opened up."""
    def walk(part, number):
        if part.get_content_maintype() == "multipart":
            if not part.is_multipart():
                return [(number or "1", part)]
            return [leaf for n, child in enumerate(part.iter_parts(), 1)
                    for leaf in walk(child, f"{number}.{n}" if number else str(n))]
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            is_multipart = inner.get_content_maintype() == "multipart" and inner.is_multipart()
            return walk(inner, (number or "1") + ("" if is_multipart else ".1"))
        return [(number or "1", part)]
    return walk(message, "")


def test_parts(generated):
    """Numbers, types, names and decoded bytes of all leaves; what is damaged is read as far as it goes by each."""
    same = damaged = 0
    for raw, mine in generated[:FEWER]:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        theirs = leaves(message)
        ours = [p for p in mine["parts"] if p["is_leaf"]]
        assert [p["part"] for p in ours] == [n for n, _ in theirs], raw
        for mine_part, (_, part) in zip(ours, theirs):
            if part.get_content_maintype() != "multipart":
                assert mine_part["type"] == part.get_content_type()
            assert mine_part["filename"] == part.get_filename()
            payload = part.get_payload(decode=True)
            is_same = mine_part["sha256"] == hashlib.sha256(payload).hexdigest()
            is_whole = not part.defects and not message.defects
            same, damaged = same + is_same, damaged + (not is_same)
            assert is_same or not is_whole or b"=ZZ" in raw or b"*" in raw, raw
    assert damaged < same * 0.01
