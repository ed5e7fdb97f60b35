"""Each command of the protocol against real servers, Dovecot and Cyrus: two sessions, one changes, the other hears of it."""
import itertools
import re
import subprocess

import pytest

from lib.mailserver import MailServer
from lib.program import PROGRAM
from lib.talk import Talk

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def program():
    made = subprocess.run(["make", "-s", "-C", PROGRAM.parent, "tests/lib/imap-talk"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return PROGRAM.parent / "tests/lib/imap-talk"


class Account:
    """Sessions of one user: connect() logs one in."""

    def __init__(self, name, program, port, ca_file, user, password):
        self.name, self.program, self.port, self.ca_file, self.user, self.password = name, program, port, ca_file, user, password
        self.open = []

    def connect(self):
        talk = Talk(self.program, self.port, self.ca_file).__enter__()
        self.open.append(talk)
        talk.ok("login-safely", self.user, self.password)
        talk.ok("noop")  # what the login brought with it is known from here on
        return talk

    def folder(self, talk, messages=0):
        """A new one; its messages have the UIDs from 1 on and the Message-IDs <1@x> …"""
        name = f"Test{next(NUMBERS)}"
        talk.ok("create", name)
        if messages:
            fill(talk, name, range(1, messages + 1))
        return name


def fill(talk, folder, numbers):
    """What APPEND said of them."""
    parts = [word for n in numbers for word in ("-", "0", rf"Message-ID:_<{n}@x>\nSubject:_{n}\n\ntext\n")]
    return talk.ok("append", folder, *parts)[-1]


@pytest.fixture(scope="session")
def dovecot():
    with MailServer() as server:
        yield server


def account_on(server, name, program):
    if name == "cyrus":
        return Account(name, program, server.ports["imaps"], server.ca_file, server.user, server.password)
    return Account(name, program, server.ports["imaps"], server.ca_file, "ada", server.users["ada"])


def closed(account):
    for talk in account.open:
        talk.__exit__(None)


@pytest.fixture(params=["dovecot", "cyrus"])
def account(request, program):
    one = account_on(request.getfixturevalue(request.param), request.param, program)
    yield one
    closed(one)


def flags_in(lines):
    """uid: set of flags, of what was fetched ("1 4 (\\Seen) …") or heard ("! flags 1 4 (\\Seen) 7")."""
    found = {}
    for line in lines:
        if match := re.match(r"(?:! flags )?\d+ (\d+) \(([^)]*)\)", line):
            found[int(match[1])] = set(match[2].split()) - {r"\Recent"}
    return found


def gone_in(lines):
    return ",".join(line.split()[2] for line in lines if line.startswith("! gone"))


def fetch(talk, uids="1:*"):
    return flags_in(talk.ok("fetch", "uid", uids, "flags"))


def select(talk, folder):
    """exists, uid_next, uid_validity, modseq"""
    return [int(number) for number in talk.ok("select", folder)[-1].split()[:4]]


# --- changes ---

def test_flags(account):
    talk = account.connect()
    select(talk, account.folder(talk, 5))
    talk.ok("send-store", "1:3", "+", r"\Seen,\Flagged,$Forwarded")
    talk.ok("send-store", "2", "-", r"\Flagged")
    talk.ok("send-store", "5", "+", r"\Deleted,\Draft,\Answered")
    for _ in range(3):
        talk.ok("changed")
    all_three = {r"\Seen", r"\Flagged", "$Forwarded"}
    assert fetch(talk) == {1: all_three, 2: all_three - {r"\Flagged"}, 3: all_three, 4: set(),
                           5: {r"\Deleted", r"\Draft", r"\Answered"}}


def test_flags_that_another_client_changed_are_left_alone(account):
    talk, other = account.connect(), account.connect()
    folder = account.folder(talk, 3)
    modseq = select(talk, folder)[3]
    select(other, folder)
    other.ok("change", "store", "2", "+", "theirs")
    talk.ok("send-store", "1:3", "+", r"\Seen", modseq)
    assert [line for line in talk.ok("changed") if not line.startswith("!")] == ["modified 2"]
    assert fetch(talk) == {1: {r"\Seen"}, 2: {"theirs"}, 3: {r"\Seen"}}


def test_copy_move_expunge(account):
    talk = account.connect()
    folder, target = account.folder(talk, 6), account.folder(talk, 2)
    validity = select(talk, target)[2]
    select(talk, folder)
    talk.ok("send-copy", "1,3:4", target)
    talk.ok("send-move", "2,5", target)
    talk.ok("change", "store", "1,6", "+", r"\Deleted")
    select(talk, folder)
    talk.ok("send-copy", "1,3:4", target)
    copied = [line for line in talk.ok("changed") if line.startswith("copied")]
    assert len(copied) == 1 and copied[0].startswith(f"copied to {validity}: 1>") and " 3>" in copied[0] and " 4>" in copied[0]
    # UID EXPUNGE takes what it is told to, and not the other one that is marked.
    assert gone_in(talk.ok("change", "expunge", "1:4")) == "1"
    assert sorted(fetch(talk)) == [3, 4, 6]
    assert select(talk, target)[0] == 2 + 3 + 2 + 3
    assert talk("change", "copy", "1", "Nowhere-at-all")[-1].startswith("error refused TRYCREATE:")


def test_each_change_tells_its_own_new_uids(account):
    """Of several on their way at once: Dovecot says MOVE's before the answers to commands that were sent earlier."""
    talk = account.connect()
    folder, target = account.folder(talk, 6), account.folder(talk)
    validity = select(talk, target)[2]
    select(talk, folder)
    talk.ok("send-store", "1", "+", r"\Seen")
    talk.ok("send-copy", "1", target)
    talk.ok("send-move", "2,4", target)
    talk.ok("send-store", "3", "+", r"\Seen")
    talk.ok("send-move", "3", target)
    told = [[line for line in talk.ok("changed") if line.startswith("copied")] for _ in range(5)]
    assert [len(lines) for lines in told] == [0, 1, 1, 0, 1]
    pairs = {}
    for line in itertools.chain(*told):
        assert line.startswith(f"copied to {validity}: ")
        pairs.update(pair.split(">") for pair in line.split(": ")[1].split())
    select(talk, target)
    for old, new in pairs.items():
        assert talk.ok("message-id", 1, f"<{old}@x>") == [f"found {new}"]
    assert sorted(pairs) == ["1", "2", "3", "4"]


def test_append(account):
    talk = account.connect()
    folder = account.folder(talk)
    validity = select(talk, folder)[2]
    talk.ok("unselect")
    assert fill(talk, folder, range(1, 31)) == f"{validity}: " + " ".join(str(n) for n in range(1, 31))
    said = talk.ok("append", folder, r"\Seen,$x", "837596665", r"A:_b\n\ntwo\r\nlines\n")
    assert said == [f"{validity}: 31"]
    select(talk, folder)
    row = talk.ok("fetch", "uid", "31", "flags,envelope")[-1]
    assert flags_in([row]) == {31: {r"\Seen", "$x"}} and "date=837596665 size=20 " in row, row
    assert talk.ok("body", 31) == [r"16: A: b\n\ntwo\nlines\n"]
    big = talk.ok("append", folder, "-", "0", "*20000")
    assert big == ["! exists 32", f"{validity}: 32"] or big == [f"{validity}: 32"]
    said = talk("append", "Nowhere-at-all", "-", "0", "x")
    assert said[-1].startswith("error refused TRYCREATE:"), said


# --- what changed since ---

def test_resync(account):
    talk, other = account.connect(), account.connect()
    folder = account.folder(talk, 9)
    _, _, validity, modseq = select(talk, folder)
    talk.ok("unselect")
    select(other, folder)
    other.ok("change", "store", "2:3", "+", r"\Seen")
    other.ok("change", "store", "5,8", "+", r"\Deleted")
    other.ok("change", "expunge", "5,8")
    fill(other, folder, [10])
    lines = talk.ok("resync", folder, validity, modseq, "1:9")
    assert lines[-1].split()[0] == "8" and " resynced" in lines[-1]
    assert gone_in(lines) in ("5,8", "8,5") and all(" earlier" in line for line in lines if "! gone" in line)
    heard = flags_in(lines)
    assert heard.pop(10, set()) == set()
    assert heard == {2: {r"\Seen"}, 3: {r"\Seen"}}
    # Nothing since: one line.
    modseq = int(lines[-1].split()[3])
    talk.ok("unselect")
    assert talk.ok("resync", folder, validity, modseq) == [lines[-1]]
    # And in a folder that is open.
    other.ok("change", "store", "1", "+", r"\Flagged")
    lines = talk.ok("changes", "1:*", modseq)
    assert flags_in(lines) == {1: {r"\Flagged"}}
    # Another UIDVALIDITY: nothing is told of it but that it is open.
    lines = talk.ok("resync", folder, validity - 1, modseq)
    assert lines[-1].startswith("8 ") and "resynced" not in lines[-1] and not gone_in(lines)


def test_resync_moves_from_folder_to_folder(account):
    """What the folder before tells while another is opened belongs to neither."""
    talk, other = account.connect(), account.connect()
    first, second = account.folder(talk, 5), account.folder(talk, 5)
    _, _, validity, modseq = select(talk, second)
    select(talk, first)
    select(other, first)
    other.ok("change", "store", "1:2", "+", r"\Deleted")
    other.ok("change", "expunge", "1:2")
    lines = talk.ok("resync", second, validity, modseq)
    assert not gone_in(lines) and not flags_in(lines) and lines[-1].startswith("5 ")


# --- at once ---

def test_idle(account):
    talk, other = account.connect(), account.connect()
    folder = account.folder(talk, 3)
    select(talk, folder)
    select(other, folder)
    talk.ok("idle")
    fill(other, folder, [4])
    assert "! exists 4" in talk.ok("listen", 1)
    other.ok("change", "store", "2", "+", r"\Flagged")
    assert flags_in(talk.ok("listen", 1)).get(2) == {r"\Flagged"}
    other.ok("change", "store", "1", "+", r"\Deleted")
    other.ok("change", "expunge", "1")
    lines = []
    while not gone_in(lines):
        lines += talk.ok("listen", 1)
    assert gone_in(lines) == "1"
    talk.ok("done")
    assert sorted(fetch(talk)) == [2, 3, 4]
    talk.ok("idle")
    talk.ok("done")
    talk.ok("noop")
    talk.ok("idle")
    talk.ok("logout")


def test_a_map_instead_of_qresync(program):
    """Without QRESYNC an EXPUNGE names a number, which the map knows as a UID."""
    with MailServer(without=("QRESYNC", "CONDSTORE", "ENABLE")) as server:
        account = account_on(server, "dovecot", program)
        talk, other = account.connect(), account.connect()
        folder = account.folder(talk, 9)
        for one in (talk, other):
            select(one, folder)
        other.ok("change", "store", "2,4", "+", r"\Deleted")
        other.ok("change", "expunge", "2,4")
        talk.ok("map")
        talk.ok("idle")
        other.ok("change", "store", "3,7", "+", r"\Deleted")
        other.ok("change", "expunge", "3,7")
        lines = []
        while len(gone_in(lines).split(",")) < 2:
            lines += talk.ok("listen", 1)
        assert sorted(gone_in(lines).split(",")) == ["3", "7"]
        assert set(flags_in(lines)) <= {3, 7}
        talk.ok("done")
        assert sorted(fetch(talk)) == [1, 5, 6, 8, 9]
        closed(account)


def heard(talk, wanted):
    """The first thing heard that the pattern fits."""
    while True:
        for line in talk.ok("listen", 1):
            if re.search(wanted, line):
                return line


def test_notify(dovecot, program):
    account = account_on(dovecot, "dovecot", program)
    talk, other = account.connect(), account.connect()
    watched, selected = account.folder(talk, 2), account.folder(talk, 2)
    select(talk, selected)
    assert any(f"<{watched}>" in line for line in talk.ok("notify", 15))
    select(other, watched)
    fill(other, watched, [3])
    heard(talk, rf"! status  <{watched}> .* 3 \d+ 4 \d+ \d+")  # messages, unseen, UIDNEXT, UIDVALIDITY, MODSEQ
    other.ok("change", "store", "1", "+", r"\Deleted")
    other.ok("change", "expunge", "1")
    heard(talk, rf"! status  <{watched}> .* 2 \d+ 4 ")
    fill(other, selected, [3])
    heard(talk, "! exists 3")
    other.ok("create", watched + "new")
    heard(talk, f"! listed {watched}new ")
    other.ok("subscribe", watched + "new")
    heard(talk, f"! listed {watched}new .* subscribed")
    other.ok("delete", watched + "new")
    heard(talk, f"! gone {watched}new ")
    talk.ok("notify", 0)
    closed(account)


# --- searching ---

def test_search(account):
    talk = account.connect()
    select(talk, account.folder(talk, 9))
    talk.ok("change", "store", "3,5:6", "+", r"\Seen")
    assert talk.ok("search", "UNSEEN") == ["found 1:2,4,7:9"]
    assert talk.ok("search", "FLAGGED") == ["found "]
    assert talk.ok("message-id", 1, "<4@x>") == ["found 4"]
    assert talk.ok("message-id", 5, "<4@x>") == ["found "]


def test_page_with_examine(account):
    """In one flight; of a folder that has another number of messages than was told there is none, and nothing breaks."""
    talk = account.connect()
    folder, empty = account.folder(talk, 9), account.folder(talk, 0)
    for told in (9, 5, 10, 90, 9):
        opened = talk.ok("page", folder, 3, told, "flags")
        assert opened[0].startswith("9 10 ")
        assert opened[1:] == (["its page comes"] if told == 9 else [])
        rows = talk.ok("wait") if told == 9 else talk.ok("fetch", "seq", "7:9", "flags")
        assert sorted(flags_in(rows)) == [7, 8, 9]
    assert talk.ok("page", empty, 3, 4, "flags")[0].startswith("0 1 ")
    assert talk("page", folder + "none", 3, 4, "flags")[-1].startswith("error refused")
    assert talk.ok("page", folder, 30, 9, "flags")[1:] == ["its page comes"]
    talk.ok("noop")


# --- folders ---

def listed(talk):
    return {line.split(" <")[0]: line for line in talk.ok("list")}


def test_folders(account):
    talk = account.connect()
    name = account.folder(talk, 1)
    talk.ok("create", f"{name}/A&-B")
    talk.ok("create", f"{name}/M&APw-ll")
    talk.ok("subscribe", f"{name}/M&APw-ll")
    folders = listed(talk)
    assert f"{name}/A&B" in folders
    assert " subscribed" in folders[f"{name}/Müll"] and " children" in folders[name]
    assert re.search(r" 1 1 2 \d+ \d+ size=\d+", folders[name])
    talk.ok("rename", name, name + "x")
    talk.ok("unsubscribe", f"{name}/M&APw-ll")
    folders = listed(talk)
    assert f"{name}x/Müll" in folders and name not in folders and " subscribed" not in folders[f"{name}x/Müll"]
    talk.ok("delete", f"{name}x/M&APw-ll")
    assert f"{name}x/Müll" not in listed(talk)
    assert talk("delete", f"{name}x/M&APw-ll")[-1].startswith("error refused")
    assert talk("create", "INBOX")[-1].startswith("error refused")
    assert talk.ok("status", "INBOX", f"{name}x", "Nowhere-at-all")[2].endswith("none")


def test_roles_are_made(cyrus, program):
    account = account_on(cyrus, "cyrus", program)
    talk = account.connect()
    assert talk.ok("create", "Unwanted", "junk") == ["with role"]
    assert " junk" in listed(talk)["Unwanted"]
    # One that has such a folder already refuses the role, and gives the folder.
    assert talk.ok("create", "Unwanted2", "junk") == ["plain"]
    closed(account)


def test_ids(cyrus, program):
    account = account_on(cyrus, "cyrus", program)
    talk = account.connect()
    folder, target = account.folder(talk, 1), account.folder(talk)
    mailbox_id = talk.ok("select", folder)[-1].split(" id=")[1]
    ids = talk.ok("fetch", "uid", "1", "ids")[0].split("ids=")[1]
    assert re.fullmatch(r"M\w+,\S+", ids)
    talk.ok("change", "copy", "1", target)
    talk.ok("select", target)
    assert talk.ok("fetch", "uid", "1", "ids")[0].split("ids=")[1].split(",")[0] == ids.split(",")[0]
    talk.ok("unselect")
    talk.ok("rename", folder, folder + "x")
    assert talk.ok("select", folder + "x")[-1].endswith(f" id={mailbox_id}")
    closed(account)


def test_rights_and_quota(account):
    talk = account.connect()
    folder = account.folder(talk, 1)
    assert talk.ok("rights", "INBOX") == ["INBOX 7ff"]
    assert talk.ok("rights", "INBOX", folder) == ["INBOX 7ff", f"{folder} 7ff"]
    assert any(line.startswith("ada lr") for line in talk.ok("acl", folder))
    quotas = talk.ok("quota", folder)
    assert any(re.fullmatch(r"<.*> STORAGE \d+ of \d{9,}", line) for line in quotas), quotas


def test_no_room(program):
    with MailServer(extra="plugin {\n  quota_rule = *:storage=20K\n  quota_grace = 0\n}\n") as server:
        account = account_on(server, "dovecot", program)
        talk = account.connect()
        folder = account.folder(talk, 1)
        said = talk("append", folder, "-", "0", "*3000")
        assert said[-1].startswith("error refused OVERQUOTA: there is no room left"), said
        talk.ok("noop")
        closed(account)


# --- fewer bytes ---

def test_compress(account):
    talk = account.connect()
    folder = account.folder(talk, 40)
    talk.ok("unselect")
    talk.ok("compress")
    select(talk, folder)
    assert len(fetch(talk)) == 40
    talk.ok("change", "store", "1:40", "+", r"\Seen")
    assert set(fetch(talk)) == set(range(1, 41))
    before = talk.bytes()
    text = "".join(talk.ok("fetch", "uid", "1:40", "flags,envelope,structure"))
    assert talk.bytes() - before < len(text) / 2
    talk.ok("body", 7)
    talk.ok("compress")  # NO from Dovecot, BAD from Cyrus: a refusal changes nothing
    talk.ok("idle")
    fill(account.connect(), folder, [41])
    talk.ok("listen", 1)
    talk.ok("done")
    talk.ok("logout")
