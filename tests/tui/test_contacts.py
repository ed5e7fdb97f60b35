"""Contacts on the screen: found as one types, added from a message, changed, removed, taken back, written to."""
import pytest

from lib.mailserver import MailServer
from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]


@pytest.fixture
def box(tern, tmp_path):
    with MailServer() as server:
        server.create("ada", "Sent")
        server.append("ada", "INBOX", message("Zoë Brontë <zoe@example.com>", "Plans", day=9, mid="plans"), r"\Seen")
        server.append("ada", "INBOX", message('"O\'Neill, Pat" <pat@example.com>', "Invoice", day=8), r"\Seen")
        server.append("ada", "INBOX", message("Shop <noreply@shop.example>", "Offer", day=7), r"\Seen")
        (tmp_path / "khard").mkdir()
        (tmp_path / "khard/1.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Karl Kard\nEMAIL:karl@example.org\nEND:VCARD\n")
        tern.write(server.account("ada"), f"[tern]\neditor = builtin\ncontacts = {tmp_path}/khard\n"
                   "[aliases]\nteam = zoe@example.com, karl@example.org\n")
        tern.ok("sync")
        yield server


def own(tern):
    path = tern.profile / "data/contacts.vcf"
    return path.read_text() if path.exists() else ""


def told(terminal, text):
    """On the last line, which may be too short for all of it."""
    terminal.wait_for(lambda: "".join(text.split()) in "".join("".join(terminal.row(n) for n in range(-3, 0)).split()), what=repr(text))


def start(screen, size=(80, 24)):
    terminal = screen(*size, "--offline")
    terminal.wait("Plans")
    return terminal


def show(terminal):
    terminal.send("Q")
    terminal.wait("Contacts")
    terminal.wait("Karl")
    terminal.wait("5 contacts")


def names(terminal):
    rows = [row.split("│")[-1].strip() for row in terminal.text().split("\n")[1:-2]]    # beside the folders
    return [row.split("  ")[0] for row in rows if row]


@pytest.mark.parametrize("size", SIZES)
def test_everybody_and_fewer_with_each_letter(tern, box, screen, size):
    terminal = start(screen, size)
    show(terminal)
    assert names(terminal)[:2] == ["team", "Karl Kard"]     # the short name, who is written down, then mail; nobody's last
    assert names(terminal)[-1].startswith("Shop")
    if size[0] >= 60:
        assert [terminal.row(terminal.rows_with(name)[0]).split()[-1] for name in ("team", "Karl", "Zoë", "Shop")] == \
            ["alias", "khard", "mail", "mail"]
    terminal.send("/")
    terminal.settle()
    terminal.send("zo")
    terminal.wait_gone("Karl")
    assert len(names(terminal)) == 1
    terminal.send("<BS><BS>oneill")
    terminal.wait("Nobody fits")
    terminal.send("<Esc>")
    terminal.wait("Karl")
    terminal.settle()
    terminal.send("/")
    terminal.settle()
    terminal.send("pat<Enter>")
    terminal.wait_gone("Karl")
    terminal.wait("1 of 1")
    terminal.send("q")          # out of the search, then out of the view
    terminal.wait("Karl")
    terminal.send("q")
    terminal.wait("Plans")


@pytest.mark.parametrize("size", SIZES)
def test_added_changed_removed_and_taken_back(tern, box, screen, size):
    terminal = start(screen, size)
    terminal.send("A")
    terminal.wait("Contact:")
    terminal.settle()
    terminal.send("<Enter>")
    told(terminal, "Zoë Brontë is among your contacts now.")
    assert "FN:Zoë Brontë" in own(tern) and "zoe@example.com" in own(tern)
    terminal.send("A")
    terminal.wait("Contact:")
    terminal.settle()
    terminal.send("<Enter>")
    told(terminal, "zoe@example.com is among your contacts already.")
    show(terminal)
    terminal.send("/zo<Enter>")
    terminal.wait("1 of 1")
    terminal.send("e")
    terminal.wait("Contact:")
    terminal.settle()
    terminal.send(", z@work.example<Enter>")
    told(terminal, "Changed Zoë Brontë.")
    terminal.wait("1 of 2")
    assert own(tern).count("EMAIL") == 2 and own(tern).count("BEGIN") == 1
    terminal.send("d")
    told(terminal, "Removed Zoë Brontë. u takes it back.")
    terminal.wait("1 of 1")     # the mail still knows one of them
    assert own(tern) == ""
    book = tern.profile / "data/contacts.vcf"
    book.rename(book.with_suffix(".aside"))
    book.mkdir()                # what cannot be written now can be taken back later
    terminal.send("u")
    told(terminal, "contacts.vcf")
    book.rmdir()
    book.with_suffix(".aside").rename(book)
    terminal.send("u")
    terminal.wait("1 of 2")
    assert own(tern).count("EMAIL") == 2
    terminal.send("u")
    terminal.wait("1 of 1")
    assert own(tern).count("EMAIL") == 1


def test_what_cannot_be_changed_says_why(tern, box, screen):
    terminal = start(screen)
    show(terminal)
    for name, key, why in [("team", "e", "[aliases]"), ("team", "d", "[aliases]"), ("karl", "d", "belongs to another program"),
                           ("shop", "d", "known from your mail")]:
        terminal.send(f"/{name}<Enter>")
        terminal.wait("1 of 1")
        terminal.send(key)
        told(terminal, why)
        terminal.send("q")
        terminal.wait("Karl")
    terminal.send("A")
    terminal.wait("Contact:")
    terminal.settle()
    terminal.send("bob@<Enter>")
    terminal.wait_for(lambda: "bob@" in terminal.row(-1) and "Contact:" not in terminal.row(-1), what="what is wrong")
    assert own(tern) == ""


def test_another_tern_has_changed_it(tern, box, screen):
    """A card that is no more what it was is not written over."""
    terminal = start(screen)
    terminal.send("A")
    terminal.wait("Contact:")
    terminal.settle()
    terminal.send("<Enter>")
    told(terminal, "Zoë Brontë is among your contacts now.")
    show(terminal)
    terminal.send("/zo<Enter>")
    terminal.wait("mine")
    path = tern.profile / "data/contacts.vcf"
    path.write_text(path.read_text().replace("END:VCARD", "NOTE:of another program\nEND:VCARD"))
    terminal.send("d")
    told(terminal, "the contact was changed meanwhile, or is gone")
    assert "NOTE:of another" in own(tern)


@pytest.mark.parametrize("size", SIZES)
def test_written_to(tern, box, screen, size):
    terminal = start(screen, size)
    show(terminal)
    terminal.send("/team<Enter>")
    terminal.wait("1 of 1")
    terminal.send("<Enter>")
    terminal.wait("New message")
    assert terminal.rows_with("zoe@example.com, karl")


def test_help(tern, box, screen):
    terminal = start(screen)
    show(terminal)
    terminal.send("?")
    terminal.wait("Keys among the contacts")
    terminal.send("/contact-rem<Enter>")
    terminal.wait("removes the contact")


def test_what_was_sent_from_here_is_taken_back(tern, box, screen):
    """u, as the screen says; what was changed here before stays."""
    tern.conf.write_text(tern.conf.read_text().replace("[tern]", "[tern]\nundo-send = 1h", 1))
    terminal = start(screen)
    show(terminal)
    terminal.send("/team<Enter>")
    terminal.wait("1 of 1")
    terminal.send("<Enter>")
    terminal.wait("M-q wrap")
    terminal.settle()
    terminal.send("<Esc>")
    terminal.settle()
    terminal.send(":subject Hello<Enter>y")
    told(terminal, "u takes it back.")
    folder = tern.profile / "data/outbox/cur"
    terminal.wait_for(lambda: len(list(folder.glob("*"))) == 1, what="a message in the outbox")
    terminal.wait("1 of 1")
    terminal.send("u")
    told(terminal, "Taken back: it was not sent")
    assert not list(folder.glob("*")) and terminal.rows_with("Hello")
