"""Messages that are written on the screen: answers, forwarding, drafts across kill -9, sending and taking back."""
import email
import email.policy
import os
import re
import signal
import sys
import time

import pytest

from lib.mailserver import MailServer
from lib.program import NEEDS_OWN_MOUNTS, OWN_MOUNTS, contents
from lib.terminal import Terminal
from office import message

POLICY = email.policy.default.clone(raise_on_defect=True)
SIZES = [(80, 24), (120, 40), (40, 12)]


def to_all():
    made = email.message_from_bytes(message("Zoë Brontë <zoe@example.com>", "Plans", "Shall we?\n\n-- \nZoë\n", day=9, mid="plans",
                                            to="Ada <ada@example.org>, Bob <bob@example.org>"), policy=email.policy.SMTP)
    made["Cc"] = "carl@example.org"
    made["List-Post"] = "<mailto:list@example.org>"
    return made.as_bytes()


@pytest.fixture
def box(tern):
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Archive", "Trash", "Junk")
        server.append("ada", "INBOX", message("Pat <pat@example.com>", "Invoice", "Pay.\n", day=5, attachment="budget.csv"), r"\Seen",
                      date=1_735_000_000)
        server.append("ada", "INBOX", to_all(), r"\Seen", date=1_735_000_000)
        tern.write(server.account("ada"), "[tern]\neditor = builtin\nundo-send = 1h\n")
        tern.ok("sync", "--keep")
        yield server


def address_of(tern):
    return next(line.split("=")[1].strip() for line in tern.conf.read_text().splitlines() if line.startswith("address"))


def start(screen, size=(80, 24), env=None):
    terminal = screen(*size, "--offline", env=env)
    terminal.wait("Plans")
    return terminal


def outbox(tern):
    folder = tern.profile / "data/outbox/cur"
    return [email.message_from_bytes(path.read_bytes(), policy=POLICY) for path in sorted(folder.glob("*"))]


def leave(terminal):
    """Out of the editor: Esc and a letter right behind it would be one key."""
    terminal.settle()
    is_editing = "Esc done" in terminal.text()
    terminal.send("<Esc>")
    if is_editing:
        terminal.wait_gone("Esc done")
    terminal.settle()


def text_of(made):
    return made.get_body(("plain",)).get_content().replace("\r\n", "\n")


def go_on(terminal, shows):
    """With the one draft that there is."""
    terminal.send("R")
    terminal.wait("Draft:")
    terminal.settle()
    terminal.send("<Enter>")
    terminal.wait(shows)


def wait_outbox(terminal, tern, n=1):
    terminal.wait_for(lambda: len(outbox(tern)) == n, what=f"{n} in the outbox")
    return outbox(tern)


def drafts(tern):
    return sorted((tern.profile / "data/drafts/cur").glob("*"))


def news(terminal, text):
    def stands():
        return "".join(text.split()) in "".join("".join(terminal.row(n) for n in range(-3, 0)).split())
    terminal.wait_for(stands, what=repr(text))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key, to, cc", [
    ("r", "Zoë Brontë <zoe@example.com>", None),
    ("g", "Zoë Brontë <zoe@example.com>, Bob <bob@example.org>", "carl@example.org"),
    ("L", "list@example.org", None),
])
def test_answers(tern, box, screen, size, key, to, cc):
    terminal = start(screen, size)
    terminal.send(key)
    terminal.wait("Reply")
    terminal.wait("Re: Plans")
    terminal.send("Yes, we ", "shall.")
    leave(terminal)
    terminal.send("y")
    terminal.wait_gone("Reply")
    made, = wait_outbox(terminal, tern)
    assert made["To"].replace(address_of(tern), "ada@example.org") == to and made["Cc"] == cc
    assert made["Subject"] == "Re: Plans"
    assert made["In-Reply-To"] == made["References"] == "<plans@example.org>"
    assert text_of(made).startswith("Yes, we shall.\n\nOn ")
    assert "\n> Shall we?\n" in text_of(made) and "> Zoë" not in text_of(made)
    assert drafts(tern) == []


def test_the_editor_stays_with_its_message(tern, box, screen):
    """An answer that was begun before, and comes while the editor is open, neither gets its keys nor hides it."""
    terminal = start(screen)
    terminal.send("gr")     # read at once, mostly: then both are begun before the first one has its editor
    terminal.wait("M-q wrap")
    terminal.settle()
    terminal.send("for all of you")
    terminal.wait("for all of you")
    leave(terminal)

    def written():
        return [draft for draft in contents(drafts(tern)) if b"for all of you" in draft]
    terminal.wait_for(lambda: len(written()) == 1, what="the draft")
    assert b"carl@example.org" in written()[0]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_forward(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("j")
    terminal.send("f")
    terminal.wait("To:")
    terminal.send("carl@example.org<Enter>")
    terminal.wait("Esc done")
    assert terminal.rows_with("budget.csv") and terminal.rows_with("Fwd: Invoice")
    terminal.send("For you.")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["To"] == "carl@example.org" and text_of(made).startswith("For you.\n\n")
    part, = made.iter_attachments()
    assert part.get_filename() == "budget.csv" and part.get_content().replace("\r\n", "\n") == "a,b\n1,2\n"


@pytest.mark.parametrize("size", SIZES)
def test_forward_attached(tern, box, screen, size):
    """The whole message, with its own attachment, inside the new one."""
    terminal = start(screen, size)
    terminal.send("j<Esc>f")
    terminal.wait("To:")
    terminal.send("carl@example.org<Enter>")
    terminal.wait("Esc done")
    assert terminal.rows_with("Invoice.eml") and terminal.rows_with("Fwd: Invoice") and not terminal.rows_with("Pay.")
    terminal.send("For you.")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["Subject"] == "Fwd: Invoice" and text_of(made) == "For you.\n"
    part, = made.iter_attachments()
    inside = part.get_content()
    assert part.get_content_type() == "message/rfc822" and part.get_filename() == "Invoice.eml"
    assert inside["From"] == "Pat <pat@example.com>" and [one.get_filename() for one in inside.iter_attachments()] == ["budget.csv"]


@pytest.mark.parametrize("size", SIZES)
def test_edit_as_new(tern, box, screen, size):
    """People, subject, text and attachments of the message once more; nothing says that it is not new."""
    terminal = start(screen, size)
    terminal.send("je")
    terminal.wait("Esc done")
    assert terminal.rows_with("budget.csv") and terminal.rows_with("Pay.") and not terminal.rows_with("Fwd:")
    terminal.send("Please: ")
    terminal.wait("Please: Pay.")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["Subject"] == "Invoice" and made["To"] == "Ada <ada@example.org>" and made["From"].endswith(f"<{address_of(tern)}>")
    assert made["In-Reply-To"] is None and made["References"] is None and made["Message-ID"] != "<11.5.12@example.org>"
    assert text_of(made) == "Please: Pay.\n" and [part.get_filename() for part in made.iter_attachments()] == ["budget.csv"]


def test_taken_back_and_left(tern, box, screen):
    """What was taken back and is left as it is, is kept, and that is told."""
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("not yet")
    leave(terminal)
    terminal.send("y")
    wait_outbox(terminal, tern)
    taken_back = re.compile("Taken back|u again takes it back")
    terminal.send("u")
    terminal.wait(taken_back)
    if "u again" in terminal.text():        # the screen had not heard yet that it is there
        terminal.send("u")
    terminal.wait("not yet")
    terminal.send("q")
    news(terminal, "Kept for later. :drafts opens it.")
    terminal.wait_for(lambda: any(b"not yet" in draft for draft in contents(drafts(tern))), what="a draft")
    assert outbox(tern) == []


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5)])
def test_what_was_told_can_be_read_in_full(tern, box, screen, size):
    """An error that is longer than a small screen."""
    terminal = screen(*size, "--offline")
    terminal.wait("Plans" if size[0] > 20 else "INBOX")
    terminal.send(f":folder {'Nowhere/' * 8}<Enter>")
    terminal.wait("there is no")
    terminal.send("<Esc>w")
    terminal.wait("What was told")
    seen = set()
    for _ in range(20):
        terminal.settle()
        seen |= set(terminal.text().split())
        if "letters" in seen:
            break
        terminal.send("j")
    assert {"finds", "few", "letters"} <= seen
    terminal.send("q")
    terminal.wait_gone("What was told")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_digest_of_what_is_selected(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("xx")
    terminal.send("f")
    terminal.wait("To:")
    terminal.send("carl@example.org<Enter>")
    leave(terminal)
    terminal.wait("2 forwarded messages")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    digest, = made.iter_attachments()
    assert digest.get_content_type() == "multipart/digest"
    assert [part.get_content_type() for part in digest.iter_parts()] == ["message/rfc822"] * 2
    assert [part.get_content()["Subject"] for part in digest.iter_parts()] == ["Invoice", "Plans"]      # the oldest first


@pytest.mark.parametrize("key, shows", [("f", "2 forwarded messages"), ("<Esc>f", "2 forwarded messages"), ("r", "Re: Plans")])
def test_all_of_a_folder_that_is_small(tern, box, screen, key, shows):
    """All are selected: that is two, and so they are answered or passed on as if they had been selected one by one."""
    terminal = start(screen)
    terminal.send(f"<Esc>a{key}")
    if key != "r":
        terminal.wait("To:")
        terminal.send("carl@example.org<Enter>")
    leave(terminal)
    terminal.wait(shows)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    kinds = [part.get_content_type() for part in made.iter_attachments()]
    assert kinds == {"f": ["multipart/digest"], "<Esc>f": ["message/rfc822"] * 2, "r": []}[key]


def test_all_of_a_folder_that_is_large(tern, box, screen):
    for n in range(100):
        box.append("ada", "Archive", message("Pat <pat@example.com>", f"Note {n}", "Hi.\n", day=5, mid=f"note{n}"), date=1_735_000_000)
    tern.ok("sync", "--keep")
    terminal = screen(80, 24, "--offline", "-f", "Archive")
    terminal.wait("100 messages")
    terminal.send("<Esc>a")
    terminal.wait("100 selected")
    terminal.send("f")
    terminal.wait("To:")
    terminal.send("<Esc>")
    terminal.wait("100 forwarded messages")
    box.append("ada", "Archive", message("Pat <pat@example.com>", "One more", "Hi.\n", day=6, mid="more"), date=1_735_000_000)
    terminal.hangup()
    terminal.wait_exit(60)
    tern.ok("sync", "--keep")
    terminal = screen(80, 24, "--offline", "-f", "Archive")
    terminal.wait("101 messages")
    for key in ("f", "r", "<Esc>A"):
        terminal.send(f"<Esc>a{key}")
        news(terminal, "101 messages are selected, and one message takes 100 at most; select fewer")
        terminal.send("<Esc>")
        terminal.wait_gone("one message takes")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_an_answer_to_what_is_selected(tern, box, screen, size):
    """To all whose messages were selected, each quoted; the newest is the one that is answered."""
    terminal = start(screen, size)
    terminal.send("xx")
    terminal.send("r")
    terminal.wait("Re: Plans")
    terminal.send("Both.")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["To"] == "Pat <pat@example.com>, Zoë Brontë <zoe@example.com>" and made["Cc"] is None
    assert made["In-Reply-To"] == "<plans@example.org>" and len(made["References"].split()) == 2
    text = text_of(made)
    assert text.startswith("Both.\n\nOn ") and text.index("\n> Pay.\n\nOn ") < text.index("\n> Shall we?\n")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_sent_on_as_it_is(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("b")
    terminal.wait("To:")
    terminal.send("carl@example.org<Enter>")
    terminal.wait("Send on")
    for key in "esa":
        terminal.send(key)
        news(terminal, "is sent on stays as it is")
        terminal.send("<Down>")
        terminal.wait_for(lambda: not any("stays as it is" in terminal.row(n) for n in range(-3, 0)), what="no news")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["Resent-To"] == "carl@example.org" and made["Message-ID"] == "<plans@example.org>"
    assert list(made)[0] == "Resent-Date"


@pytest.mark.parametrize("size", [*SIZES, (20, 5)])
def test_a_new_message(tern, box, screen, size):
    terminal = screen(*size, "--offline")
    terminal.settle()
    terminal.send("m")
    terminal.wait("To:")
    terminal.send("bob@example.org<Enter>")
    terminal.wait("Subject:")
    terminal.send("Lunch<Enter>")
    terminal.settle()
    terminal.send("Noon? 田中<Enter>❤️")
    leave(terminal)
    terminal.wait("Noon?")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert (made["To"], made["Subject"], text_of(made)) == ("bob@example.org", "Lunch", "Noon? 田中\n❤️\n")


def test_the_editor_fills_a_screen_that_grows(tern, box, screen):
    """What stands above comes into sight again, as far as there is room."""
    terminal = screen(40, 12, "--offline")
    terminal.settle()
    terminal.send("m")
    terminal.wait("To:")
    terminal.send("bob@example.org<Enter>")
    terminal.wait("Subject:")
    terminal.send("Lines<Enter>")
    terminal.settle()
    for n in range(12):
        terminal.send(f"line {n}.<Enter>")
    terminal.wait("line 11.")
    assert "line 0." not in terminal.text()
    terminal.resize(80, 40)
    terminal.wait("line 0.")
    assert "line 11." in terminal.text()


def test_whom_it_goes_to_is_never_hidden(tern, box, screen):
    """On a small screen with a file attached, where not all fields have room."""
    terminal = start(screen, (40, 12))
    terminal.send("r")
    terminal.wait("Esc done")
    leave(terminal)
    terminal.send(":cc cc@example.org<Enter>")
    terminal.wait("Cc")
    terminal.send(":bcc bcc@example.org<Enter>")
    terminal.wait("bcc@example.org")
    terminal.send(f":attach {tern.conf}<Enter>")
    terminal.wait("+ 1  tern.conf")
    for address in ("To       Zo", "Cc       cc@example.org", "Bcc      bcc@example.org"):
        assert terminal.rows_with(address), terminal.text()


def test_send_is_taken_back(tern, box, screen):
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("Too fast")
    leave(terminal)
    terminal.send("y")
    news(terminal, "u takes it back.")
    wait_outbox(terminal, tern)
    terminal.send("u")
    terminal.wait("Too fast")
    news(terminal, "Taken back: it was not sent")
    assert outbox(tern) == [] and len(drafts(tern)) == 1
    terminal.send("y")
    wait_outbox(terminal, tern)
    assert drafts(tern) == []
    # what is done afterwards is what u takes back
    terminal.send("d")
    news(terminal, "Deleted 1 message. u undoes it.")
    terminal.send("u")
    terminal.wait("Plans")
    assert len(outbox(tern)) == 1


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_draft_across_kill(tern, box, screen, size):
    """What was typed is on the disk within 5 s, whatever comes."""
    terminal = start(screen, size)
    terminal.send("r")
    terminal.wait("Esc done")
    terminal.send("precious words")
    terminal.wait_for(lambda: any(b"precious words" in draft for draft in contents(drafts(tern))), what="a draft")
    terminal.signal(signal.SIGKILL)
    assert terminal.wait_exit(30) == -signal.SIGKILL
    again = start(screen, size)
    news(again, "1 message is not finished; :drafts shows it")
    again.send(":drafts<Enter>")
    again.wait("Draft:")
    again.send("<Enter>")
    again.wait("precious words")
    assert again.rows_with("Re: Plans")
    again.send("y")
    made, = wait_outbox(again, tern)
    assert text_of(made).startswith("precious words\n") and made["In-Reply-To"] == "<plans@example.org>"


def test_a_draft_across_hangup(tern, box, screen):
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("not lost")
    terminal.wait("not lost")
    terminal.hangup()
    terminal.wait_exit(60)
    draft, = drafts(tern)
    assert b"not lost" in draft.read_bytes()


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_postponed_and_thrown_away(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("r")
    terminal.wait("Esc done")
    terminal.send("later")
    leave(terminal)
    terminal.send("P")
    news(terminal, "Kept for later. :drafts opens it.")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    terminal.send("R")
    terminal.wait("Draft:")
    terminal.send("<Enter>")
    terminal.wait("later")
    terminal.send("s")
    terminal.send("!<Enter>")
    terminal.wait("Re: Plans!")
    terminal.send("q")
    news(terminal, "Throw this message away? P keeps it for later. (y/n)")
    terminal.send("y")
    news(terminal, "The message was thrown away")
    terminal.wait_for(lambda: drafts(tern) == [], what="no draft")


def no_room(tern):
    """The profile takes no drafts: a file stands where their folder would be."""
    path = tern.profile / "data/drafts"
    path.write_text("")
    return path


@pytest.mark.parametrize("key", ["P", "y"])
def test_what_cannot_be_saved_comes_back(tern, box, screen, key):
    """Left or sent while the disk takes nothing: it is open again, asks before it goes, and is saved once it can be."""
    blocked = no_room(tern)
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("precious words")
    leave(terminal)
    terminal.send(key)
    news(terminal, "drafts")
    terminal.wait("precious words")
    terminal.send("q")
    terminal.wait("Throw this message away?")
    terminal.send("n")
    blocked.unlink()
    terminal.wait_for(lambda: any(b"precious words" in draft for draft in contents(drafts(tern))), what="a draft")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert text_of(made).startswith("precious words\n")


def test_several_saves_that_fail_at_once(tern, box, screen):
    """The first waits for the disk while more is typed and the message is closed; then none of them is taken: what was typed last
    is what comes back."""
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("One.")
    leave(terminal)
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    cur = tern.profile / "data/drafts/cur"
    pipe = tern.profile / "data/drafts/tmp" / drafts(tern)[0].name.split(":")[0]
    os.mkfifo(pipe)
    for text in ("Two.", "Three."):
        terminal.send("e")
        terminal.wait("M-q wrap")
        terminal.send(text)
        leave(terminal)
    terminal.send("P")
    news(terminal, "Kept for later.")
    cur.rename(cur.with_name("aside-cur"))
    cur.write_text("")
    assert b"Two." in pipe.read_bytes()
    terminal.wait("Three.")
    news(terminal, "drafts")
    assert "Two." in terminal.text() and "One." in terminal.text()
    cur.unlink()
    cur.with_name("aside-cur").rename(cur)
    terminal.wait_for(lambda: any(b"Three." in draft for draft in contents(drafts(tern))), what="a draft")


@pytest.mark.parametrize("sent", [False, True])
def test_what_cannot_be_saved_at_the_end_is_put_elsewhere(tern, box, screen, tmp_path, sent):
    no_room(tern)
    terminal = start(screen, env={"TMPDIR": str(tmp_path)})
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("precious words")
    leave(terminal)
    terminal.send("y:quit<Enter>" if sent else ":quit<Enter>")
    assert terminal.wait_exit(60) == 0
    path, = tmp_path.glob("tern-draft-*/drafts/cur/*")
    assert b"precious words" in path.read_bytes() and path.stat().st_mode & 0o77 == 0
    assert str(path.parent).encode() in bytes(terminal.raw) and outbox(tern) == []


def test_a_wrong_address_is_told_and_nothing_goes(tern, box, screen):
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.send("bob@<Enter>")
    terminal.wait("Subject:")
    terminal.send("x<Enter>")
    terminal.wait("M-q wrap")
    terminal.send("text")
    leave(terminal)
    terminal.send("y")
    news(terminal, "To: “bob@” has no domain")
    assert outbox(tern) == []
    terminal.send("t<C-u>bob@example.org<Enter>y")
    wait_outbox(terminal, tern)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_message_asks_for(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("r")
    terminal.wait("Esc done")
    leave(terminal)
    terminal.send("o")
    terminal.wait("Ask for:")
    terminal.send("rec<Enter>")
    terminal.wait("a receipt")
    terminal.send(":ask-for delivery<Enter>")
    terminal.wait("notices of delivery")
    terminal.send(":ask-for encryption<Enter>")
    terminal.send(":ask-for encryption<Enter>")
    news(terminal, "It no longer asks for encryption")
    if size[1] >= 24:
        assert "notices of delivery, a receipt" in terminal.text()
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["Disposition-Notification-To"] == made["From"]
    envelope, = (tern.profile / "data/outbox/envelopes").iterdir()
    assert "notify=14" in envelope.read_text()
    terminal.send("u")
    terminal.wait("Taken back")
    terminal.wait("Asks" if size[1] >= 24 else "Reply")


def test_attachments(tern, box, screen, tmp_path):
    (tmp_path / "plan one.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "notes.txt").write_text("Grüße\n")
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("It is attached.")
    leave(terminal)
    terminal.send("y")
    terminal.wait("The text speaks of an attachment, and there is none.")
    terminal.send("n")
    terminal.send("a")
    terminal.wait("Attach:")
    terminal.send(f"{tmp_path}/pl<Tab>")
    terminal.wait("plan one.pdf")
    terminal.send("<Enter>")
    terminal.wait("PDF document")
    terminal.send(":attach /no/such<Enter>")
    news(terminal, "cannot attach /no/such")
    terminal.send(f":attach {tmp_path}/*.txt<Enter>")
    terminal.wait("notes.txt")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert [part.get_filename() for part in made.iter_attachments()] == ["plan one.pdf", "notes.txt"]


def test_a_pattern_attaches_what_can_be_and_tells_the_rest(tern, box, screen, tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    for name in ["a.txt", "z.txt"]:
        (folder / name).write_text("x\n")
    os.mkfifo(folder / "cmd")
    (folder / "inner").mkdir()
    for n in range(3):
        (folder / f"lost{n}").symlink_to(folder / "nothing")
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    leave(terminal)
    terminal.send(f":attach {folder}/*<Enter>")
    news(terminal, "2 of 7 attached; not attached: cmd (it is no file), inner (it is a folder), lost0 (No such file or directory) and 2 others")
    terminal.wait("a.txt")
    terminal.wait("z.txt")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert [part.get_filename() for part in made.iter_attachments()] == ["a.txt", "z.txt"]


def test_not_sent_while_a_file_is_being_attached(tern, box, screen, tmp_path):
    """The disk is slow: saving the draft waits for whoever reads its pipe, and the file behind it waits too."""
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.4\n")
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("One.")
    leave(terminal)
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    pipe = tern.profile / "data/drafts/tmp" / drafts(tern)[0].name.split(":")[0]
    os.mkfifo(pipe)
    terminal.send("e")
    terminal.wait("M-q wrap")
    terminal.send("Two.")
    leave(terminal)
    terminal.send(f":attach {tmp_path}/plan.pdf<Enter>")
    terminal.send("y")
    news(terminal, "a file is still being attached")
    assert outbox(tern) == []
    terminal.send("P")      # nor put away without it
    news(terminal, "a file is still being attached; keep it when it stands there")
    assert b"Two." in pipe.read_bytes()
    terminal.wait("PDF document")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert [part.get_filename() for part in made.iter_attachments()] == ["plan.pdf"] and "Two." in text_of(made)


EDITOR = """#!{python}
import sys
text = open(sys.argv[1], encoding="utf-8").read()
sys.stdout.write("\\x1b[2J\\x1b[Hthe editor has the terminal")
sys.stdout.flush()
sys.stdin.readline()
open(sys.argv[1], "w", encoding="utf-8").write("Text from outside.\\n" + text)
sys.exit({status})
"""


@pytest.mark.parametrize("status", [0, 1])
def test_another_editor(tern, box, screen, status):
    editor = tern.profile / "editor"
    editor.write_text(EDITOR.format(python=sys.executable, status=status))
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin", "editor = external"))
    terminal = start(screen, env={"VISUAL": str(editor)})
    terminal.send("r")
    terminal.wait("the editor has the terminal")
    terminal.send("<Enter>")
    if status:
        news(terminal, "the editor ended with status 1")
        assert not terminal.rows_with("Text from outside.")
        terminal.send("q")
        terminal.wait_gone("Reply")
        terminal.wait_for(lambda: drafts(tern) == [], what="no draft")
    else:
        terminal.wait("Text from outside.")
        terminal.wait("Re: Plans")
        terminal.send("y")
        made, = wait_outbox(terminal, tern)
        assert text_of(made).startswith("Text from outside.\n\n")


def suspending_editor(tern):
    """One in which Ctrl-Z is pressed at once: its path."""
    editor = tern.profile / "editor"
    editor.write_text(EDITOR.format(python=sys.executable, status=0).replace(
        "sys.stdin.readline()", "import os, signal\nos.kill(0, signal.SIGTSTP)\nprint('it goes on', flush=True)\nsys.stdin.readline()"))
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin", "editor = external"))
    return str(editor)


def test_an_editor_that_is_suspended(tern, box, screen):
    """Ctrl-Z in it: tern stops with it, for the shell to come back, and both go on together."""
    terminal = start(screen, env={"VISUAL": suspending_editor(tern)})
    terminal.send("r")
    terminal.wait("the editor has the terminal")
    for _ in range(2):      # the second time by somebody else's signal
        terminal.wait_for(terminal.is_stopped, what="tern stopped")
        terminal.signal(signal.SIGCONT)
        terminal.wait("it goes on")
        if _ == 0:
            terminal.signal(signal.SIGSTOP)
    terminal.send("<Enter>")
    terminal.wait("Text from outside.")
    terminal.wait("Re: Plans")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert text_of(made).startswith("Text from outside.\n\n")


def test_a_suspended_editor_keeps_no_connection(tern, box, screen):
    """Another tern has the connections meanwhile; afterwards they are this one's again."""
    terminal = screen(80, 24, env={"VISUAL": suspending_editor(tern)})
    terminal.wait("Plans")
    box.append("ada", "INBOX", message("Pat <pat@example.com>", "Before", "Hi.\n", day=6, mid="before"))
    terminal.wait("Before", timeout=60)     # it is connected
    terminal.send("r")
    terminal.wait("the editor has the terminal")
    terminal.wait_for(terminal.is_stopped, what="tern stopped")
    box.append("ada", "INBOX", message("Pat <pat@example.com>", "Meanwhile", "Hi.\n", day=7, mid="meanwhile"))
    tern.ok("sync")
    assert "Meanwhile" in [row["subject"] for row in tern.json("list").rows]
    terminal.signal(signal.SIGCONT)
    terminal.wait("it goes on")
    terminal.send("<Enter>")
    terminal.wait("Text from outside.")
    terminal.send("q")
    terminal.wait("Throw this message away?")
    terminal.send("y")
    terminal.wait("Meanwhile", timeout=60)
    box.append("ada", "INBOX", message("Pat <pat@example.com>", "Afterwards", "Hi.\n", day=8, mid="afterwards"))
    terminal.wait("Afterwards", timeout=60)


HEADER_EDITOR = """#!{python}
import sys
text = open(sys.argv[1], encoding="utf-8").read()
open({seen!r}, "w", encoding="utf-8").write(text)
for old, new in (("Subject: Re: Plans", "Subject: Pläne"), ("Bcc:", "Bcc: eve@example.org"), ("To: Zoë", "To: carl@, Zoë" if {wrong} else "To: carl@example.org, Zoë")):
    assert old in text
    text = text.replace(old, new, 1)
open(sys.argv[1], "w", encoding="utf-8").write(text.replace("\\n\\n", "\\n\\nWritten outside.\\n", 1))
"""


def start_header_editor(tern, screen, size, wrong=False):
    editor, seen = tern.profile / "editor", tern.profile / "seen"
    editor.write_text(HEADER_EDITOR.format(python=sys.executable, seen=str(seen), wrong=wrong))
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin", f"editor = {editor}\nedit-headers = yes"))
    terminal = start(screen, size)
    terminal.send("r")
    terminal.wait("Pläne")
    return terminal, seen.read_text()


@pytest.mark.parametrize("size", SIZES)
def test_headers_in_the_editor(tern, box, screen, size):
    """They stand above the text, and what is made of them there counts."""
    terminal, seen = start_header_editor(tern, screen, size)
    head = seen.split("\n\n")[0]
    assert "To: Zoë Brontë <zoe@example.com>" in head and "Subject: Re: Plans" in head and "> Shall we?" in seen
    terminal.wait("carl@example.org")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["To"] == "carl@example.org, Zoë Brontë <zoe@example.com>" and made["Subject"] == "Pläne" and made["Bcc"] is None
    assert made["In-Reply-To"] == "<plans@example.org>" and text_of(made).startswith("Written outside.\n")
    row, = tern.json("outbox").rows
    assert [one["address"] for one in row["recipients"]] == ["carl@example.org", "zoe@example.com", "eve@example.org"]


def test_a_wrong_address_from_the_editor_is_told(tern, box, screen):
    terminal, _ = start_header_editor(tern, screen, (80, 24), wrong=True)
    terminal.wait("carl@,")
    terminal.send("y")
    news(terminal, "To: “carl@” has no domain")
    assert outbox(tern) == []


def test_what_an_editor_saved_across_kill(tern, box, screen):
    """tern is killed while another program has the terminal: what that had saved is in the draft."""
    editor = tern.profile / "editor"
    editor.write_text(EDITOR.format(python=sys.executable, status=0).replace(
        'sys.stdout.write', 'open(sys.argv[1], "a", encoding="utf-8").write("saved by the editor\\n")\nsys.stdout.write'))
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin", f"editor = {editor}"))
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("the editor has the terminal")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    terminal.signal(signal.SIGKILL)
    assert terminal.wait_exit(30) == -signal.SIGKILL
    terminal.close()
    again = start(screen)
    again.send("R")
    again.wait("Draft:")
    again.send("<Enter>")
    again.wait("saved by the editor")
    assert again.rows_with("Re: Plans") and not list((tern.profile / "data/drafts/edit").iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("saves", [True, False])
def test_ended_under_an_editor(tern, box, screen, number, saves):
    """SIGTERM and SIGHUP while another program has the terminal: tern ends, and what that had saved is there again."""
    editor = tern.profile / "editor"
    editor.write_text(f"""#!{sys.executable}
import signal, sys, time
def end(*_):
    if {saves}:
        open(sys.argv[1], "a", encoding="utf-8").write("saved at the end\\n")
        sys.exit(0)
signal.signal(signal.SIGHUP, end)
open(sys.argv[1], "a", encoding="utf-8").write("saved before\\n")
sys.stdout.write("\\x1b[2J\\x1b[Hthe editor has the terminal")
sys.stdout.flush()
while True:
    time.sleep(1)
""")
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin", f"editor = {editor}"))
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("the editor has the terminal")
    terminal.signal(number)
    assert terminal.wait_exit(60) == 0
    again = start(screen)
    again.send("R")
    again.wait("Draft:")
    again.send("<Enter>")
    again.wait("saved before")
    assert bool(again.rows_with("saved at the end")) == saves


def test_a_long_error_is_whole(tern, box, screen):
    """On as many lines as it needs, the status line above it, until a key."""
    path = "/no/such/" + "/".join(f"folder{n:02}" for n in range(16))
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    leave(terminal)
    terminal.send(f":attach {path}<Enter>")
    terminal.wait("such file or directory")
    rows = [terminal.row(n).strip() for n in range(24)]
    assert path in "".join(rows[-3:]) and "offline" in rows[-5]
    assert "Re: Plans" in terminal.text()
    terminal.send("<Down>")
    terminal.wait_gone("folder15")


def test_another_identity(tern, box, screen):
    """f: From and what belongs to it: signature, Reply-To, a blind copy; what was written by hand stays."""
    (tern.profile / "sig").write_text("Ada at home\n")
    (tern.profile / "work-sig").write_text("Ada, Example Ltd\n")
    text = tern.conf.read_text()
    mine = f"signature = {tern.profile}/work-sig\n"
    other = ("[account home]\nname = Ada L\naddress = ada@home.example\nincoming = maildir:" + str(tern.profile / "Mail")
             + f"\noutgoing = sendmail:true\nsignature = {tern.profile}/sig\nreply-to = list@home.example\nbcc-self = yes\n"
             "headers = Organization: Home\n")
    tern.conf.write_text(text.replace("[tern]", mine + other + "[tern]"))
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("Written.")
    leave(terminal)
    assert terminal.rows_with("Ada, Example Ltd")
    terminal.send("f")
    terminal.wait("From:")
    terminal.send("home.example")
    terminal.settle()
    terminal.send("<Enter>")
    terminal.wait("Ada at home")
    assert not terminal.rows_with("Example Ltd") and terminal.rows_with("list@home.example") and terminal.rows_with("Written.")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["From"] == "Ada L <ada@home.example>" and made["Organization"] == "Home"
    assert made["Reply-To"] == "list@home.example" and text_of(made).endswith("-- \nAda at home\n")
    row, = tern.json("outbox").rows
    assert row["account"] == "home"


def test_a_template(tern, box, screen):
    """M: chosen from a list; its fields are filled in as soon as it is known whom it goes to; the language is told."""
    folder = tern.conf.parent / "templates"
    folder.mkdir()
    (folder / "invoice").write_text("Subject: Invoice for {name}\n\nDear {first-name},\n{cursor}\nYours\n")
    (folder / "other").write_text("x\n")
    tern.conf.write_text(tern.conf.read_text().replace("[tern]", "language = en-GB\n[tern]"))
    terminal = start(screen)
    terminal.send("M")
    terminal.wait("Template:")
    terminal.send("invo<Enter>")
    terminal.wait("To:")
    terminal.send("zoe.bronte@example.com<Enter>")
    terminal.wait("Dear zoe,")
    terminal.wait("M-q wrap")
    terminal.send("please pay.")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["Subject"] == "Invoice for zoe.bronte@example.com" and made["Content-Language"] == "en-GB"
    assert text_of(made) == "Dear zoe,\nplease pay.\nYours\n"


def test_a_template_is_filled_in_later(tern, box, screen):
    """Whom it goes to comes after it was put away: its fields are filled in then, and not sent as they stand."""
    folder = tern.conf.parent / "templates"
    folder.mkdir()
    (folder / "team").write_text("Subject: Hello\n\nDear {first-name},\n")
    tern.conf.write_text(tern.conf.read_text() + "[aliases]\nteam = Zoë Brontë <zoe@example.com>\n")
    terminal = start(screen)
    terminal.send(":template team<Enter>")      # called like an alias
    terminal.wait("To:")
    terminal.settle()
    terminal.send("<Esc>")
    terminal.wait("Dear {first-name},")
    terminal.settle()
    terminal.send(":cc carl@example.org<Enter>")
    terminal.wait("carl@example.org")
    terminal.settle()
    terminal.send("y")
    news(terminal, "{first-name} of the template is not filled in. Send it all the same?")
    terminal.send("n")
    terminal.settle()
    terminal.send("P")
    news(terminal, "Kept for later.")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    go_on(terminal, "Dear {first-name},")
    terminal.settle()
    terminal.send(":to team<Enter>")
    terminal.wait("Dear Zoë,")
    terminal.settle()
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["To"] == "Zoë Brontë <zoe@example.com>" and text_of(made) == "Dear Zoë,\n"


def give(pipe, text, timeout=30):
    """To the command that reads the pipe; TimeoutError where none does."""
    end = time.monotonic() + timeout
    while True:
        try:
            fd = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError(f"nobody reads {pipe}") from None
            time.sleep(0.02)
    with os.fdopen(fd, "w") as file:
        file.write(text)


def two_identities(tern, signature):
    mine = "signature-command = printf 'From work'\n"
    lists = (f"[identity lists]\naccount = home\naddress = ada@home.example\nuse-for = *@lists.example\n{signature}\n"
             f"[account home]\nname = Ada\naddress = main@home.example\nincoming = maildir:{tern.profile}/Mail\noutgoing = sendmail:true\n"
             "[aliases]\ndev = Developers <dev@lists.example>\n")
    tern.conf.write_text(tern.conf.read_text().replace("[tern]", mine + lists + "[tern]"))


def test_from_changes_at_once(tern, box, screen, tmp_path):
    """A signature is a command's that takes its time: From and the account are right meanwhile, and nothing goes without it."""
    pipe = tmp_path / "signature"
    os.mkfifo(pipe)
    two_identities(tern, f"signature-command = cat {pipe}")
    terminal = start(screen, (120, 40))
    terminal.send(":compose zoe@example.com<Enter>")
    terminal.wait("M-q wrap")
    leave(terminal)
    terminal.wait("From work")
    terminal.send(":subject Hi<Enter>:to dev<Enter>Py")     # at once: the command has a few seconds only
    news(terminal, "the signature is not there yet; send it when it stands in the text")
    assert terminal.rows_with("dev@lists.example") and terminal.rows_with("ada@home.example") and outbox(tern) == []
    give(pipe, "From the lists\n")
    terminal.wait("From the lists")
    assert not terminal.rows_with("From work")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["From"] == "Ada <ada@home.example>" and text_of(made).endswith("\n-- \n From the lists\n")
    row, = tern.json("outbox").rows
    assert row["account"] == "home"


@pytest.mark.parametrize("how", ["prompt", "alias", "to"])
def test_from_by_whom_it_goes_to(tern, box, screen, how):
    """use-for with a recipient, however that is given; and back, when it goes to somebody else."""
    two_identities(tern, "signature-command = printf 'From the lists'")
    terminal = start(screen, (120, 40))
    if how == "prompt":
        terminal.send("m")
        terminal.wait("To:")
        terminal.settle()
        terminal.send("Developers <")
        terminal.send("dev@lists.example>")
        terminal.send("<Enter>")
        terminal.wait("Subject:")
        terminal.settle()
        terminal.send("Hi<Enter>")
    else:
        terminal.send(":compose dev<Enter>" if how == "alias" else ":compose zoe@example.com<Enter>")
    terminal.wait("M-q wrap")
    leave(terminal)
    if how == "to":
        terminal.send(":to dev<Enter>")
    terminal.wait("ada@home.example")
    terminal.wait("From the lists")
    assert not terminal.rows_with("From work")
    terminal.send(":to zoe@example.com<Enter>")
    terminal.wait("From work")
    assert not terminal.rows_with("ada@home.example") and not terminal.rows_with("From the lists")
    terminal.send(":to zoe@<Enter>")
    news(terminal, "has no domain")


def test_from_of_a_draft_that_was_kept(tern, box, screen):
    """Whom it was from before a recipient changed that is known still when the draft is gone on with."""
    two_identities(tern, "signature-command = printf 'From the lists'")
    terminal = start(screen, (120, 40))
    terminal.send(":compose zoe@example.com<Enter>")
    terminal.wait("M-q wrap")
    leave(terminal)
    terminal.wait("From work")
    terminal.send(":subject Hi<Enter>:to dev<Enter>")
    terminal.wait("ada@home.example")
    terminal.wait("From the lists")
    terminal.send("P")
    terminal.wait_gone("From the lists")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="the draft on the disk")
    go_on(terminal, "From the lists")
    terminal.send(":to zoe@example.com<Enter>")
    terminal.wait("From work")
    assert not terminal.rows_with("ada@home.example") and not terminal.rows_with("From the lists")


FROM_EDITOR = """#!{python}
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
open(sys.argv[1], "w", encoding="utf-8").write(re.sub("(?m)^From:.*", "From: {address}", text))
"""


@pytest.mark.parametrize("address, account", [("main@home.example", "home"), ("other@elsewhere.example", "")])
def test_from_of_another_editor(tern, box, screen, tmp_path, address, account):
    """From that was set by hand stays, whom it goes to or not; its account goes with it, where there is one."""
    two_identities(tern, "signature-command = printf 'From the lists'")
    editor = tmp_path / "editor"
    editor.write_text(FROM_EDITOR.format(python=sys.executable, address=address))
    editor.chmod(0o700)
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin\n", f"editor = {editor}\nedit-headers = yes\n"))
    terminal = start(screen, (120, 40))
    terminal.send(":compose zoe@example.com<Enter>")
    terminal.wait(address)
    if not account:
        news(terminal, "other@elsewhere.example is none of your addresses; it goes out by the account")
    terminal.send("<Down>:subject Hi<Enter>")
    terminal.wait("Hi")
    if account:     # it has none
        terminal.wait_gone("From work")
    terminal.settle()
    terminal.send("P")
    news(terminal, "Kept for later.")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    go_on(terminal, address)
    terminal.settle()
    terminal.send(":to dev<Enter>")
    terminal.wait("dev@lists.example")
    terminal.settle()
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert address in made["From"] and made["To"] == "Developers <dev@lists.example>"
    if account:
        row, = tern.json("outbox").rows
        assert row["account"] == account


def test_the_editor_is_asked_for_once(tern, box, screen):
    tern.conf.write_text(tern.conf.read_text().replace("editor = builtin\n", ""))
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("Write messages with")
    terminal.send("<Enter>")
    terminal.wait("M-q wrap")
    terminal.send("")
    leave(terminal)
    terminal.send("q")
    terminal.wait("Plans")
    terminal.send("r")
    terminal.wait("M-q wrap")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_mistake_is_seen_above_the_next_prompt(tern, box, screen, size):
    """Until a key; the address stays as it was typed."""
    terminal = start(screen, size)
    terminal.send("m")
    terminal.wait("To:")
    terminal.send("x@<Enter>")
    terminal.wait("Subject:")
    terminal.wait("“x@” has no domain")
    terminal.send("s")
    terminal.wait("Subject: s")
    terminal.wait_gone("has no domain")
    assert terminal.rows_with("To       x@")


def test_pasted_text_stays_text(tern, box, screen):
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("\x1b[200~one\rtwo\x1b[201~")
    terminal.wait("two")
    terminal.send("")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert text_of(made).startswith("one\ntwo\n")


def test_a_long_paste_is_whole(tern, box, screen):
    """Of a text that the editor has room for nothing is left out."""
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("Esc done")
    terminal.send("\x1b[200~" + "".join(f"line {n:05}\r" for n in range(12000)) + "THE END\x1b[201~")
    terminal.wait("THE END", timeout=120)
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert [line for line in text_of(made).split("\n") if line.startswith("line")] == [f"line {n:05}" for n in range(12000)]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_paste_that_is_not_taken_says_so(tern, box, screen, size):
    """More than is taken at all, and what does not fit into this text any more: until a key; the text is as it was."""
    terminal = start(screen, size)
    terminal.send("r")
    terminal.wait("Esc done")
    terminal.send("\x1b[200~" + "0123456789\r" * 60_000 + "\x1b[201~")
    said = lambda words: words in " ".join("".join(terminal.row(n).ljust(size[0]) for n in range(-4, 0)).split())
    terminal.wait_for(lambda: said("More than 512.0 KiB was pasted, so none of it was taken"), timeout=120)
    terminal.send("<Up>")
    terminal.wait("Esc done")
    terminal.send("\x1b[200~" + "0123456789\r" * 40_000 + "HALF\x1b[201~")
    terminal.wait("HALF", timeout=120)
    terminal.send("\x1b[200~" + "0123456789\r" * 40_000 + "WHOLE\x1b[201~")
    terminal.wait_for(lambda: said("That does not fit into this message any more"), timeout=120)
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert text_of(made).count("0123456789\n") == 40_000 and "WHOLE" not in text_of(made)


@pytest.mark.parametrize("delay", ["0s", "2s"])
def test_it_goes_out_by_itself(tern, box, screen, delay):
    """Online: y, and without another key the server has it; the answered mark is on the original."""
    tern.conf.write_text(tern.conf.read_text().replace("undo-send = 1h", f"undo-send = {delay}"))
    terminal = screen(80, 24)
    terminal.wait("Plans")
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("On its way.")
    leave(terminal)
    terminal.send("y")
    terminal.wait_for(lambda: len(box.sink.sent()) == 1, timeout=60, what="a message at the server")
    sent, = box.sink.sent()
    assert sent.recipients == ["zoe@example.com"] and b"On its way." in sent.data
    terminal.wait_for(lambda: outbox(tern) == [], timeout=60, what="an empty outbox")
    terminal.wait("↩ Zoë", timeout=60)


@pytest.mark.parametrize("online", [True, False])
def test_what_was_sent_goes_before_the_end(tern, box, screen, online):
    """Leaving ends the time for taking back; what cannot go is named."""
    terminal = screen(80, 24) if online else start(screen)
    terminal.wait("Plans")
    if online:
        terminal.wait("● live", timeout=60)
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("Quick.")
    leave(terminal)
    terminal.send("y")
    wait_outbox(terminal, tern)
    terminal.send(":quit<Enter>")
    if not online:
        terminal.wait("1 message is not sent yet")
        terminal.send("y")
    assert terminal.wait_exit(60) == 0
    if online:
        assert len(box.sink.sent()) == 1 and tern.json("outbox").rows == []
        tern.ok("sync")     # its copy may have been left for that
        assert len(box.sink.sent()) == 1 and outbox(tern) == []
    else:
        told = re.sub(rb"\s+", b" ", bytes(terminal.raw))
        assert "stays in the outbox. It goes out as soon as tern is connected.".encode() in told
        assert len(outbox(tern)) == 1
        tern.ok("sync")
        assert len(box.sink.sent()) == 1


def test_addresses_are_completed(tern, box, screen):
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("bron<Tab>")
    terminal.wait("To: Zoë Brontë <zoe@example.com>")
    terminal.send(", pat<Tab>")
    terminal.wait("To: Zoë Brontë <zoe@example.com>, Pat <pat@example.com>")


def write_people(tern, box, tmp_path):
    """Contacts of another program, an alias, and a program that knows somebody else (and notes how it is called)."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/1.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Karl Kard\nEMAIL:karl@example.org\nEND:VCARD\n")
    (tmp_path / "ask.py").write_text("import sys\nopen(sys.argv[1], 'a').write(repr(sys.argv[2:]) + '\\n')\n"
                                     "print('looking')\nprint('far@example.net\\tFar Away\\tx')\n")
    tern.write(box.account("ada"), f"[tern]\neditor = builtin\nundo-send = 1h\ncontacts = {tmp_path}/book\n"
               f"query-command = {sys.executable} {tmp_path}/ask.py {tmp_path}/asked %s\n"
               "[aliases]\nteam = Zoë Brontë <zoe@example.com>, karl@example.org\n")


def test_people_from_elsewhere(tern, box, screen, tmp_path):
    write_people(tern, box, tmp_path)
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("kar")
    terminal.wait("Karl Kard <karl@example.org>")       # shown above the line as one types
    terminal.send("<Tab>, far")
    terminal.wait("Far Away <far@example.net>")         # of the other program, without a further key
    terminal.send("<Tab>")
    terminal.wait("To: Karl Kard <karl@example.org>, Far Away <far@example.net>")
    assert "['far']" in (tmp_path / "asked").read_text()
    terminal.send(", nick")                             # which stands nowhere in what the program answers
    terminal.wait(re.compile("Far Away.*Far Away", re.S))
    terminal.send("<BS><BS><BS><BS>TEAM<Enter>")
    terminal.wait("Subject:")
    terminal.send("Hi<Enter>")
    terminal.wait("Esc done")
    leave(terminal)
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made["To"].split(", ") == ["Karl Kard <karl@example.org>", "Far Away <far@example.net>",
                                      "Zoë Brontë <zoe@example.com>", "karl@example.org"]


def test_each_question_is_asked_before_sending(tern, box, screen, tmp_path):
    """Too large, and no subject: both are asked, and a no to the second one sends nothing either."""
    tern.write(box.account("ada"), "[tern]\neditor = builtin\nundo-send = 1h\n")
    (tern.profile / "data/outbox/limits").mkdir(parents=True)
    (tern.profile / "data/outbox/limits/ada").write_text("2000000\n")
    with open(tmp_path / "large.bin", "wb") as file:
        file.truncate(2_800_000)
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("zoe@example.com<Enter>")
    terminal.wait("Subject:")
    terminal.settle()
    terminal.send("<Enter>")
    terminal.wait("Esc done")
    leave(terminal)
    terminal.send("a")
    terminal.wait("Attach:")
    terminal.settle()
    terminal.send(f"{tmp_path}/large.bin<Enter>")
    terminal.wait("4 MB of 2 MB")
    for answer in "ny":
        terminal.settle()
        terminal.send("y")
        news(terminal, "the mail server takes 2.0 MB. Send it all the same? (y/n)")
        terminal.send("y")
        news(terminal, "The message has no subject. Send it all the same? (y/n)")
        assert outbox(tern) == []
        terminal.send(answer)
    wait_outbox(terminal, tern)


def test_a_query_command_that_fails_is_told(tern, box, screen, tmp_path):
    asked = tmp_path / "asked"
    tern.write(box.account("ada"), f"[tern]\neditor = builtin\nquery-command = sh -c 'touch {asked}; echo no directory >&2; exit 1'\n")
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("zo")
    terminal.wait("Zoë Brontë <zoe@example.com>")
    terminal.wait_for(asked.exists, what="the command's run")
    terminal.settle()
    terminal.send("e@x.example<Esc>")
    news(terminal, "query-command: “sh” failed with status 1: no directory")


@pytest.mark.parametrize("size", SIZES)
def test_markdown_is_looked_at_and_sent(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("zoe@example.com<Enter>")
    terminal.wait("Subject:")
    terminal.send("Hi<Enter>")
    terminal.wait("Esc done")
    terminal.settle()
    terminal.send("# Plan<Enter><Enter>* one **two**<Enter>")
    leave(terminal)
    terminal.send("M")
    terminal.wait("Markdown ·")
    terminal.send("v")
    terminal.wait("Preview: text, and HTML")
    terminal.wait("Subject  Hi")
    if size[1] < 20:
        terminal.settle()
        terminal.send(" ")
    terminal.wait("one two")                # as it is read, not as it was typed
    assert not terminal.rows_with("**")
    terminal.send("q")
    terminal.wait("Markdown ·")
    terminal.send("P")
    terminal.wait_gone("Markdown ·")
    go_on(terminal, "Markdown ·")             # it is kept with the draft
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert made.get_content_type() == "multipart/alternative" and "<h1>Plan</h1>" in made.get_body(("html",)).get_content()
    assert "**two**" in text_of(made)


def test_the_output_of_a_command_is_attached(tern, box, screen):
    terminal = start(screen)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("zoe@example.com<Enter>")
    terminal.wait("Subject:")
    terminal.send("Hi<Enter>")
    terminal.wait("Esc done")
    leave(terminal)
    for command, why in [("exit 3", "failed with status 3"), ("true", "printed nothing")]:
        terminal.send("a")
        terminal.wait("Attach:")
        terminal.settle()
        terminal.send(f"|{command}<Enter>")
        news(terminal, why)
    assert not list((tern.profile / "data/drafts/files").glob("*/*"))
    terminal.send("a")
    terminal.wait("Attach:")
    terminal.settle()
    terminal.send("|printf 'Gr\\303\\274\\303\\237e %s\\n' \"it's me\"<Enter>")
    terminal.wait("printf.txt")
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    part, = made.iter_attachments()
    assert part.get_filename() == "printf.txt" and part.get_content().replace("\r\n", "\n") == "Grüße it's me\n"


@pytest.fixture
def waiting(tern, box, screen, tmp_path):
    """A reply to which the output of a command is being attached that waits for a pipe: terminal, pipe, the drafts' files."""
    pipe, files = tmp_path / "p", tern.profile / "data/drafts/files"
    os.mkfifo(pipe)
    terminal = start(screen)
    terminal.send("r")
    terminal.wait("Esc done")
    leave(terminal)
    terminal.send(f":attach |cat {pipe}; : >{tmp_path}/ran<Enter>")
    terminal.wait("“cat /")
    terminal.wait_for(lambda: list(files.glob("*/*")), what="a file for the output")
    return terminal, pipe, files


def test_a_command_that_does_not_end_is_ended(waiting):
    """It stands in the status line that it runs, and how it is ended; what it wrote is gone then."""
    terminal, _, files = waiting
    terminal.wait("runs; C-g ends it")
    terminal.send("<C-g>")
    terminal.wait("Ended; nothing was attached")
    terminal.wait_gone("ends it")
    assert not list(files.glob("*/*"))
    terminal.send(":attach |echo again<Enter>")      # the next one is not ended with it
    terminal.wait("echo.txt")


@NEEDS_OWN_MOUNTS
def test_output_on_a_full_disk(tern, box, tmp_path):
    """Output that the disk has no room for is not attached, and nothing is left of it; with room again it is."""
    files = tern.profile / "data/drafts/files"
    files.mkdir(parents=True, exist_ok=True)
    mount = f'mount -t tmpfs -o size=2m,mode=700 none {files} && exec "$@"'
    env = {**tern.env, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "exitcode=99",
           "F": str(files), "LEFT": str(tmp_path / "left")}      # sentences that stay on one line
    with Terminal([*OWN_MOUNTS, "sh", "-c", mount, "sh", *tern.argv("--offline")], 80, 24, env=env) as terminal:
        terminal.wait("Plans")
        terminal.send("r")
        terminal.wait("Esc done")
        leave(terminal)

        def attach(command, shows):
            terminal.send(f":attach |{command}<Enter>")
            terminal.wait(shows)
            terminal.settle()
        attach("cat /dev/zero", "nothing was attached: “cat /dev/zero”")
        attach("find $F -type f -size +0 >$LEFT", "printed nothing")
        assert (tmp_path / "left").read_text() == ""
        attach("for n in 1 2 3 4; do head -c 1m /dev/zero >$F/$n; done; wc -c $F/*", "nothing was attached: “for n")
        attach("echo full", "nothing was attached: “echo full”")
        attach("rm $F/?", "nothing was attached: “rm $F/?” printed nothing")
        attach("echo again", "echo.txt")


def test_what_was_ended_changes_no_message(waiting):
    terminal, _, _ = waiting
    terminal.send("<C-g>")
    terminal.wait("Ended; nothing was attached")
    terminal.send("q")      # with nothing to ask
    terminal.wait_gone("Re: Plans")


def test_the_output_for_a_draft_that_is_gone(waiting, tmp_path):
    """Thrown away while a command runs: what it prints goes too, and nothing is printed over the screen."""
    terminal, pipe, files = waiting
    terminal.send("q")
    terminal.wait_gone("Re: Plans")
    give(pipe, "output\n")
    terminal.wait_for(lambda: (tmp_path / "ran").exists() and not list(files.glob("*")), what="no file of the draft's")
    terminal.settle()
    assert b"was not attached" not in bytes(terminal.raw)
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit(60) == 0
    assert b"was not attached" not in bytes(terminal.raw)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_too_large_for_the_server_is_told_before(tern, box, screen, tmp_path, size):
    (tern.profile / "data/outbox/limits").mkdir(parents=True)
    (tern.profile / "data/outbox/limits/ada").write_text("2000000\n")      # as a sending has left it
    with open(tmp_path / "large.bin", "wb") as file:
        file.truncate(1_400_000)
    terminal = start(screen, size)
    terminal.send("m")
    terminal.wait("To:")
    terminal.settle()
    terminal.send("zoe@example.com<Enter>")
    terminal.wait("Subject:")
    terminal.send("Hi<Enter>")
    terminal.wait("Esc done")
    leave(terminal)
    for total in ["2 MB of 2 MB", "4 MB of 2 MB"]:
        terminal.send("a")
        terminal.wait("Attach:")
        terminal.settle()
        terminal.send(f"{tmp_path}/large.bin<Enter>")
        terminal.wait(total)
    terminal.settle()
    terminal.send("y")
    news(terminal, "Send it all the same? (y/n)")
    terminal.send("n")
    terminal.wait("New message")
    terminal.settle()
    assert outbox(tern) == []
    terminal.send("d")
    terminal.wait("Detach:")
    terminal.settle()
    terminal.send("<Enter>")
    terminal.wait("2 MB of 2 MB")
    terminal.settle()
    terminal.send("y")
    made, = wait_outbox(terminal, tern)
    assert len(list(made.iter_attachments())) == 1
