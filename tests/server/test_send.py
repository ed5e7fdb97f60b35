"""tern send, the outbox and its sending, against an SMTP server with every fault (smtpsink.py): nothing lost, nothing sent
twice, and what arrives is what a strict parser takes."""
import email
import email.policy
import json
import os
import random
import re
import signal
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from lib import torture
from lib.door import hang_up
from lib.proxy import Proxy
from lib.smtpsink import SmtpSink

MESSAGE = b"From: ada@example.org\nTo: bob@example.org\nSubject: one\nMessage-ID: <one@example.org>\n" \
          b"Date: Mon, 30 Nov 2026 10:00:00 +0000\n\nhello\n"


class Post:
    """A tern that sends to a sink; what is read is nowhere."""

    def __init__(self, tern, sink, **keys):
        self.tern, self.sink = tern, sink
        self.keys = {"name": "Ada Example", "address": "ada@example.org", "password": "secret",
                     "incoming": f"imap://ada@127.0.0.1:9",
                     "outgoing": f"smtp://ada@127.0.0.1:{sink.ports['submission']}", **keys}
        self.write()

    def write(self, **keys):
        self.keys.update(keys)
        self.tern.write("[account work]\n" + "".join(f"{k} = {v}\n" for k, v in self.keys.items()))

    def send(self, *words, message=MESSAGE):
        return self.tern.ok("send", *words, input=message)

    def outbox(self):
        return self.tern.json("outbox").rows

    def states(self):
        return [row["state"] for row in self.outbox()]


@pytest.fixture
def make_post(tern, tmp_path):
    open_sinks = []

    def make(keys=None, **options):
        sink = SmtpSink(tmp_path / f"sink{len(open_sinks)}", {"ada": "secret"}, **options)
        open_sinks.append(sink.__enter__())
        return Post(tern, sink, **(keys or {}))

    yield make
    for sink in open_sinks:
        sink.__exit__()


@pytest.fixture
def post(make_post):
    return make_post()


def is_due_now(post):
    """Lets a message that waits for its time be tried now."""
    for path in (post.tern.profile / "data/outbox/envelopes").iterdir():
        path.write_text(re.sub(r"^not-before=.*$", "not-before=0", path.read_text(), flags=re.M))


# ---- what goes out ----

def test_well_formed_message_goes_out_as_it_is_without_bcc(post):
    post.send("-t", message=MESSAGE.replace(b"Subject", b"Bcc: eve@example.org,\n carl@example.org\nX-Odd:   kept\t as is \nSubject"))
    (sent,) = post.sink.sent()
    assert sent.sender == "ada@example.org"
    assert sent.recipients == ["bob@example.org", "eve@example.org", "carl@example.org"]
    expected = MESSAGE.replace(b"Subject", b"X-Odd:   kept\t as is \nSubject")
    assert sent.data == expected.replace(b"\n", b"\r\n")
    assert post.outbox() == []


def test_what_tern_notes_in_drafts_stays_here(post):
    """A draft's file that is sent by hand: neither the server nor the copy in Sent learns of paths and what was typed."""
    notes = b"X-Tern-Draft: new; account=work;\n original=12\nX-Tern-Attachment: text/plain; path=%2Fhome%2Fada%2Fsecret\nx-tern-cc: carl@\n"
    post.send("-t", message=MESSAGE.replace(b"Subject", notes + b"X-Ternary: kept\nSubject"))
    (sent,) = post.sink.sent()
    assert sent.data == MESSAGE.replace(b"Subject", b"X-Ternary: kept\nSubject").replace(b"\n", b"\r\n")


def test_arguments_of_sendmail(post):
    post.send("-oi", "-f", "bounces@example.org", "carl@example.org", message=MESSAGE + b".\nnot the end\n")
    post.send("-oem", "carl@example.org", message=MESSAGE + b".\nnot this\n")
    post.send("-t", "-i", "-fada@example.org", "--", "carl@example.org", message=MESSAGE)
    post.send("-ti", message=MESSAGE + b".\n-ti\n")
    post.send("-FCron Daemon", "-i", "-B8BITMIME", "-oem", "carl@example.org", message=b"Subject: x\n\n.\ncron\n")
    with_dot, cut, both, together, cron = post.sink.sent()
    assert together.recipients == ["bob@example.org"] and together.data.endswith(b"\r\n.\r\n-ti\r\n")
    assert b"From: Cron Daemon <ada@example.org>" in cron.data and cron.data.endswith(b"\r\n.\r\ncron\r\n")
    assert (with_dot.sender, with_dot.recipients) == ("bounces@example.org", ["carl@example.org"])
    assert with_dot.data.endswith(b"hello\r\n.\r\nnot the end\r\n")
    assert cut.data.endswith(b"\r\nhello\r\n")
    assert both.recipients == ["carl@example.org", "bob@example.org"]


@pytest.mark.parametrize("words", [["-v"], ["-bm"], ["-b", "m"], ["-G"], ["-U"], ["-n"], ["-odi", "-G", "-n", "-U", "-vti", "-bm"]],
                         ids=" ".join)
def test_arguments_of_sendmail_that_mean_nothing_here(post, words):
    post.send(*words, "bob@example.org")
    (sent,) = post.sink.sent()
    assert (sent.sender, sent.recipients, sent.data) == ("ada@example.org", ["bob@example.org"], MESSAGE.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("words, tells", [(["-bs"], "SMTP"), (["-bp"], "tern outbox"), (["-bd"], "-bm"), (["-R", "some"], "hdrs")])
def test_arguments_of_sendmail_that_are_refused(post, words, tells):
    result = post.tern("send", *words, "bob@example.org", input=MESSAGE)
    assert result.status == 2 and tells in result.err, result
    assert post.sink.sent() == [] and post.outbox() == []


def test_what_notices_return(post):
    """mutt's dsn_return, with and without dsn_notify."""
    post.send("-r", "bounces@example.org", "-N", "delay,failure", "-R", "FULL", "--", "bob@example.org")
    post.send("-R", "hdrs", "bob@example.org")
    post.send("-Rfull", "bob@example.org")
    both, header, full = post.sink.sent()
    assert both.sender == "bounces@example.org"
    assert "RET=FULL" in str(both.options) and "NOTIFY=FAILURE,DELAY" in str(both.options)
    assert "RET=HDRS" in str(header.options) and "NOTIFY" not in str(header.options)
    assert "RET=FULL" in str(full.options)


SECOND = """
[account second]
name = Ada Second
address = ada@second.example
addresses = *@pattern.example; Shop <shop@second.example>
incoming = imap://ada@127.0.0.1:9
password = secret
outgoing = smtp://ada@127.0.0.1:{}

[identity sales]
account = second
name = Ada, Sales
address = sales@else.example
"""


@pytest.fixture
def two_posts(post, tmp_path):
    """Two accounts; the other one's sink."""
    with SmtpSink(tmp_path / "second", {"ada": "secret"}) as second:
        with open(post.tern.profile / "tern.conf", "a") as config:
            config.write(SECOND.format(second.ports["submission"]))
        yield post, second


@pytest.mark.parametrize("header, sender", [
    (b"Resent-From: ada@second.example\nFrom: o@else.example\n", "ada@second.example"),
    (b"Resent-From: x@else.example\nResent-Sender: ada@second.example\nFrom: ada@example.org\n", "ada@second.example"),
    (b"From: x@else.example, ada@second.example\n", "ada@second.example"),
    (b"From: x@else.example, ada@example.org\nSender: Ada <ada@SECOND.example>\n", "ada@SECOND.example"),
    (b"From: any@pattern.example\n", "any@pattern.example"),
    (b"From: sales@else.example\n", "sales@else.example"),
    (b"From: ada+list@second.example\n", "ada+list@second.example"),
], ids=["resent", "resent sender", "second of From", "sender", "further address", "identity", "with a plus"])
def test_the_account_is_that_of_who_sends(two_posts, header, sender):
    post, second = two_posts
    post.send("-t", message=header + (b"Resent-To: bob@example.org\n" if b"Resent" in header else b"To: bob@example.org\n")
              + b"Subject: x\n\nhi\n")
    (sent,) = second.sent()
    assert (sent.sender, sent.recipients) == (sender, ["bob@example.org"]) and post.sink.sent() == []


@pytest.mark.parametrize("words, sender, name", [
    (["-f", "shop@second.example"], "shop@second.example", "Shop"),
    (["--identity", "second"], "ada@second.example", "Ada Second"),
    (["--identity", "sales"], "sales@else.example", '"Ada, Sales"'),
    (["--identity", "SALES@else.example"], "SALES@else.example", '"Ada, Sales"'),
    (["--identity", "shop@second.example"], "shop@second.example", "Shop"),
], ids=["-f", "account", "identity", "its address", "further address"])
def test_who_sends_may_be_named(two_posts, words, sender, name):
    post, second = two_posts
    post.send(*words, "bob@example.org", message=b"Subject: x\n\nhi\n")
    (sent,) = second.sent()
    assert sent.sender == sender and f"From: {name} <{sender}>\r\n".encode() in sent.data
    assert re.search(rb"Message-ID: <[0-9a-f]+@" + sender.split("@")[1].encode() + b">", sent.data)
    assert post.sink.sent() == []


def test_who_sends_is_nobody(two_posts):
    result = two_posts[0].tern("send", "--identity", "nobody", "bob@example.org", input=MESSAGE)
    assert result.status == 1 and "“nobody”" in result.err


def test_who_sends_on_is_told(post):
    """RFC 5322, 3.6.6: Resent-From and Resent-Date are a must; no failure is told to whoever wrote it."""
    before = MESSAGE.replace(b"ada@example.org", b"o@else.example")
    post.send("-t", message=b"Resent-To: eve@example.org\n" + before)
    (sent,) = post.sink.sent()
    assert (sent.sender, sent.recipients) == ("ada@example.org", ["eve@example.org"])
    added, rest = sent.data.split(b"Resent-To:")
    assert rest.endswith(before.replace(b"\n", b"\r\n"))
    fields = [line.split(b":")[0] for line in added.splitlines()]
    assert fields == [b"Resent-From", b"Resent-Date", b"Resent-Message-ID"] and b"Ada Example <ada@example.org>" in added


def test_a_header_that_ends_before_its_recipients(post):
    result = post.tern("send", "-t", input=b"To: a@example.org\nSubject: s\nBad Header: x\nBcc: e@example.org\n\nhi\n")
    assert result.status == 1 and "line 3" in result.err and "Bad Header: x" in result.err
    assert post.sink.sent() == [] and post.outbox() == []


def test_short_names(post):
    """Of words that are no addresses, wherever they stand; not with -n, nor in what is an address already."""
    with open(post.tern.profile / "tern.conf", "a") as config:
        config.write("[aliases]\nroot = ada@example.org\nteam = Bob <bob@example.org>, root\n"
                     "board = Board: carl@example.org, dan@b\u00fc.example;\nself = self\n")
    post.send("-i", "ROOT", message=b"To: root\nSubject: cron\n\nx\n")
    post.send("-t", "board", message=b"To: team, team@example.org\nSubject: x\n\nx\n")
    cron, all_of_them = post.sink.sent()
    assert cron.recipients == ["ada@example.org"] and b"To: root\r\n" in cron.data
    assert all_of_them.recipients == ["carl@example.org", "dan@xn--b-eha.example", "bob@example.org", "ada@example.org",
                                      "team@example.org"]
    for words in (["-n", "team"], ["self"], ["nobody"]):
        result = post.tern("send", *words, input=MESSAGE)
        assert result.status == 1 and f"{words[-1]} is no mail address" in result.err


def test_missing_fields_are_added(post):
    post.send("bob@example.org", message=b"Subject: bare\n\nx\n")
    message = email.message_from_bytes(post.sink.sent()[0].data, policy=email.policy.strict)
    assert message["From"] == "Ada Example <ada@example.org>"
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert message["Date"].datetime.utcoffset().total_seconds() == 0
    assert abs(message["Date"].datetime.timestamp() - time.time()) < 3600
    assert message.get_content() == "x\r\n" or message.get_content() == "x\n"
    ehlo = [line for line in post.sink.log if line.startswith("EHLO")]
    assert ehlo == ["EHLO [127.0.0.1]"]     # neither name nor address of this machine


def test_crlf_input_is_as_good(post):
    post.send("-t", message=MESSAGE.replace(b"\n", b"\r\n"))
    assert post.sink.sent()[0].data == MESSAGE.replace(b"\n", b"\r\n")


HARD = ["Grüße aus Köln", "日本語の件名です、とても長い件名なので折り返されるはずです。もっと長くします。", "emoji 😀👩‍👩‍👧 x", "a" * 1500, "=?utf-8?q?looks_like_one?=",
        "tab\tand \"quotes\" and \\ back", "x " * 700, "ends with space ", "כתב מימין"]


def compose(rng, number):
    """Bytes as a careless program writes them: 8-bit headers and bodies, long lines, odd names."""
    subject = rng.choice(HARD) + f" {number}"
    name = rng.choice(['Jürgen "J" Müller', "山田 太郎", "Ada, Countess", "plain name", "😀"])
    lines = [f"Subject: {subject}", f"From: {name} <ada@example.org>" if "," not in name else f'From: "{name}" <ada@example.org>',
             f"To: {name.replace(',', '')} <bob@bücher.example>, eve@example.org"]
    body = "\n".join(rng.choice(["short", "Grüße", "." + "x" * rng.randrange(3), "From here", "y" * rng.randrange(990, 2500),
                                 "日本" * rng.randrange(600), "trailing  ", ""]) for _ in range(rng.randrange(1, 8)))
    kind = rng.randrange(4)
    if kind == 0:
        return "\n".join(lines).encode() + b"\n\n" + body.encode() + b"\n", body + "\n"
    if kind == 1:
        lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
        return "\n".join(lines).encode() + b"\n\n" + body.encode() + b"\n", body + "\n"
    lines += ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b b"']
    file = rng.choice(["Größe.txt", "x.bin", "名前.pdf"])
    parts = ("--b b\nContent-Type: text/plain; charset=utf-8\n\n" + body + "\n--b b\n"
             f'Content-Type: application/octet-stream; name="{file}"\nContent-Disposition: attachment; filename="{file}"\n\n').encode()
    data = bytes(rng.randrange(256) for _ in range(300)).replace(b"\n", b"") if kind == 3 else b"plain data"
    return "\n".join(lines).encode() + b"\n\n" + parts + data + b"\n--b b--\n", body


@pytest.mark.torture
def test_what_arrives_has_no_defects(post):
    """Careless messages become such as Python's strictest parser takes, DKIM-safe, and say the same."""
    rng = random.Random(torture.SEED)
    count = torture.count(60, 2000)
    texts = {}
    for number in range(count):
        raw, texts[number] = compose(rng, number)
        post.tern.ok("send", "-t", "-i", "--offline", input=raw)
    post.tern("sync")
    sent = post.sink.sent()
    assert len(sent) == count and post.sink.connections == 1     # one connection for all of them
    for number, item in enumerate(sent):
        assert re.search(rb"(?<!\r)\n|\r(?!\n)|\0", item.data) is None
        assert max(map(len, item.data.split(b"\r\n"))) <= 998
        header = item.data.split(b"\r\n\r\n")[0]
        assert max(header) < 0x80
        message = email.message_from_bytes(item.data, policy=email.policy.strict)
        assert [d for part in message.walk() for d in part.defects] == []
        assert message["Subject"].endswith(f" {number}")
        assert message["From"].addresses[0].addr_spec == "ada@example.org"
        assert item.recipients == ["bob@xn--bcher-kva.example", "eve@example.org"]
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert text.rstrip("\n") == texts[number].rstrip("\n"), number


def test_git_send_email(post, tmp_path):
    """Twenty patches, in their order, by git itself."""
    if not os.path.exists("/usr/lib/git-core/git-send-email"):
        pytest.skip("git send-email is not installed")
    repository = tmp_path / "repository"
    env = post.tern.environment({"GIT_AUTHOR_NAME": "Ada Ünal", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
                                 "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_CONFIG_NOSYSTEM": "1"})

    def git(*words):
        done = subprocess.run(["git", *words], cwd=repository, env=env, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()

    repository.mkdir()
    git("init", "-q")
    for number in range(21):
        (repository / "file").write_text(f"line {number}\n.\nGrüße\n")
        git("add", "file")
        git("commit", "-qm", f"change {number}: ä")
    git("format-patch", "-q", "-o", "patches", "HEAD~20")
    git("send-email", "--quiet", "--confirm=never", "--suppress-cc=all", "--to=bob@example.org", "--from=ada@example.org",
        "--sendmail-cmd=" + " ".join(post.tern.argv("send")), "patches")
    sent = post.sink.sent()
    assert len(sent) == 20
    for number, item in enumerate(sent, 1):
        message = email.message_from_bytes(item.data, policy=email.policy.default)
        assert message["Subject"] == f"[PATCH {number:02d}/20] change {number}: ä"
        assert item.recipients == ["bob@example.org"]
    assert post.outbox() == []


def test_command_instead_of_a_server(post, tmp_path):
    """outgoing = sendmail:COMMAND by argv; nothing of a message reaches a shell."""
    script = tmp_path / "fake sendmail"
    script.write_text("#!/usr/bin/python3\nimport json, sys\n"
                      f"open({str(tmp_path / 'got')!r}, 'a').write(json.dumps([sys.argv[1:], sys.stdin.read()]) + '\\n')\n"
                      "sys.exit(75 if 'later@example.org' in sys.argv else 67 if 'no@example.org' in sys.argv else 0)\n")
    script.chmod(0o755)
    post.write(outgoing=f"sendmail:'{script}' -x '$(touch {tmp_path}/oops)'")
    post.send("bob@example.org", "-i", "--", "\"$(touch\\ /x)\"@example.org")
    post.send("later@example.org")
    post.send("no@example.org")
    first, *_ = [json.loads(line) for line in (tmp_path / "got").read_text().splitlines()]
    assert first[0] == ["-x", f"$(touch {tmp_path}/oops)", "-i", "-f", "ada@example.org", "--", "bob@example.org",
                        "\"$(touch\\ /x)\"@example.org"]
    assert first[1] == MESSAGE.decode()
    assert not (tmp_path / "oops").exists()
    assert post.states() == ["queued", "failed"]


@pytest.mark.parametrize("status, state", [(69, "queued"), (71, "unknown"), (74, "unknown"), (75, "queued"), (67, "failed")])
def test_status_of_a_command(post, tmp_path, status, state):
    """What a program may have sent before it failed (EX_IOERR, EX_OSERR) is not handed to it again by itself."""
    script = tmp_path / "sendmail"
    script.write_text(f"#!/bin/sh\ncat >/dev/null\necho run >>'{tmp_path}/runs'\nexit {status}\n")
    script.chmod(0o755)
    post.write(outgoing=f"sendmail:{script}")
    post.send("bob@example.org")
    assert post.states() == [state]
    is_due_now(post)
    post.tern("sync")
    assert (tmp_path / "runs").read_text().count("run") == (2 if state == "queued" else 1)


@pytest.mark.parametrize("spoils, tells", [("rm $file; mkdir $file", "is not known"), ("echo broken >$file", "is damaged")])
def test_unreadable_outbox_is_not_sent(post, tmp_path, spoils, tells):
    """What became of it is not known then, and nobody says that it was sent."""
    envelopes = post.tern.profile / "data/outbox/envelopes"
    script = tmp_path / "spoils"
    script.write_text(f"#!/bin/sh\ncat >/dev/null\nfor file in {envelopes}/*; do {spoils}; done\n")
    script.chmod(0o755)
    post.write(outgoing=f"sendmail:{script}")
    result = post.tern.ok("send", "-t", input=MESSAGE)
    assert tells in result.err and len(list(envelopes.iterdir())) == 1


# ---- what the server says ----

@pytest.mark.threads
def test_each_recipient_has_a_fate_of_its_own(post):
    result = post.send("bob@example.org", "refuse@example.org", "later@example.org")
    (row,) = post.outbox()
    assert row["state"] == "queued" and row["tries"] == 1 and "not_before" in row
    assert [(r["address"], r["state"]) for r in row["recipients"]] == \
        [("bob@example.org", "sent"), ("refuse@example.org", "refused"), ("later@example.org", "waiting")]
    assert "no such mailbox" in row["recipients"][1]["error"]
    assert "later@example.org" in result.err and row["target"] == "refuse@example.org, later@example.org"
    post.tern("sync")
    assert len(post.sink.sent()) == 1               # its time has not come
    is_due_now(post)
    post.tern("sync")
    assert len(post.sink.sent()) == 1 and post.outbox()[0]["tries"] == 2
    assert [s.recipients for s in post.sink.sent()] == [["bob@example.org"]]


def test_refused_message_fails_and_can_be_retried_or_dropped(post):
    post.send("refuse@example.org")
    post.send("refuse2@example.org")
    assert post.states() == ["failed", "failed"]
    post.tern("sync")
    assert post.sink.log.count("DATA") + sum(line.startswith("RCPT") for line in post.sink.log) == 2     # not by itself
    one, two = (str(row["id"]) for row in post.outbox())
    assert post.tern.ok("outbox", "show", one).raw_out == MESSAGE
    assert post.tern.ok("outbox", "cancel", one).status == 0
    assert post.tern.ok("--offline", "outbox", "retry", two).status == 0      # nothing was tried
    assert post.tern("outbox", "retry", two).status == 1                     # and refused again
    assert [row["id"] for row in post.outbox()] == [int(two)]
    assert sum(line.startswith("RCPT") for line in post.sink.log) == 3
    assert post.tern("outbox", "cancel", one).status == 1
    assert post.tern("outbox", "retry", "x").status == 1
    assert post.tern("outbox", "remove", two).status == 2


def test_compose_tells_what_became_of_it(post):
    """It is in the outbox either way; that it will stay there is told, and why."""
    result = post.tern.ok("compose", "-s", "Hi", "refuse@example.org", input=b"Hello\n")
    row, = post.outbox()
    assert f"kept in the outbox as {row['id']} (failed): refuse@example.org: " in result.err
    result = post.tern.ok("compose", "-s", "Hi", "bob@example.org", input=b"Hello\n")
    assert "kept" not in result.err and len(post.sink.sent()) == 1


def test_wrong_addresses_are_told_before_anything_is_sent(post):
    for words in (["bob"], ["bob@example.org> SIZE=1"], ["a b@example.org"], [], ["-f", "x\ny@z", "bob@example.org"]):
        result = post.tern("send", *words, input=MESSAGE)
        assert result.status == 1, words
    result = post.tern("send", "-t", input=b"To: \"eve@example.org\r\nRCPT TO:<x@y>\" <bob@example.org>\nSubject: x\n\nx\n")
    assert all("x@y" not in line for line in post.sink.log)
    assert post.tern("send", "bob@example.org", input=b"").status == 1
    assert post.outbox() == [] and [p for p in (post.tern.profile / "data/outbox/tmp").iterdir()] == []


def test_wrong_password(post):
    post.write(password="wrong")
    result = post.send("bob@example.org")
    assert "check user and password" in result.err
    assert post.states() == ["queued"]
    post.write(password="secret")
    post.tern("sync")
    assert len(post.sink.sent()) == 1 and post.outbox() == []


def without_password(post, tmp_path, **keys):
    """Nobody is named as a user, and no password is set; mail is on this disk."""
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True, exist_ok=True)
    post.keys.pop("password")
    post.write(incoming=f"maildir:{tmp_path / 'mail'}", outgoing=f"smtp://127.0.0.1:{post.sink.ports['submission']}", **keys)
    return post


def test_a_login_is_offered_and_not_needed(make_post, tmp_path):
    """A Postfix of one's own, say, which knows its own machine."""
    post = without_password(make_post(), tmp_path)
    post.sink.users = {}
    post.sink.extra = ["AUTH PLAIN LOGIN"]
    post.send("bob@example.org")
    assert len(post.sink.sent()) == 1 and not [line for line in post.sink.log if line.startswith("AUTH")]
    assert post.outbox() == []


@pytest.mark.parametrize("where", ["mail", "rcpt"])
def test_a_login_is_needed_after_all(make_post, tmp_path, where):
    """It says which keys to set, waits, and goes once they are."""
    post = without_password(make_post(), tmp_path)
    if where == "rcpt":
        post.sink.users, post.sink.extra, post.sink.faults = {}, ["AUTH PLAIN LOGIN"], {"rcpt": ["530 5.7.0 who are you"] * 2}
    result = post.send("bob@example.org")
    row, = post.outbox()
    for text in (result.err, row["error"]):
        assert "log in first" in text and "USER@127.0.0.1" in text and "password-command" in text, text
    assert row["state"] == "queued" and post.sink.sent() == []
    post.sink.users, post.sink.faults = {"ada": "secret"}, {}
    post.write(password="secret", outgoing=f"smtp://ada@127.0.0.1:{post.sink.ports['submission']}")
    post.tern.ok("outbox", "retry", str(row["id"]))
    assert len(post.sink.sent()) == 1 and post.outbox() == []


@pytest.mark.parametrize("greeting, tells", [("554 5.3.2 go away", "go away"), ("drop", ""), ("HTTP/1.1 400 Bad Request", "web server")])
def test_what_keeps_mail_from_being_tried_stands_in_the_outbox(post, greeting, tells):
    """With each that waits, once on standard error, and no more once it was sent."""
    post.sink.faults = {"greeting": [greeting] * 3}
    first, second = post.send("bob@example.org"), post.send("eve@example.org")
    rows = post.outbox()
    assert [row["state"] for row in rows] == ["queued", "queued"] and [row["tries"] for row in rows] == [0, 0]
    for row in rows:
        assert row["error"] and tells in row["error"]
        assert row["error"] in post.tern.ok("outbox").out
    assert first.err.count(rows[0]["error"]) == 1 and second.err.count(rows[0]["error"]) == 1
    assert f"kept in the outbox as {rows[0]['id']} (queued)" in first.err
    post.sink.faults = {}
    post.tern.ok("outbox", "retry", *(str(row["id"]) for row in rows))
    assert post.outbox() == [] and len(post.sink.sent()) == 2


def test_no_password_stands_in_the_outbox(make_post):
    post = make_post()
    post.keys.pop("password")
    post.write()
    post.send("bob@example.org")
    row, = post.outbox()
    assert row["state"] == "queued" and "has no password" in row["error"]
    post.write(password="secret")
    post.tern.ok("outbox", "retry", str(row["id"]))
    assert post.outbox() == []


def test_server_without_8bitmime_gets_7bit(make_post):
    """What is queued stays as it is; what goes out says the same in ASCII. A signed part is left alone, and so refused here."""
    post = make_post(without={"8BITMIME"})
    post.send("bob@example.org", "-i", message=MESSAGE.replace(b"hello", "Grüße\n.\n".encode()))
    (sent,) = post.sink.sent()
    assert max(sent.data) < 0x80 and "BODY=8BITMIME" not in sent.options["MAIL"]
    message = email.message_from_bytes(sent.data, policy=email.policy.strict)
    assert message.get_content().replace("\r\n", "\n") == "Grüße\n.\n\n"
    signed = (b'MIME-Version: 1.0\nContent-Type: multipart/signed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n'
              b"Content-Transfer-Encoding: 8bit\n\n\xc3\xa9\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n")
    result = post.send("bob@example.org", "-i", message=MESSAGE.split(b"\n\n")[0] + b"\n" + signed)
    assert "8BITMIME" in result.err and post.states() == ["failed"] and len(post.sink.sent()) == 1
    assert list((post.tern.profile / "data/outbox/tmp").iterdir()) == []


def test_what_the_server_would_refuse_is_not_asked(make_post):
    post = make_post(without={"8BITMIME", "SMTPUTF8"})
    result = post.send("jürgen@example.org")
    assert "SMTPUTF8" in result.err and post.states() == ["failed"]
    assert not any(line.startswith("MAIL") for line in post.sink.log)


@pytest.mark.parametrize("without", [{"CHUNKING"}, {"CHUNKING", "PIPELINING"}, {"PIPELINING"}, set()])
def test_large_message_streams(make_post, without):
    post = make_post(without=without)
    body = b"".join(b".%d " % i + b"x" * 70 + b"\n" for i in range(40000))
    post.send("bob@example.org", "-i", message=MESSAGE + body)
    assert post.sink.sent()[0].data == (MESSAGE + body).replace(b"\n", b"\r\n")


# ---- faults ----

BEFORE = ["greeting", "ehlo", "auth", "mail", "rcpt", "body"]


@pytest.mark.parametrize("chunking", [True, False])
@pytest.mark.parametrize("where", BEFORE)
@pytest.mark.parametrize("fault", ["drop", "nonsense", "421 4.3.2 going down"])
def test_fault_before_the_end_is_tried_again(make_post, where, fault, chunking):
    post = make_post(without=set() if chunking else {"CHUNKING"})
    post.sink.faults[where] = [fault]
    result = post.send("bob@example.org", "-i", message=MESSAGE + (b"x" * 70 + b"\n") * 100000)
    assert "kept in the outbox" in result.err or "kept in the outbox" in result.out
    assert post.states() == ["queued"]
    is_due_now(post)
    post.tern("sync")
    assert len(post.sink.sent()) == 1 and post.outbox() == []


@pytest.mark.parametrize("chunking", [True, False])
@pytest.mark.parametrize("fault", ["drop", "drop-kept", "nonsense"])
def test_no_answer_after_the_end_is_unknown(make_post, fault, chunking):
    """Whether it was sent nobody knows: it is not sent again without a person's word."""
    post = make_post(without=set() if chunking else {"CHUNKING"})
    post.sink.faults["end"] = [fault]
    post.send("bob@example.org")
    assert post.states() == ["unknown"]
    before = len(post.sink.sent())
    assert post.tern("sync").status == 1      # of the inbox; see below
    assert post.states() == ["unknown"] and len(post.sink.sent()) == before
    (row,) = post.outbox()
    post.tern.ok("outbox", "retry", row["id"])
    assert post.outbox() == [] and len(post.sink.sent()) == before + 1


@pytest.mark.parametrize("answer, state, why", [("552 5.3.4 too much", "failed", "too much"), ("drop", "unknown", "connection")])
def test_what_ended_it_is_told_before_what_one_recipient_waits_for(make_post, answer, state, why):
    post = make_post()
    post.sink.faults["end"] = [answer]
    post.send("bob@example.org", "later@example.org")
    row, = post.outbox()
    assert row["state"] == state and why in row["error"] and "later@example.org" not in row["error"]


@pytest.mark.parametrize("answer, state", [("451 4.3.0 later", "queued"), ("554 5.7.1 spam", "failed"), ("421 4.3.2 bye", "queued")])
def test_answer_after_the_end_is_an_answer(post, answer, state):
    post.sink.faults["end"] = [answer]
    post.send("bob@example.org")
    assert post.states() == [state] and post.sink.sent() == []
    assert answer.split(" ", 2)[2] in post.outbox()[0]["error"]


@pytest.mark.threads
def test_interrupted_while_the_server_thinks(post):
    """A server that is silent after the whole message, and a person who has enough: unknown. Before it: queued."""
    for where, fault, state in (("end", "hang", "unknown"), ("end", "hang-kept", "unknown"), ("rcpt", "hang", "queued")):
        post.sink.faults[where] = [fault]
        process = post.tern.start("send", "bob@example.org", stdin=subprocess.PIPE)
        process.stdin.write(MESSAGE)
        process.stdin.close()
        wait_for(lambda: not post.sink.faults[where])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stdout.close()
        process.stderr.close()
        row = post.outbox()[-1]
        assert row["state"] == state, where
        assert state == "queued" or row["error"].startswith("tern was "), row    # what happened, for who reads it later
        if fault == "hang-kept":     # the server took it after all, when nobody listened any more
            assert len(post.sink.sent()) == 1
            post.tern("sync")
            assert post.states()[-1] == state and len(post.sink.sent()) == 1


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processor_s(process):
    """What it has used so far."""
    words = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("what", ["put off", "cancelled"])
def test_who_waits_for_nothing_is_at_rest(post, what):
    """The time of the connection's next try is past, and no message is due by then: it is put off for longer, or is gone."""
    post.sink.faults["mail"] = ["421 4.3.2 bye"] * 9
    if what == "cancelled":
        post.write(outgoing="smtp://ada@127.0.0.1:9")   # where nobody listens
    process = post.tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        post.send("bob@example.org")
        wait_for(lambda: post.outbox()[0].get("error"))
        if what == "cancelled":
            post.tern.ok("outbox", "cancel", post.outbox()[0]["id"])
        time.sleep(4)   # the first tries of a connection are within seconds
        before = processor_s(process)
        time.sleep(3)
        assert processor_s(process) - before < 1
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def test_a_hidden_recipient_below_a_broken_line(post):
    """It would be text, for all to read."""
    broken = b"From: ada@example.org\nSubject: s\nBad Header: x\nBcc: eve@example.org\n\nhi\n"
    result = post.tern("send", "bob@example.org", "eve@example.org", input=broken)
    assert result.status == 1 and "“Bad Header: x”, is no header field" in result.err
    assert post.outbox() == [] and post.sink.sent() == []
    post.send("bob@example.org", message=broken.replace(b"Bcc: eve", b"Cc: eve"))    # nothing secret: as sendmail does


# ---- kills ----

def under_strace(post, words, message, count=None):
    """Sends under strace; its exit status. `count`: a file for how many calls of each kind there were."""
    argv = ["strace", "-f", "-qq", *(["-c", "-o", count] if count else ["-o", "/dev/null"]), *words, *post.tern.argv("send", "bob@example.org")]
    env = post.tern.environment({"ASAN_OPTIONS": "detect_leaks=0", "TSAN_OPTIONS": ""})
    return subprocess.run(argv, input=message, env=env, capture_output=True, timeout=120).returncode


def calls_of(post, tmp_path):
    """How many system calls of each kind one sending makes: the places to be killed at."""
    path = tmp_path / "calls"
    assert under_strace(post, [], MESSAGE.replace(b"one", b"counted"), str(path)) == 0
    rows = (line.split() for line in path.read_text().splitlines())
    return {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"}


# What leaves something behind, or tells somebody; the long form takes all kinds that there are.
KINDS = ["rename", "fsync", "unlink", "sendto", "write", "openat", "flock"]
HARMLESS = {"execve", "exit_group", "exit", "rt_sigreturn", "arch_prctl"}


def places(counts, points, rng):
    """[(kind of call, number of the call)]: the first and the last of each kind, and others by chance."""
    kinds = [kind for kind in counts if kind not in HARMLESS] if torture.LONG else [kind for kind in KINDS if kind in counts]
    for kind in kinds:
        last = counts[kind]
        some = set(rng.sample(range(1, last + 1), min(points, last))) | {1, last}
        for when in sorted(some)[:points] if len(some) > points else sorted(some):
            yield kind, when


@pytest.mark.torture
def test_killed_anywhere(make_post, tmp_path):
    """kill -9 at points between "send" and "sent": none lost that was promised, none twice, and only after the second mark does
    a person have to decide."""
    if subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
        pytest.skip("strace cannot trace here")
    post, promised, table = make_post(), {}, {}
    counts = calls_of(post, tmp_path)
    for kind, when in places(counts, torture.count(3, 10), random.Random(torture.SEED)):
        token = f"kill {kind} {when}"
        inject = ["-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={when}"]
        promised[token] = under_strace(post, inject, MESSAGE.replace(b"one", token.encode())) == 0
    post.tern("sync")
    is_due_now(post)
    post.tern("sync")
    rows = {row["subject"]: row for row in post.outbox() if row.get("subject")}
    arrived = [str(email.message_from_bytes(s.data)["Subject"]) for s in post.sink.sent()]
    for token, was_promised in promised.items():
        row = table.setdefault(token.split()[1], [0, 0, 0, 0, 0])
        for column, counts_here in enumerate((True, not was_promised, token in arrived, token in rows, token not in arrived and token not in rows)):
            row[column] += counts_here
    print("\nkind of call          killed  before its end  arrived  unknown  never queued")
    for kind, row in sorted(table.items()):
        print(f"{kind:20} {row[0]:7} {row[1]:15} {row[2]:8} {row[3]:8} {row[4]:13}")
    for token, was_promised in promised.items():
        assert arrived.count(token) <= 1, token                      # never twice
        if token in rows:
            assert rows[token]["state"] == "unknown", rows[token]    # only where nobody can know
        elif was_promised:
            assert arrived.count(token) == 1, token                  # never lost
    assert len(promised) >= (300 if torture.LONG else 15)
    assert post.tern.ok("outbox").status == 0


def test_killed_before_the_mark_is_sent_again_by_itself(post):
    """The mark is one change of the envelope: a process that is gone before it has sent nothing, after it perhaps."""
    for fault, state in (("rcpt", None), ("end", "unknown")):
        post.sink.faults[fault] = ["hang"]
        process = post.tern.start("send", "bob@example.org", stdin=subprocess.PIPE)
        process.stdin.write(MESSAGE)
        process.stdin.close()
        wait_for(lambda: not post.sink.faults[fault])
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        before = len(post.sink.sent())
        post.tern("sync")
        assert len(post.sink.sent()) == before + (1 if state is None else 0)
        assert post.states() == ([] if state is None else [state])


@pytest.mark.parametrize("calls", ["fsync", "rename", "openat"])
def test_full_disk(post, calls):
    """A disk that is full from some call on: what was promised is there whole, the rest is refused in words; nothing goes out twice,
    and nothing that could not be marked before its end."""
    if subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
        pytest.skip("strace cannot trace here")
    post.tern.ok("outbox")     # makes its folders
    promised, told = {}, 0
    places = [word for part in (".", "cur", "tmp", "new", "envelopes") for word in ("-P", str(post.tern.profile / "data/outbox" / part))]
    for when in range(1, 10):
        token = f"full {calls} {when}"
        argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error=ENOSPC:when={when}+",
                *(places if calls == "openat" else []), *post.tern.argv("send", "bob@example.org")]
        done = subprocess.run(argv, input=MESSAGE.replace(b"one", token.encode()), capture_output=True, timeout=120,
                              env=post.tern.environment({"ASAN_OPTIONS": "detect_leaks=0", "TSAN_OPTIONS": ""}))
        assert done.returncode in (0, 1), done.stderr
        promised[token] = done.returncode == 0
        told += done.returncode != 0 and b"tern: " in done.stderr
    post.tern("sync")
    is_due_now(post)
    post.tern("sync")
    rows = {row["subject"]: row["state"] for row in post.outbox() if row.get("subject")}
    arrived = [str(email.message_from_bytes(s.data)["Subject"]) for s in post.sink.sent()]
    for token, was_promised in promised.items():
        assert arrived.count(token) <= 1, token
        assert rows.get(token, "unknown") == "unknown", (token, rows[token], post.outbox())
        assert not was_promised or token in rows or arrived.count(token) == 1, token
    assert told and told == list(promised.values()).count(False)


def test_outbox_survives_a_lost_database(post):
    post.tern.ok("send", "--offline", "bob@example.org", input=MESSAGE)
    for path in (post.tern.profile / "data").glob("store.db*"):
        path.unlink()
    post.tern("sync")
    assert len(post.sink.sent()) == 1 and post.outbox() == []


def test_order_of_system_calls(post):
    """What power loss cannot undo: the message is synced before its name, the envelope after both, and all before the
    promise; the mark is synced before the final dot goes out."""
    log = post.tern.profile / "trace"
    argv = ["strace", "-f", "-qq", "-y", "-s", "400", "-o", str(log), "-e", "trace=fsync,rename,renameat2,write,sendto,sendmsg,exit_group",
            *post.tern.argv("send", "bob@example.org")]
    if subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
        pytest.skip("strace cannot trace here")
    post.sink.without = {"CHUNKING"}
    env = post.tern.environment({"ASAN_OPTIONS": "detect_leaks=0"})
    subprocess.run(argv, input=MESSAGE, env=env, check=True, capture_output=True, timeout=120)
    lines = log.read_text().splitlines()

    def first(pattern, start=0):
        return next(i for i in range(start, len(lines)) if re.search(pattern, lines[i]))

    synced = first(r"fsync\(\d+<.*/outbox/tmp/message-")
    named = first(r"rename.*outbox/tmp/message-.*outbox/cur/1\.tern")
    folder = first(r"fsync\(\d+<.*/outbox/cur>")
    envelope = first(r"rename.*outbox/envelopes/1\"")
    durable = first(r"fsync\(\d+<.*/outbox/envelopes>", envelope)
    assert synced < named < folder < envelope < durable
    data = first(r'"DATA|DATA\\r\\n')
    mark = first(r"rename.*outbox/envelopes/1\"", data)
    dot = first(r'"\.\\r\\n"', data)
    assert durable < data < mark < first(r"fsync\(\d+<.*/outbox/envelopes>", mark) < dot


# ---- the copy ----

def test_copy_is_filed_with_the_next_sync(empty_server, tern):
    tern.write(empty_server.account("ada"))
    tern.ok("send", "-t", input=MESSAGE)
    assert tern.json("outbox").rows == []
    assert len(empty_server.sink.sent()) == 1
    tern.ok("sync")
    (row,) = tern.json("list", "Sent").rows
    assert row["message_id"] == "one@example.org" and row["flags"] == ["seen"]
    assert list((tern.profile / "data/outbox/cur").iterdir()) == []
    tern.ok("sync")
    with empty_server.imap("ada") as client:
        client.select("Sent")
        assert len(client.search(None, "ALL")[1][0].split()) == 1
    tern.ok("send", "-t", "--no-copy", input=MESSAGE)
    tern.ok("sync")
    assert len(tern.json("list", "Sent").rows) == 1


def test_sync_sends_first_and_files_then(empty_server, tern):
    tern.write(empty_server.account("ada"))
    for number in range(3):
        tern.ok("send", "-t", "--offline", input=MESSAGE.replace(b"one", b"%d" % number))
    tern.ok("sync")
    assert len(empty_server.sink.sent()) == 3
    assert sorted(row["subject"] for row in tern.json("list", "Sent").rows) == ["0", "1", "2"]


def test_copy_whose_answer_was_lost_is_looked_for(empty_server, tern):
    tern.write(empty_server.account("ada"))
    tern.ok("send", "-t", input=MESSAGE)
    (path,) = (tern.profile / "data/outbox/envelopes").iterdir()
    path.write_text(path.read_text().replace("copying=false", "copying=true"))
    empty_server.append("ada", "Sent", MESSAGE, "(\\Seen)")
    tern.ok("sync")
    assert len(tern.json("list", "Sent").rows) == 1
    assert list((tern.profile / "data/outbox/cur").iterdir()) == []


GMAIL = "IMAP4rev1 LITERAL+ IDLE UIDPLUS CONDSTORE ESEARCH LIST-EXTENDED SPECIAL-USE X-GM-EXT-1"


class GmailsDoor(Proxy):
    """Before a Dovecot that says it is Gmail, and knows nothing of what only Gmail tells of a message."""

    def _pair(self, client, server):
        threading.Thread(target=self._up, args=(client, server), daemon=True).start()
        threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client, server):
        try:
            with client.makefile("rb") as lines:
                for line in lines:
                    server.sendall(re.sub(rb" X-GM-\w+", b"", line))
        except OSError:
            pass
        hang_up(server)

    def _down(self, server, client):
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        hang_up(client)


@pytest.fixture
def gmail(make_server):
    """The server, and the section of its account."""
    server = make_server(capability=GMAIL)
    with GmailsDoor(server.ports["imap"]) as door:
        yield server, server.account("ada", incoming="imap").replace(f":{server.ports['imap']}", f":{door.port}")


def test_server_that_files_by_itself(gmail, tern):
    """As Gmail: no copy of ours, and a message that nobody knew of is settled by being found there."""
    server, account = gmail
    tern.write(account)
    tern.ok("send", "-t", input=MESSAGE)
    server.sink.faults["end"] = ["drop-kept", "drop"]
    tern.ok("send", "-t", input=MESSAGE.replace(b"one", b"two"))
    tern.ok("send", "-t", input=MESSAGE.replace(b"one", b"three"))
    server.append("ada", "Sent", MESSAGE.replace(b"one", b"two"), "(\\Seen)")     # as that server does
    tern.ok("sync")
    assert [row["subject"] for row in tern.json("list", "Sent").rows] == ["two"]
    assert [(row["subject"], row["state"]) for row in tern.json("outbox").rows] == [("three", "unknown")]
    assert len(server.sink.sent()) == 2


def test_filed_copy_of_what_went_to_some_settles_nothing(gmail, tern):
    """It was filed when the first ones got it; whether the others did is as unknown as before."""
    server, account = gmail
    tern.write(account)
    server.sink.faults["end"] = ["drop"]
    tern.ok("send", "bob@example.org", "eve@example.org", input=MESSAGE)
    (path,) = (tern.profile / "data/outbox/envelopes").iterdir()
    text = path.read_text()
    assert "state=unknown" in text and text.count("fate=waiting") == 2
    path.write_text(text.replace("fate=waiting", "fate=taken", 1))
    server.append("ada", "Sent", MESSAGE, "(\\Seen)")
    tern.ok("sync")
    (row,) = tern.json("outbox").rows
    assert row["state"] == "unknown"
    assert [r["state"] for r in row["recipients"]] == ["sent", "waiting"]


def test_what_comes_while_the_password_is_refused_says_why_it_waits(post):
    """It is not tried, so that nothing came of it by itself."""
    post.write(password="wrong")
    watch = post.tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        post.send("--offline", "bob@example.org")
        wait_for(lambda: post.outbox()[0].get("error"))
        tries = post.sink.connections
        post.send("--offline", "eve@example.org")
        wait_for(lambda: post.outbox()[1].get("error"))
        first, second = post.outbox()
        assert second["error"] == first["error"] and "password" in first["error"] and second["state"] == "queued"
        assert post.sink.connections == tries
    finally:
        watch.terminate()
        watch.wait(timeout=60)


def test_another_way_out_is_not_filed_by_the_server(gmail, tern):
    """Mail of a Gmail account that goes out by another host: its copy is tern's to file."""
    server, account = gmail
    tern.write("\n".join(line.replace("localhost", "127.0.0.1") if line.startswith("outgoing") else line
                         for line in account.splitlines()) + "\n")
    tern.ok("send", "-t", input=MESSAGE)
    assert len(server.sink.sent()) == 1
    tern.ok("sync")
    assert [row["subject"] for row in tern.json("list", "Sent").rows] == ["one"]


@pytest.mark.threads
def test_watch_sends_what_another_puts_in(empty_server, tern):
    tern.write(empty_server.account("ada"))
    watch = tern.start("watch")
    try:
        wait_for(lambda: (tern.profile / "data").exists())
        tern.ok("send", "-t", input=MESSAGE)
        wait_for(lambda: len(empty_server.sink.sent()) == 1)
        wait_for(lambda: not list((tern.profile / "data/outbox/cur").iterdir()))     # the copy is filed too
        tern.ok("send", "-t", "--offline", input=MESSAGE)      # nobody asks for it to be sent
        wait_for(lambda: len(empty_server.sink.sent()) == 2)
    finally:
        watch.terminate()
        watch.wait(timeout=60)
        watch.stdout.close()
        watch.stderr.close()


# ---- what is asked of the servers ----

def test_notices_are_asked_for(make_post):
    post = make_post()
    post.send("-N", "success,DELAY", "bob@example.org", "eve@example.org")
    post.send("-N", "never", "bob@example.org")
    post.send("bob@example.org")
    some, never, none = (sent.options for sent in post.sink.sent())
    assert "NOTIFY=SUCCESS,DELAY" in str(some) and "RET=HDRS" in str(some) and "ENVID=one@example.org" in str(some)
    assert "ORCPT=rfc822;eve@example.org" in str(some)
    assert "NOTIFY=NEVER" in str(never) and "NOTIFY" not in str(none)
    for wrong in ("sometimes", "never,success", ","):
        assert post.tern("send", "-N", wrong, "bob@example.org", input=MESSAGE).status == 2
    assert post.outbox() == []


def test_a_server_that_gives_no_notices_is_told_of(make_post):
    post = make_post(without={"DSN"})
    result = post.send("-N", "success", "bob@example.org")
    assert "gives no notices of delivery" in result.err
    assert "NOTIFY" not in str(post.sink.sent()[0].options)


@pytest.mark.parametrize("extra", [[], ["REQUIRETLS"]])
def test_encrypted_all_the_way_or_not_at_all(make_post, extra):
    """Here the way to the first server is not encrypted, whatever that one promises."""
    post = make_post(extra=extra)
    post.send("--require-tls", "bob@example.org")
    row, = post.outbox()
    assert row["state"] == "failed" and "REQUIRETLS" in row["error"] and post.sink.sent() == []


def test_a_command_promises_no_encryption(post, tmp_path):
    """It is told before, and a message that waits already is not handed to it."""
    post.send("--require-tls", "--offline", "bob@example.org")
    script = tmp_path / "sendmail"
    script.write_text(f"#!/bin/sh\ncat >>'{tmp_path}/got'\n")
    script.chmod(0o755)
    post.write(outgoing=f"sendmail:{script}")
    result = post.tern("send", "--require-tls", "bob@example.org", input=MESSAGE)
    assert result.status == 2 and "encrypted" in result.err
    post.tern("sync")
    row, = post.outbox()
    assert row["state"] == "failed" and "encrypted" in row["error"] and not (tmp_path / "got").exists()


# ---- whether mail could be sent ----

def check(post):
    row, = post.tern.json("account", "check").rows
    return row


def test_check_tries_the_way_out(make_post, tmp_path):
    """account check connects and logs in, and sends nothing."""
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("send", "--offline", "bob@example.org", input=MESSAGE)
    assert check(post) == {"account": "work", "ok": True, "sending": True}
    assert [line.split()[0] for line in post.sink.log] == ["EHLO", "AUTH", "QUIT"] and post.sink.sent() == []
    assert "mail goes out by smtp://ada@127.0.0.1" in post.tern.ok("account", "check").out
    assert "mail goes out by 127.0.0.1" in post.tern("doctor").out
    post.write(password="other-secret")
    row = check(post)
    assert not row["ok"] and not row["sending"] and row["error"]["kind"] == "auth"
    assert "other-secret" not in post.tern("account", "check").out
    post.write(password="secret", outgoing="smtp+starttls://ada@127.0.0.1:%d" % post.sink.ports["submission"])
    assert check(post)["error"]["kind"] == "tls"
    post.write(outgoing="smtps://ada@127.0.0.1:9")
    row = check(post)
    assert row["error"]["kind"] == "network" and post.tern("account", "check").status == 1
    post.write(outgoing="sendmail:no-such-program -t")
    row = check(post)
    assert row["error"]["kind"] == "config" and "no-such-program" in row["error"]["message"]
    post.write(outgoing="sendmail:/bin/true")
    assert check(post) == {"account": "work", "ok": True, "sending": True}
    assert post.states() == ["queued"]


def test_check_tells_of_each_way_by_itself(post):
    """Mail that cannot be read may still be sent."""
    row = check(post)
    assert row["ok"] is False and row["error"]["kind"] == "network" and row["sending"] is True


def test_check_broken_off(make_post, tmp_path):
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.sink.faults["ehlo"] = ["hang"]
    process = post.tern.start("account", "check")
    wait_for(lambda: post.sink.log)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) != 0
    process.stdout.close()
    process.stderr.close()


# ---- what a person says ----

def test_later(post):
    """--at: held until then, and sent by whoever connects after that."""
    result = post.send("--at", "tomorrow 9:00", "bob@example.org")
    assert "It goes out tomorrow 09:00" in result.err and post.sink.sent() == []
    row, = post.outbox()
    assert row["state"] == "held" and datetime.fromisoformat(row["not_before"]).astimezone().strftime("%H:%M") == "09:00"
    post.tern("sync")
    assert post.states() == ["held"] and post.sink.sent() == []
    path, = (post.tern.profile / "data/outbox/envelopes").iterdir()
    path.write_text(re.sub(r"^not-before=.*$", f"not-before={int(time.time()) - 1}", path.read_text(), flags=re.M))
    post.tern("sync")
    assert post.outbox() == [] and len(post.sink.sent()) == 1
    for wrong in ("yesterday", "2020-01-01", "soon", ""):
        assert post.tern("send", "--at", wrong, "bob@example.org", input=MESSAGE).status == 1
    assert post.outbox() == []


def test_held_until_somebody_says_so(post):
    post.send("bob@example.org", "--offline")
    row, = post.outbox()
    post.tern.ok("outbox", "hold", row["id"])
    post.tern("sync")
    assert post.states() == ["held"] and post.sink.sent() == []
    post.tern.ok("outbox", "retry", row["id"])
    assert post.outbox() == [] and len(post.sink.sent()) == 1


@pytest.mark.parametrize("where", ["greeting", "ehlo", "auth"])
def test_held_while_tern_connects(post, where):
    """It was due when tern began to connect; a person was faster."""
    post.send("bob@example.org", "--offline")
    row, = post.outbox()
    post.sink.faults[where] = ["wait"]
    process = post.tern.start("sync")
    wait_for(lambda: post.sink.connections and not post.sink.faults[where])
    post.tern.ok("outbox", "hold", row["id"])
    post.sink.go.set()
    process.communicate(timeout=300)
    assert post.states() == ["held"] and post.sink.sent() == []
    post.tern.ok("outbox", "retry", row["id"])
    assert post.outbox() == [] and len(post.sink.sent()) == 1


def test_unknown_was_sent(make_post, tmp_path):
    """250 after tern had given up: the person says that it has arrived. The copy is filed, the original flagged, nothing sent again."""
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("sync")
    (tmp_path / "mail/new/1.a.b").write_bytes(MESSAGE)
    post.tern.ok("sync")
    read, = post.tern.json("list").rows
    post.tern.ok("send", "-t", "--offline", input=MESSAGE)
    envelope, = (post.tern.profile / "data/outbox/envelopes").iterdir()
    envelope.write_text(envelope.read_text().replace("answers=0", f"answers={read['id']}"))
    post.sink.faults["end"] = ["drop-kept"]
    post.tern("sync")
    row, = post.outbox()
    assert row["state"] == "unknown" and len(post.sink.sent()) == 1
    assert post.tern("outbox", "hold", row["id"]).status == 1
    post.tern.ok("outbox", "sent", row["id"])
    assert post.outbox() == [] and list((post.tern.profile / "data/outbox/cur").iterdir()) == []
    assert len(post.sink.sent()) == 1
    assert len(list((tmp_path / "mail").glob(".Sent/*/*"))) == 1
    assert post.tern.json("list").rows[0]["flags"] == ["answered"]
    post.send("bob@example.org", "--offline")
    row, = post.outbox()
    assert "may have been sent or not" in post.tern("outbox", "sent", row["id"]).err


def test_a_copy_that_cannot_be_filed_is_given_up(post):
    """It was sent, and its copy was refused: that is listed, and one can give it up."""
    post.send("bob@example.org", "refuse@example.org")
    row, = post.outbox()
    post.tern.ok("outbox", "cancel", row["id"])
    assert post.outbox() == []                      # nothing is wrong yet with the copy
    envelope, = (post.tern.profile / "data/outbox/envelopes").iterdir()
    text = envelope.read_text()
    assert "state=sent\n" in text
    envelope.write_text(text.replace("state=sent\n", "state=sent\nerror=the server refused the copy\n"))
    row, = post.outbox()
    assert row["state"] == "sent" and row["error"] == "the server refused the copy"
    post.tern.ok("outbox", "cancel", row["id"])
    assert post.outbox() == [] and list((post.tern.profile / "data/outbox/cur").iterdir()) == []
    assert len(post.sink.sent()) == 1
    for word in ("cancel", "show", "retry", "hold", "sent", "edit"):
        gone = post.tern("--json", "outbox", word, row["id"])
        assert gone.status == 1 and '"kind":"input"' in gone.err.replace(" ", "") and "there is no message" in gone.err, gone


@pytest.mark.parametrize("original, row, is_it", [("one@example.org", 0, True), ("another@example.org", 0, False), ("", 0, False),
                                                  ("one@example.org", -1, True), ("one@example.org> x", 4711, True),
                                                  ("another@example.org", -1, False), ("", -1, False)])
@pytest.mark.parametrize("how, mark", [("answers", "answered"), ("forwards", "$Forwarded")])
def test_only_the_original_is_marked(make_post, tmp_path, how, mark, original, row, is_it):
    """A store that was made anew may have another message in that row, or it in another; a draft from elsewhere knows none."""
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("sync")
    (tmp_path / "mail/new/1.a.b").write_bytes(MESSAGE)
    post.tern.ok("sync")
    read, = post.tern.json("list").rows
    post.tern.ok("send", "--offline", "--no-copy", "bob@example.org", input=MESSAGE)
    envelope, = (post.tern.profile / "data/outbox/envelopes").iterdir()
    envelope.write_text(envelope.read_text().replace(f"{how}=0", f"{how}={row or read['id']}\noriginal-id={original}"))
    post.tern("sync")
    assert len(post.sink.sent()) == 1 and list((post.tern.profile / "data/outbox/cur").iterdir()) == []
    row, = post.tern.json("list").rows
    assert row["flags"] + row["keywords"] == ([mark] if is_it else [])


def test_given_up_for_those_who_refuse(make_post, tmp_path):
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("sync")
    post.send("bob@example.org", "refuse@example.org")
    row, = post.outbox()
    assert [r["state"] for r in row["recipients"]] == ["sent", "refused"]
    post.tern.ok("outbox", "cancel", row["id"])
    assert post.outbox() == []
    post.tern("sync")
    assert list((post.tern.profile / "data/outbox/cur").iterdir()) == []
    assert len(list((tmp_path / "mail").glob(".Sent/*/*"))) == 1


def test_copy_of_an_account_on_this_disk(make_post, tmp_path):
    """Mail that lives here has its copy in a folder here, at once; and once, though a kill came in between."""
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("sync")
    post.send("-t")
    files = list((tmp_path / "mail").glob(".Sent/*/*"))
    assert len(files) == 1 and files[0].read_bytes() == MESSAGE and files[0].name.endswith(":2,S")
    assert list((post.tern.profile / "data/outbox/cur").iterdir()) == []
    post.tern.ok("sync")
    assert [row["subject"] for row in post.tern.json("list", "Sent").rows] == ["one"]


def test_copy_of_an_account_whose_maildir_is_not_there(make_post, tmp_path):
    """Where there was never one, the whole of it is made; one whose disk is away gets its copy when that is back."""
    box = tmp_path / "mail"
    post = make_post(keys={"incoming": f"maildir:{box}"})
    post.send("-t")
    post.tern.ok("sync")
    assert [row["subject"] for row in post.tern.json("list", "Sent").rows] == ["one"]
    box.rename(tmp_path / "away")
    told = post.tern("send", "-t", input=MESSAGE.replace(b"one", b"two"))
    assert told.status == 0 and "its copy waits" in told.err and "is the disk mounted?" in told.err
    assert len(post.sink.sent()) == 2 and not box.exists()
    (tmp_path / "away").rename(box)
    post.tern.ok("sync")
    assert sorted(row["subject"] for row in post.tern.json("list", "Sent").rows) == ["one", "two"]
    assert len(post.sink.sent()) == 2 and list((post.tern.profile / "data/outbox/cur").iterdir()) == []


def test_what_a_kill_left_after_the_answer_is_done(make_post, tmp_path):
    """Sent, but neither its copy filed nor its original flagged: done by the next one that sends, and once."""
    post = make_post(keys={"incoming": f"maildir:{tmp_path / 'mail'}"})
    post.tern.ok("sync")
    inbox = tmp_path / "mail/new/1.a.b"
    inbox.write_bytes(MESSAGE)
    post.tern.ok("sync")
    (row,) = post.tern.json("list").rows
    post.tern.ok("send", "-t", "--offline", input=MESSAGE)
    (path,) = (post.tern.profile / "data/outbox/envelopes").iterdir()
    text = path.read_text().replace("state=queued", "state=sent").replace("answers=0", f"answers={row['id']}")
    path.write_text(text.replace("fate=waiting", "fate=taken"))
    for _ in range(2):
        post.tern.ok("send", "bob@example.org", "--no-copy", input=MESSAGE)
    assert len(list((tmp_path / "mail").glob(".Sent/*/*"))) == 1
    assert post.tern.json("list").rows[0]["flags"] == ["answered"]
    assert list((post.tern.profile / "data/outbox/cur").iterdir()) == []


# ---- an account that is no more ----

def test_what_waits_for_an_account_that_is_gone_says_so(make_post):
    """Renamed in the configuration, or taken out of it: nothing sends it, so outbox, sync and doctor tell."""
    post = make_post()
    post.tern.ok("send", "--offline", "bob@example.org", input=MESSAGE)
    row, = post.outbox()
    assert "error" not in row
    assert "not configured" not in post.tern("doctor", "--offline").out
    config = (post.tern.profile / "tern.conf").read_text()
    post.tern.write(config.replace("[account work]", "[account office]") + "offline = yes\n")
    row, = post.outbox()
    assert row["state"] == "queued" and "account work is not configured" in row["error"]
    assert "account work is not configured" in post.tern.ok("outbox").out
    told = post.tern.ok("sync").err
    assert f"message {row['id']} in the outbox: It cannot go out: account work is not configured" in told
    doctor = post.tern("doctor", "--offline")
    assert doctor.status == 1
    assert "!!  outbox" in doctor.out and "account work is not configured" in doctor.out
    post.tern.write(config)
    row, = post.outbox()
    assert "error" not in row
    assert "not configured" not in post.tern("sync", "--offline").err
