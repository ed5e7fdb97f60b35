"""Drafts on the server: put there at rest and on closing, found by other devices, and theirs here; kill -9 in between."""
import email
import email.policy
import re
import signal
import time
from urllib.parse import unquote

import pytest

from lib.program import contents
from office import message
from test_composer import box, drafts, leave, news, no_room, outbox, text_of  # noqa: F401

POLICY = email.policy.default


def there(server, folder="Drafts"):
    """What stands in a folder: (flags, message)."""
    imap = server.imap("ada")
    try:
        imap.select(folder, readonly=True)
        _, data = imap.search(None, "UNDELETED")
        found = []
        for number in data[0].split():
            _, parts = imap.fetch(number, "(FLAGS BODY.PEEK[])")
            if not isinstance(parts[0], tuple):     # it went just now
                continue
            found.append((parts[0][0], email.message_from_bytes(parts[0][1], policy=POLICY)))
        return found
    finally:
        imap.logout()


def wait_there(terminal, server, n, text="", folder="Drafts"):
    def stands():
        found = there(server, folder)
        return len(found) == n and (not text or text in found[-1][1].as_string())
    terminal.wait_for(stands, timeout=60, what=f"{n} with {text!r} in {folder}")
    return there(server, folder)


def open_folder(terminal, name):
    terminal.send("c")
    terminal.settle()
    terminal.send(f"{name}<Enter>")
    terminal.wait_for(lambda: name.split("/")[-1] in terminal.row(0), what=f"the folder {name}")


def online(screen, size=(80, 24)):
    terminal = screen(*size)
    terminal.wait("Plans")
    return terminal


def set_rest(tern, rest):
    tern.conf.write_text(tern.conf.read_text() + f"upload-drafts = {rest}\n")


def write(terminal, text, key="r"):
    terminal.send(key)
    terminal.wait("M-q wrap")
    terminal.send(text)
    leave(terminal)


def theirs(subject="Theirs", extra="", **keys):
    made = email.message_from_bytes(message("Ada <ada@example.org>", subject, "From my telephone\n", day=7, **keys), policy=POLICY)
    if extra:
        made["Bcc"] = extra
    return made.as_bytes()


def test_closing_puts_it_there(tern, box, screen):
    """A draft that is closed stands in Drafts, marked so, Bcc and all; the next version takes its place."""
    terminal = online(screen)
    write(terminal, "for later")
    terminal.send("b")
    terminal.wait("Bcc:")
    terminal.send("eve@example.org<Enter>")
    terminal.wait("eve@example.org")
    terminal.send("P")
    news(terminal, "Kept for later")
    (flags, made), = wait_there(terminal, box, 1, "for later")
    assert rb"\Draft" in flags and rb"\Seen" in flags
    assert made["Bcc"] == "eve@example.org" and made["In-Reply-To"] == "<plans@example.org>"
    assert str(tern.profile) not in made.as_string() and "X-Tern-Attachment" not in made.as_string()
    first = made["Message-ID"]
    open_folder(terminal, "Drafts")
    terminal.wait("Re: Plans", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("for later")
    assert terminal.rows_with("eve@example.org")
    terminal.send("s")
    terminal.send("!<Enter>")
    terminal.wait("Re: Plans!")
    terminal.send("P")
    (_, made), = wait_there(terminal, box, 1, "Re: Plans!")
    assert made["Message-ID"] != first and "for later" in text_of(made)
    assert len(drafts(tern)) == 1


def test_a_rest_puts_it_there(tern, box, screen):
    set_rest(tern, "1s")
    terminal = online(screen)
    write(terminal, "one ")
    (_, made), = wait_there(terminal, box, 1, "one")
    write(terminal, "and two", key="e")
    wait_there(terminal, box, 1, "and two")
    terminal.send("y")      # sent: it is a draft no more
    terminal.wait_for(lambda: len(outbox(tern)) == 1, what="a message in the outbox")
    wait_there(terminal, box, 0)


def test_a_large_one_waits_until_it_is_closed(tern, box, screen, tmp_path):
    """Not after each rest."""
    set_rest(tern, "1s")
    (tmp_path / "film.bin").write_bytes(bytes(3 << 20))
    terminal = online(screen)
    write(terminal, "with a film")
    wait_there(terminal, box, 1, "with a film")
    terminal.send(f":attach {tmp_path}/film.bin<Enter>")
    terminal.wait("3 MB")
    terminal.send("s")
    terminal.send("!<Enter>")
    terminal.wait("Re: Plans!")
    ends = time.monotonic() + 3     # some rests; however slow the machine, it never goes
    while time.monotonic() < ends:
        assert [made["Subject"] for _, made in there(box)] == ["Re: Plans"]
    terminal.send("P")
    terminal.wait_for(lambda: any("film.bin" in made.as_string() for _, made in there(box)), timeout=60, what="the film")
    wait_there(terminal, box, 1, "Re: Plans!")


def test_never_where_it_is_not_wanted(tern, box, screen):
    set_rest(tern, "0s")
    terminal = online(screen)
    write(terminal, "mine alone")
    terminal.send("P")
    news(terminal, "Kept for later")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    terminal.send(":quit<Enter>")
    terminal.wait_exit(60)
    tern.ok("sync")
    assert there(box) == []


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_of_another_client(tern, box, screen, size):
    """Made by imaplib: Enter opens it in the composer, y sends it, and it is gone from Drafts; Sent has it."""
    box.append("ada", "Drafts", theirs(extra="eve@example.org", to="Bob <bob@example.org>", attachment="budget.csv"), r"\Draft \Seen")
    tern.conf.write_text(tern.conf.read_text().replace("undo-send = 1h", "undo-send = 0s"))
    tern.ok("sync", "--keep")
    terminal = online(screen, size)
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)
    assert terminal.rows_with("bob@example.org")
    terminal.send("y")
    terminal.wait_for(lambda: len(box.sink.sent()) == 1, timeout=60, what="a message at the server")
    sent, = box.sink.sent()
    assert sorted(sent.recipients) == ["bob@example.org", "eve@example.org"]
    made = email.message_from_bytes(sent.data, policy=POLICY)
    assert text_of(made).strip() == "From my telephone" and made["Bcc"] is None and made["Subject"] == "Theirs"
    assert [part.get_filename() for part in made.iter_attachments()] == ["budget.csv"]
    wait_there(terminal, box, 0)
    wait_there(terminal, box, 1, folder="Sent")
    assert drafts(tern) == []


def without_texts(tern, box):
    """A draft of another client, whose text is not here; the store says so."""
    box.append("ada", "Drafts", theirs(to="bob@example.org"), r"\Draft \Seen")
    tern.conf.write_text(tern.conf.read_text().replace("[tern]", "keep-offline = headers\n[tern]"))
    tern.ok("sync")


def test_text_is_not_here(tern, box, screen):
    """It is fetched; offline that it is not here is said."""
    without_texts(tern, box)
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    news(terminal, "text is not here, and tern is offline")
    terminal.send(":quit<Enter>")
    terminal.wait_exit(60)
    terminal = online(screen)
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)


def test_kept_here_while_the_text_is_not(tern, box, screen):
    """What is kept here of a row is gone on with from here, offline and without the row's text."""
    tern.conf.write_text(tern.conf.read_text().replace("[tern]", "keep-offline = headers\n[tern]"))
    terminal = online(screen)
    write(terminal, "for later")
    terminal.send("P")
    wait_there(terminal, box, 1, "for later")
    open_folder(terminal, "Drafts")
    terminal.wait("Re: Plans", timeout=60)
    terminal.send(":quit<Enter>")
    terminal.wait_exit(60)
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    open_folder(terminal, "Drafts")
    terminal.wait("Re: Plans")
    terminal.send("<Enter>")
    terminal.wait("for later")


@pytest.mark.parametrize("ends", [False, True])
def test_left_for_another_folder_on_a_full_disk(tern, box, screen, tmp_path, ends):
    """The composer goes, and what was typed last could not be saved: it is open again, or put elsewhere at the end."""
    blocked = no_room(tern)
    terminal = screen(80, 24, "--offline", env={"TMPDIR": str(tmp_path)})
    terminal.wait("Plans")
    write(terminal, "precious words")
    terminal.send("c")
    terminal.settle()
    if ends:
        terminal.send("Sent<Enter>:quit<Enter>")
        assert terminal.wait_exit(60) == 0
        texts = [path.read_bytes() for path in tmp_path.glob("tern-draft-*/drafts/cur/*")]
        assert any(b"precious words" in text for text in texts)
        return
    terminal.send("Sent<Enter>")
    news(terminal, "drafts")
    terminal.wait("precious words")
    blocked.unlink()
    terminal.wait_for(lambda: any(b"precious words" in draft for draft in contents(drafts(tern))), timeout=60, what="a draft")


def test_only_looked_at(tern, box, screen):
    """Opened and left without a change, another client's draft stays as it is, and nothing of it is kept here."""
    box.append("ada", "Drafts", theirs(to="bob@example.org", attachment="budget.csv"), r"\Draft \Seen")
    tern.ok("sync", "--keep")
    before = there(box)[0][1].as_bytes()
    terminal = online(screen)
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)
    terminal.send("q")
    terminal.wait("/Drafts")
    terminal.send(":quit<Enter>")
    terminal.wait_exit(60)
    tern.ok("sync")
    assert [made.as_bytes() for _, made in there(box)] == [before]
    assert drafts(tern) == [] and list((tern.profile / "data/drafts/files").glob("*")) == []
    assert list((tern.profile / "data/drafts/upload").glob("*,*")) == []


def test_thrown_away_there_too(tern, box, screen):
    box.append("ada", "Drafts", theirs(to="bob@example.org"), r"\Draft \Seen")
    tern.ok("sync", "--keep")
    terminal = online(screen)
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)
    terminal.send("s")
    terminal.send("!<Enter>")
    terminal.wait("Theirs!")
    terminal.send("q")
    terminal.wait("Throw this message away?")
    terminal.send("y")
    wait_there(terminal, box, 0)


def test_offline_then_online(tern, box, screen):
    """Offline a draft is kept here and listed; the next tern that connects puts it there, and takes away what it replaces."""
    box.append("ada", "Drafts", theirs(to="bob@example.org"), r"\Draft \Seen")
    tern.ok("sync", "--keep")
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)
    write(terminal, "On the train. ", key="e")
    terminal.send("P")
    news(terminal, "Kept for later")
    terminal.send("R")
    terminal.wait("Draft:")
    assert len(terminal.rows_with("Theirs")) >= 1
    terminal.send("<Esc>")
    terminal.settle()
    terminal.send(":quit<Enter>")
    terminal.wait_exit(60)
    assert "On the train" not in there(box)[0][1].as_string()
    tern.ok("sync")
    tern.ok("sync")
    (_, made), = there(box)
    assert text_of(made).startswith("On the train. From my telephone")


def test_sent_elsewhere_meanwhile(tern, box, screen):
    """Another device took it out of Drafts while it is open here: that is told before it goes, and nothing goes twice unasked."""
    box.append("ada", "Drafts", theirs(to="bob@example.org"), r"\Draft \Seen")
    tern.ok("sync", "--keep")
    terminal = online(screen)
    open_folder(terminal, "Drafts")
    terminal.wait("Theirs")
    terminal.send("<Enter>")
    terminal.wait("From my telephone", timeout=60)
    imap = box.imap("ada")
    imap.select("Drafts")
    imap.store("1", "+FLAGS", r"\Deleted")
    imap.expunge()
    imap.logout()
    tern.ok("sync")
    terminal.send("y")
    news(terminal, "y sends it all the same")
    assert outbox(tern) == []
    terminal.send("<Down>")
    terminal.settle()
    terminal.send("y")
    terminal.wait_for(lambda: len(outbox(tern)) == 1, what="a message in the outbox")


def test_two_terns(tern, box, screen):
    """The second one that opens a draft is told, whichever way it comes to it."""
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    write(terminal, "precious")
    terminal.wait_for(lambda: len(drafts(tern)) == 1, what="a draft")
    second = screen(80, 24, "--offline")
    second.wait("Plans")
    second.send("R")
    second.wait("Draft:")
    second.send("<Enter>")
    news(second, "this draft is open already, here or in another tern")
    terminal.send("P")
    news(terminal, "Kept for later")
    second.send("R")
    second.wait("Draft:")
    second.send("<Enter>")
    second.wait("precious")


def test_the_difference_after_a_crash(tern, box, screen):
    """What was typed since it stood in Drafts is told, and D shows it."""
    set_rest(tern, "1s")
    terminal = online(screen)
    write(terminal, "first line")
    wait_there(terminal, box, 1, "first line")
    tern.conf.write_text(tern.conf.read_text().replace("upload-drafts = 1s", "upload-drafts = 1h"))
    terminal.settle()
    terminal.send("s")
    terminal.send("!<Enter>")
    terminal.wait("Re: Plans!")
    terminal.wait_for(lambda: any(b"Plans!" in draft for draft in contents(drafts(tern))), timeout=60, what="a draft")
    terminal.signal(signal.SIGKILL)
    terminal.wait_exit(30)
    again = online(screen)
    news(again, "1 message is not finished; :drafts shows it")
    again.send("R")
    again.wait("Draft:")
    again.send("<Enter>")
    news(again, "1 line differs from what was saved before; D shows it")
    again.send("D")
    again.wait("What differs")
    assert again.rows_with("- Subject: Re: Plans") and again.rows_with("+ Subject: Re: Plans!")
    again.send("q")
    again.wait("first line")
    again.send("P")
    wait_there(again, box, 1, "Re: Plans!")


@pytest.mark.parametrize("kind", ["maildir", "mbox", "pop3"])
def test_of_folders_on_this_disk(tern, make_server, screen, tmp_path, kind):
    """The same, offline too."""
    cur = (tmp_path / "Mail" if kind == "maildir" else tern.profile / "data/mail/home") / ".Drafts/cur"
    (tmp_path / "mbox").write_text("")
    incoming = {"maildir": f"maildir:{tmp_path}/Mail", "mbox": f"mbox:{tmp_path}/mbox"}.get(kind)
    if incoming:
        tern.write(f"[account home]\nname = Ada\naddress = ada@example.net\noutgoing = sendmail:true\nincoming = {incoming}\n",
                   "[tern]\neditor = builtin\nundo-send = 0s\n")
    else:
        tern.write(make_server().account("ada", section="home", incoming="pop3"), "[tern]\neditor = builtin\nundo-send = 0s\n")
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.settle()
    terminal.send("m")
    terminal.wait("To:")
    terminal.send("bob@example.org<Enter>")
    terminal.wait("Subject:")
    terminal.send("Lunch<Enter>")
    terminal.wait("M-q wrap")
    terminal.send("Noon?")
    leave(terminal)
    terminal.send("P")

    def files():
        return sorted(cur.glob("*")) if cur.exists() else []
    terminal.wait_for(lambda: len(files()) == 1, timeout=60, what="a file")
    assert "D" in files()[0].name.split(":2,")[1]
    open_folder(terminal, "Drafts")
    terminal.wait("Lunch", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("Noon?")
    write(terminal, "Or at one? ", key="e")
    terminal.send("P")
    terminal.wait_for(lambda: [b"one?" in draft for draft in contents(files())] == [True], timeout=60, what="the newer one")
    terminal.wait("/Drafts")
    terminal.settle()
    terminal.send("<Enter>")
    terminal.wait("Or at one?")
    terminal.send("y")
    terminal.wait_for(lambda: files() == [], timeout=60, what="an empty folder")


@pytest.mark.parametrize("where", ["Sent", "INBOX", "Archive", "Drafts"])
def test_the_copy(tern, box, screen, where):
    """Whom nobody sees stands in the writer's copy alone; which goes to Sent, beside the original, by the account's rule or by C."""
    more = {"INBOX": "copy-beside = yes\n", "Archive": ""}.get(where, "")
    text = tern.conf.read_text().replace("undo-send = 1h", "undo-send = 0s") + more
    if where == "Archive":
        text = text.replace("[tern]", "copy-to = Nothing/* -> Junk; IN* -> Archive\n[tern]")
    tern.conf.write_text(text)
    terminal = online(screen)
    write(terminal, "With a witness. ")
    terminal.send(":bcc eve@example.org<Enter>")
    terminal.wait("eve@example.org")
    if where == "Drafts":
        terminal.send("C")
        terminal.wait("Copy to:")
        terminal.send("Drafts<Enter>")
    if where != "Sent":
        terminal.wait(f"Copy to  {where}")
    terminal.send("y")
    terminal.wait_for(lambda: len(box.sink.sent()) == 1, timeout=60, what="a message at the server")
    sent, = box.sink.sent()
    assert sorted(sent.recipients) == ["eve@example.org", "zoe@example.com"] and b"eve@example.org" not in sent.data
    found = wait_there(terminal, box, 3 if where == "INBOX" else 1, "With a witness", folder=where)
    made = found[-1][1]
    assert made["Bcc"] == "eve@example.org" and made["To"] == "Zoë Brontë <zoe@example.com>"
    assert where == "Sent" or there(box, "Sent") == []


def test_the_copy_of_a_folder_that_went(tern, box, screen):
    """The chosen folder is gone when the copy is to be filed: it goes to Sent."""
    box.create("ada", "Gone")
    tern.ok("sync")
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    write(terminal, "Somewhere.")
    terminal.send(":copy-to Nowhere<Enter>")
    news(terminal, "has no such folder")
    terminal.send(":copy-to Gone<Enter>")
    terminal.wait("Copy to  Gone")
    terminal.send("y")
    terminal.wait_for(lambda: len(outbox(tern)) == 1, what="a message in the outbox")
    terminal.send(":quit<Enter>")
    terminal.wait("(y/n)")
    terminal.send("y")
    terminal.wait_exit(60)
    box.doveadm("mailbox", "delete", "-u", "ada", "Gone")
    tern.ok("sync")
    tern.ok("sync")
    (_, made), = there(box, "Sent")
    assert text_of(made).startswith("Somewhere.") and outbox(tern) == []


def close_kept(terminal, text):
    """A draft with this text that is kept and closed; no key is pressed before the one before it has done its work."""
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send(text)
    terminal.wait(text)
    terminal.send("<Esc>")
    terminal.wait_gone("M-q wrap")
    terminal.send("P")
    news(terminal, "Kept for later")


def kept(tern):
    """The draft that is kept here, and the names of what is attached to it."""
    path, = (tern.profile / "data/drafts/cur").iterdir()
    made = email.message_from_bytes(path.read_bytes(), policy=POLICY)
    return made, [unquote(re.search(r"\bname=([^;]*)", field.replace("\r\n", ""))[1]).strip('"') for field in made.get_all("X-Tern-Attachment", [])]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_messages_go_into_a_draft(tern, box, screen, size):
    """One after the other, and several that are selected; they go out as they are."""
    terminal = screen(*size, "--offline")
    terminal.wait("Plans")
    terminal.send("<Esc>A")
    news(terminal, "no message is unfinished that this could go into")
    close_kept(terminal, "See these.")
    terminal.send("<Esc>A")
    news(terminal, "1 message is attached to “Re: Plans”; R opens it")
    terminal.wait_for(lambda: kept(tern)[1] == ["Plans.eml"], what="the message among the draft's files")
    terminal.send("xx<Esc>A")
    news(terminal, "2 messages are attached to “Re: Plans”")
    terminal.wait_for(lambda: len(kept(tern)[1]) == 3, what="all of them")
    assert sorted(kept(tern)[1]) == ["Invoice.eml", "Plans.eml", "Plans.eml"]
    terminal.send("R")
    terminal.wait(re.compile("Re: Plans(.|\n)*Draft:"))
    terminal.send("<Enter>")
    terminal.wait("Invoice.eml")
    terminal.send("y")
    terminal.wait_for(lambda: len(outbox(tern)) == 1, what="a message in the outbox")
    made, = outbox(tern)
    inside = [part.get_content() for part in made.iter_attachments()]
    assert sorted(one["Subject"] for one in inside) == ["Invoice", "Plans", "Plans"] and text_of(made).startswith("See these.")


def test_no_message_goes_into_a_draft_that_is_open_elsewhere(tern, box, screen):
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    close_kept(terminal, "Mine.")
    other = screen(80, 24, "--offline")
    other.wait("Plans")
    other.send("R")
    other.wait(re.compile("Re: Plans(.|\n)*Draft:"))
    other.send("<Enter>")
    other.wait("Mine.")
    terminal.send("<Esc>A")
    news(terminal, "this draft is open already")
    assert kept(tern)[1] == [] and not list((tern.profile / "data/drafts/files").glob("*/*"))
