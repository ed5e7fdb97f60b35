"""tern compose and tern mailto: from the command line: what gets into the outbox, and what is kept when it does not."""
import configparser
import email
import email.policy
import email.utils
import fcntl
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ACCOUNT = """[account work]
name = Zoë Brontë
address = zoe@example.com
incoming = imaps://zoe@127.0.0.1:1
outgoing = smtp://zoe@127.0.0.1:1
insecure = yes
"""
EDITOR = """#!{python}
import sys
from pathlib import Path
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
open("{seen}", "w", encoding="utf-8").write(text)
{action}
"""


@pytest.fixture
def zoe(tern):
    tern.write(ACCOUNT)
    return tern


def queued(tern):
    """The messages in the outbox, parsed strictly, in the order of their numbers."""
    files = sorted((tern.profile / "data/outbox/cur").glob("*"), key=lambda path: int(path.name.split(".")[0]))
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default.clone(raise_on_defect=True))
            for path in files]


def text_of(message):
    return message.get_body().get_content().replace("\r\n", "\n")


def envelopes(tern):
    return [path.read_text() for path in sorted((tern.profile / "data/outbox/envelopes").glob("*"))]


def drafts(tern):
    return sorted((tern.profile / "data/drafts/cur").glob("*"))


def test_standard_input_becomes_a_message(zoe, tmp_path):
    plan = tmp_path / "Plän.pdf"
    plan.write_bytes(b"%PDF-1.4\n" + bytes(range(256)))
    zoe.ok("compose", "-s", "Grüße", "-c", "Bob <bob@example.org>", "-b", "hidden@example.org", "-a", plan, "-a", plan,
           "Ada <ada@example.org>", input="Hallo Ada,\n\nbis später.\n".encode())
    message, = queued(zoe)
    assert (message["Subject"], message["To"], message["Cc"]) == ("Grüße", "Ada <ada@example.org>", "Bob <bob@example.org>")
    assert message["From"] == "Zoë Brontë <zoe@example.com>" and "Bcc" not in message
    assert text_of(message) == "Hallo Ada,\n\nbis später.\n"
    files = list(message.iter_attachments())
    assert [part.get_filename() for part in files] == ["Plän.pdf", "Plän.pdf"]
    assert files[0].get_content_type() == "application/pdf" and files[0].get_content() == plan.read_bytes()
    assert "hidden@example.org" in envelopes(zoe)[0]
    assert drafts(zoe) == []


@pytest.mark.parametrize("words, who", [
    (["Developers <dev@lists.example>", "bob@example.org"], "zoe+lists@example.com"),
    (["dev"], "zoe+lists@example.com"),
    (["bob@example.org", "dev"], "zoe@example.com"),
])
def test_use_for_by_the_first_recipient(zoe, words, who):
    """With a name, by an alias, or not at all: whom it is from is what the configuration says of the address."""
    zoe.conf.write_text(zoe.conf.read_text() + "\n[identity lists]\naddress = zoe+lists@example.com\nuse-for = *@lists.example\n"
                        "[aliases]\ndev = Developers <dev@lists.example>\n")
    zoe.ok("compose", "-s", "Hi", *words, input=b"Hello\n")
    message, = queued(zoe)
    assert email.utils.parseaddr(message["From"])[1] == who


@pytest.mark.parametrize("words, said", [
    (["ada"], "To: “ada” has no “@”"),
    (["-c", "Lovelace, Ada <ada@example.org>"], "Cc: “Lovelace” has no “@”"),
    ([], "there is nobody to send it to"),
])
def test_a_wrong_address_is_told_and_the_text_is_kept(zoe, words, said):
    result = zoe("compose", *words, input=b"precious\n")
    assert result.status == 1 and said in result.err
    assert queued(zoe) == []
    draft, = drafts(zoe)
    assert b"precious" in draft.read_bytes() and draft.name.split(":")[0] in result.err


def test_what_cannot_be_attached_sends_nothing(zoe, tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        result = zoe("compose", "-a", path, "ada@example.org", input=b"x\n")
        assert result.status == 1 and str(path) in result.err
    assert queued(zoe) == []


def test_no_field_lets_another_one_in(zoe, tmp_path):
    """THREATS.md 3: CR and LF in whatever comes from the command line or a link."""
    evil = tmp_path / "x\nBcc: evil@example.org"
    evil.write_text("x")
    zoe("compose", "-s", "x\r\nBcc: evil@example.org", "ada@example.org\nBcc: evil@example.org", input=b"x\n")
    zoe("compose", "-s", "x\nX-Evil: 1", "ada@example.org", input=b"x\n")
    zoe("compose", "-a", evil, "ada@example.org", input=b"x\n")
    zoe("mailto:ada@example.org?subject=x%0D%0ABcc:%20evil@example.org&attach=/etc/passwd&bcc=evil@example.org",
        input=b"x\n")
    for message in queued(zoe):
        assert "Bcc" not in message and "X-Evil" not in message
        assert "passwd" not in message.as_string()
    for draft in drafts(zoe):
        message = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
        assert "Bcc" not in message and "X-Evil" not in message and "passwd" not in message.as_string()
    recipients = [line for envelope in envelopes(zoe) for line in envelope.splitlines() if "subject" not in line]
    assert recipients and not any("evil@" in line for line in recipients)


def test_a_link_fills_in_what_it_may(zoe):
    result = zoe.ok("mailto:ada@example.org?cc=bob@example.org&subject=Lunch%3F&body=Noon%0D%0Aor%20one"
                    "&in-reply-to=%3Cp@example.org%3E&bcc=evil@example.org", input=b"")
    draft, = drafts(zoe)
    message = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
    assert (message["To"], message["Cc"], message["Subject"]) == ("ada@example.org", "bob@example.org", "Lunch?")
    assert message["In-Reply-To"] == message["References"] == "<p@example.org>"
    assert text_of(message).startswith("Noon\nor one\n")
    assert "bcc" in result.err and b"evil@example.org" not in draft.read_bytes()


HOSTILE = [
    "attach=/etc/passwd", "attachment=/etc/passwd", "Attach=/etc/passwd", "bcc=evil@example.org", "BCC=evil@example.org",
    "from=evil@example.org", "reply-to=evil@example.org", "x-evil=1", "content-type=text/html", "resent-to=evil@example.org",
    "disposition-notification-to=evil@example.org", "subject=a%0D%0ABcc:%20evil@example.org", "cc=a@b.c%0ABcc:%20evil@example.org",
    "to=a@b.c%00%0D%0AX-Evil:%201", "in-reply-to=%3Ca@b%3E%0D%0ABcc:%20evil@example.org", "body=%1b]52;c;ZXZpbA==%07", "subject=%ff%fe",
    "%61ttach=/etc/passwd", "b%63c=evil@example.org", "subject=" + "A" * 200_000, "&" * 5000, "=&=&=", "subject", "body=" + "%0A" * 50_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_link_reaches_no_other_field(zoe, query):
    """THREATS.md 3: only to, cc, subject, body and in-reply-to are a link's to set; nothing leaves its field; nothing is sent."""
    if len(query) > 100_000:     # more than the kernel gives a program in one word
        query = query[:100_000]
    result = zoe(f"mailto:ada@example.org?{query}", input=b"")
    assert queued(zoe) == [] and result.status in (0, 1), repr(result)
    for draft in drafts(zoe):
        raw = draft.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert "Bcc" not in message and "X-Evil" not in message and "Resent-To" not in message
        assert "Disposition-Notification-To" not in message and message.get_content_type() == "text/plain"
        assert "X-Tern-Attachment" not in message and "evil" not in str(message["From"]) + str(message["Reply-To"])
        assert b"\x1b" not in raw.split(b"\n\n")[0]


def test_the_desktop_opens_links_with_it():
    """The entry that make install puts beside the others: one link, as one word, to a program in a terminal."""
    entry = configparser.ConfigParser(interpolation=None, strict=True)
    entry.optionxform = str
    entry.read(Path(__file__).resolve().parents[2] / "docs/tern.desktop")
    group = entry["Desktop Entry"]
    assert group["Exec"] == "tern %u" and group["Terminal"] == "true" and group["Type"] == "Application"
    assert group["MimeType"] == "x-scheme-handler/mailto;" and "Email;" in group["Categories"]


@pytest.mark.parametrize("text", [b"", b"x\n"])
def test_a_link_sends_nothing_unseen(zoe, text):
    """THREATS.md 3: shown before anything is sent; without a terminal it is kept."""
    result = zoe.ok("mailto:ada@example.org?subject=Lunch", input=text)
    draft, = drafts(zoe)
    assert queued(zoe) == [] and "nothing is sent" in result.err and draft.name.split(":")[0] in result.err


def test_nobody_typed_anything_and_nothing_is_sent(zoe):
    """Standard input is the keyboard, standard output a file: there is no text, and no way to ask for it."""
    controller, terminal = pty.openpty()
    try:
        done = subprocess.run(zoe.argv("compose", "-s", "Log", "bob@example.org"), env=zoe.environment(), stdin=terminal,
                              capture_output=True, timeout=120)
    finally:
        os.close(controller)
        os.close(terminal)
    assert done.returncode == 0 and queued(zoe) == []
    draft, = drafts(zoe)
    assert draft.name.split(":")[0] in done.stderr.decode() and b"Subject: Log" in draft.read_bytes()


def write_editor(tern, action):
    path, seen = tern.profile / "editor", tern.profile / "seen"
    path.write_text(EDITOR.format(python=sys.executable, seen=seen, action=action))
    path.chmod(0o700)
    return {"VISUAL": str(path)}, seen


def test_the_editor_gets_the_terminal(zoe):
    env, seen = write_editor(zoe, """assert os.isatty(0) and os.isatty(1) if (os := __import__("os")) else 0
open(path, "w", encoding="utf-8").write(text.replace("Subject: ", "Subject: Früh").replace("\\n\\n", "\\n\\nWritten.\\n", 1))""")
    with zoe.terminal(80, 24, "compose", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        assert terminal.rows_with("Subject: Früh")
        terminal.send("y<Enter>")
        assert terminal.wait_exit(60) == 0
    assert "To: ada@example.org\n" in seen.read_text()
    message, = queued(zoe)
    assert message["Subject"] == "Früh" and text_of(message) == "Written.\n"
    assert drafts(zoe) == [] and not list((zoe.profile / "data/drafts/edit").iterdir())


@pytest.mark.parametrize("action, said", [
    ("sys.exit(1)", "the editor ended with status 1"),
    ("import os; os.kill(os.getpid(), 9)", "ended by signal 9"),
    ("open(path, 'w').close()", "the editor left an empty file"),
])
def test_an_editor_that_fails_changes_nothing(zoe, action, said):
    env, _ = write_editor(zoe, action)
    with zoe.terminal(100, 24, "compose", "-s", "Kept", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        text = " ".join(terminal.text().split())
        assert said in text and "Subject: Kept" in text
        terminal.send("p<Enter>")
        assert terminal.wait_exit(60) == 0
    draft, = drafts(zoe)
    assert b"Subject: Kept" in draft.read_bytes()


def test_a_field_that_is_deleted_in_the_editor_is_gone(zoe):
    """Before it is sent everybody who gets it is named."""
    env, _ = write_editor(zoe, """import re; open(path, "w").write(re.sub("(?m)^(Bcc|From):.*\\n", "", text) + "Hidden?\\n")""")
    with zoe.terminal(80, 24, "compose", "-b", "eve@example.org", "-c", "carl@example.org", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        assert terminal.rows_with("Cc: carl@example.org") and terminal.rows_with("From: Zoë Brontë <zoe@example.com>")
        assert not terminal.rows_with("eve@")
        terminal.send("y<Enter>")
        assert terminal.wait_exit(60) == 0
    message, = queued(zoe)
    assert text_of(message) == "Hidden?\n" and message["From"] == "Zoë Brontë <zoe@example.com>"
    assert "carl@example.org" in envelopes(zoe)[0] and "eve@" not in envelopes(zoe)[0]


def test_everybody_is_named_before_sending(zoe):
    env, _ = write_editor(zoe, "")
    with zoe.terminal(80, 24, "compose", "-b", "eve@example.org", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        assert terminal.rows_with("Bcc: eve@example.org") and not terminal.rows_with("Cc: ")
        terminal.send("q<Enter>")
        assert terminal.wait_exit(60) == 0


def test_a_link_means_no_alias(zoe):
    """Neither at once nor after the editor, but what is typed there does."""
    zoe.write(ACCOUNT, "[aliases]\nboss = chief@example.org\nteam = karl@example.org\n")
    env, _ = write_editor(zoe, """open(path, "w").write(text.replace("Cc: ", "Cc: team"))""")
    with zoe.terminal(80, 24, "mailto:boss", env=env) as terminal:
        terminal.wait("Send (y)")
        assert terminal.rows_with("To: boss") and terminal.rows_with("Cc: karl@example.org")
        assert not terminal.rows_with("chief@")
        terminal.send("y<Enter>")
        terminal.wait("“boss” has no “@”")
        terminal.send("q<Enter>")
        assert terminal.wait_exit(60) == 0
    assert queued(zoe) == []


def test_the_draft_is_held_until_the_end(zoe):
    """Nobody goes on with it, and sends it, in a screen meanwhile: before the editor, in it, and at the question."""
    env, _ = write_editor(zoe, """import fcntl
draft, = Path(path).parents[1].joinpath("cur").iterdir()
with open(Path(path).parents[1] / "open" / draft.name.split(":")[0]) as lock:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        open(path, "w").write(text + "free\\n")
    except BlockingIOError:
        open(path, "w").write(text + "held\\n")""")
    with zoe.terminal(80, 24, "compose", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        draft, = drafts(zoe)
        assert b"held\n" in draft.read_bytes()
        with open(zoe.profile / "data/drafts/open" / draft.name.split(":")[0]) as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            terminal.send("p<Enter>")
            assert terminal.wait_exit(60) == 0
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_text_of_another_charset_is_read(zoe):
    env, _ = write_editor(zoe, """open(path, "wb").write(text.encode("latin-1", "replace") + b"caf\\xe9\\n")""")
    with zoe.terminal(100, 24, "compose", "ada@example.org", env=env) as terminal:
        terminal.wait("Send (y)")
        terminal.send("y<Enter>")
        assert terminal.wait_exit(60) == 0
    message, = queued(zoe)
    assert text_of(message).endswith("café\n")


def structure(part):
    """("multipart/mixed", […]) of a message."""
    inside = [structure(one) for one in part.iter_parts()] if part.is_multipart() else None
    return (part.get_content_type(), inside) if inside else part.get_content_type()


def test_markdown_with_a_picture_in_it(zoe, tmp_path):
    zoe.write("[tern]\nmarkdown = yes\n", ACCOUNT)
    (tmp_path / "a dot.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.4\n")
    text = "*Hallo* Grüße ![ein Punkt](a%20dot.png)\n\n> ![x](http://evil.example/t.png) <b>x</b>\n"
    zoe.ok("compose", "-s", "x", "-a", tmp_path / "a dot.png", "-a", tmp_path / "plan.pdf", "ada@example.org", input=text.encode())
    message, = queued(zoe)
    assert structure(message) == ("multipart/mixed", [("multipart/alternative", ["text/plain", ("multipart/related", ["text/html", "image/png"])]),
                                                      "application/pdf"])
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    html = message.get_body(("html",)).get_content()
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert picture["Content-Disposition"].content_disposition == "inline" and picture.get_filename() == "a dot.png"
    assert f'<em>Hallo</em> Grüße <img src="cid:{picture["Content-ID"][1:-1]}" alt="ein Punkt" />' in html
    assert '<a href="http://evil.example/t.png">x</a>' in html and "&lt;b&gt;" in html and html.count("<img") == 1


def test_markdown_alone(zoe):
    zoe.write("[tern]\nmarkdown = yes\n", ACCOUNT)
    zoe.ok("compose", "-s", "x", "ada@example.org", input=b"*Hi*\n")
    message, = queued(zoe)
    assert structure(message) == ("multipart/alternative", ["text/plain", "text/html"])


def test_markdown_that_is_too_long_is_kept(zoe):
    zoe.write("[tern]\nmarkdown = yes\n", ACCOUNT)
    result = zoe("compose", "-s", "x", "ada@example.org", input=b"x" * 300_000)
    assert result.status == 1 and "too long for Markdown" in result.err
    assert queued(zoe) == [] and len(drafts(zoe)) == 1


# ---- tern outbox edit ----

def put_into_outbox(zoe):
    zoe.ok("--offline", "compose", "-s", "Früh", "-b", "hidden@example.org", "ada@example.org", input="Hallo.\n".encode())
    row, = zoe.json("outbox").rows
    return row["id"]


def test_a_message_that_waits_is_edited(zoe):
    """As tern compose does: the editor, then a question; the message that goes is the edited one, once, Bcc and all."""
    number = put_into_outbox(zoe)
    env, seen = write_editor(zoe, """open(path, "w", encoding="utf-8").write(text.replace("Hallo.", "Guten Tag."))""")
    with zoe.terminal(80, 24, "--offline", "outbox", "edit", number, env=env) as terminal:
        terminal.wait("Send (y)")
        assert terminal.rows_with("Subject: Früh") and queued(zoe) == []
        terminal.send("y<Enter>")
        assert terminal.wait_exit(60) == 0
    assert "To: ada@example.org\n" in seen.read_text() and "Bcc: hidden@example.org\n" in seen.read_text()
    message, = queued(zoe)
    assert message["Subject"] == "Früh" and text_of(message) == "Guten Tag.\n" and message["Bcc"] is None
    row, = zoe.json("outbox").rows
    assert row["id"] > number and sorted(one["address"] for one in row["recipients"]) == ["ada@example.org", "hidden@example.org"]
    assert drafts(zoe) == []


def test_without_a_terminal_it_becomes_a_draft(zoe):
    number = put_into_outbox(zoe)
    row, = zoe.json("outbox", "edit", number).rows
    draft, = drafts(zoe)
    assert row == {"id": number, "account": "work", "verb": "edit", "target": "ada@example.org", "state": "draft",
                   "subject": "Früh", "draft": draft.name.split(":")[0]}
    assert queued(zoe) == [] and zoe.json("outbox").rows == [] and b"hidden@example.org" in draft.read_bytes()


@pytest.mark.parametrize("state, said", [("sending", "is on its way"), ("unknown", "say first whether it was"), ("sent", "was sent already")])
def test_what_cannot_be_edited_stays(zoe, state, said):
    number = put_into_outbox(zoe)
    path, = (zoe.profile / "data/outbox/envelopes").iterdir()
    path.write_text(path.read_text().replace("state=queued", f"state={state}"))
    before = path.read_text()
    failed, none = zoe("outbox", "edit", number), zoe("outbox", "edit", number + 1)
    assert failed.status == 1 and said in failed.err
    assert none.status == 1 and f"there is no message {number + 1} in the outbox" in none.err
    assert path.read_text() == before and drafts(zoe) == []
