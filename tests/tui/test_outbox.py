"""The outbox on the screen: why a message is still there, and what one says about it."""
import email
import email.policy
import re
import socket
import subprocess
from datetime import datetime

import pytest

from lib.link import Link
from lib.mailserver import MailServer
from office import message

SIZES = [(80, 24), (120, 40), (40, 12)]


@pytest.fixture
def box(tern):
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Archive", "Trash", "Junk")
        server.append("ada", "INBOX", message("Zoë Brontë <zoe@example.com>", "Plans", "Shall we?\n", day=9), r"\Seen", date=1_735_000_000)
        tern.write(server.account("ada"), "[tern]\neditor = builtin\nundo-send = 1h\n")
        tern.ok("sync", "--keep")
        yield server


def send(tern, subject, *words, header=""):
    tern.ok("send", *words, input=f"{header}Subject: {subject}\n\nHello.\n".encode())


def show(screen, size=(80, 24), *words):
    terminal = screen(*size, *words)
    terminal.wait("Plans")
    terminal.send("B")
    terminal.wait("Outbox")
    return terminal


def states(tern):
    return [row["state"] for row in tern.json("outbox").rows]


def flat(terminal):
    return " ".join(terminal.text().split())


def wait_flat(terminal, text):
    terminal.wait_for(lambda: text in flat(terminal), what=repr(text))


@pytest.mark.parametrize("size", SIZES)
def test_why_it_failed_and_what_to_do(tern, box, screen, size):
    """Nobody has to look for an error: the status line and the folders say that there is one, the outbox which, and e mends it."""
    send(tern, "Budget", "-t", header="To: zoe@example.com, refuse@example.com\n")
    assert states(tern) == ["failed"]
    terminal = screen(*size, "--offline")
    terminal.wait("Plans")
    terminal.wait("! 1 not sent")
    terminal.send("y")
    terminal.wait("!ada" if size[0] == 120 else "Folders")     # there the folders stand beside the list
    terminal.wait_for(lambda: size[0] == 120 or flat(terminal).count("! 1 not sent") == 2, what="the mark of the account")
    terminal.send("B")
    wait_flat(terminal, "failed")
    wait_flat(terminal, "refuse@")
    wait_flat(terminal, "It was not sent: refuse@")
    wait_flat(terminal, "e edits it, y sends it again")
    if size[1] >= 24:
        wait_flat(terminal, "zoe@example.com sent")
    terminal.send("?")
    wait_flat(terminal, "Keys in the outbox")
    terminal.send("q")
    wait_flat(terminal, "failed")
    terminal.send("e")
    terminal.wait("New message")
    wait_flat(terminal, "To refuse@example.com")     # who has got it gets it no second time
    wait_flat(terminal, "Budget")
    assert "zoe@example.com" not in flat(terminal).split("To ")[1].split("Subject")[0]
    terminal.send("t<C-u>bob@example.org<Enter>")
    wait_flat(terminal, "To bob@example.org")
    terminal.send("y")
    terminal.wait_gone("New message")
    terminal.wait_for(lambda: states(tern) == ["held"], what="the mended message in the outbox")
    terminal.wait_gone("not sent")
    row, = tern.json("outbox").rows
    assert [r["address"] for r in row["recipients"]] == ["bob@example.org"]


@pytest.mark.parametrize("size", SIZES)
def test_enter_shows_what_is_sent(tern, box, screen, size):
    send(tern, "Budget", "-t", "--offline", header="To: zoe@example.com\nCc: bob@example.org\n")
    terminal = show(screen, size, "--offline")
    wait_flat(terminal, "Budget")
    terminal.send("<Enter>")
    wait_flat(terminal, "Cc bob@example.org")
    wait_flat(terminal, "Hello.")
    terminal.send("q")
    wait_flat(terminal, "1 message")
    assert states(tern) == ["queued"]


@pytest.mark.parametrize("size", SIZES)
def test_held_later_and_thrown_away(tern, box, screen, size):
    for subject in ("First", "Second"):
        send(tern, subject, "--offline", "zoe@example.com")
    terminal = show(screen, size, "--offline")
    wait_flat(terminal, "2 messages")
    wait_flat(terminal, "It goes out as soon as tern is connected.")
    terminal.send("jh")
    terminal.wait("held")
    assert states(tern) == ["queued", "held"]
    wait_flat(terminal, "It waits until you send it.")
    terminal.send("h")
    terminal.wait_for(lambda: states(tern) == ["queued", "queued"], what="both queued")
    terminal.send("l")
    terminal.wait("Send when")
    terminal.send("yesterday<Enter>")
    terminal.wait("that is no time")
    terminal.send("l")
    terminal.wait("Send when")
    terminal.send("<C-u>tomorrow 9:00<Enter>")
    terminal.wait("later")
    wait_flat(terminal, "It goes out tomorrow 09:00")
    assert states(tern) == ["queued", "held"]
    terminal.send("d")
    wait_flat(terminal, "Throw away “Second”? It is not sent. (y/n)")
    terminal.send("n")
    terminal.settle()
    assert states(tern) == ["queued", "held"]
    terminal.send("d")
    terminal.wait("(y/n)")
    terminal.send("y")
    terminal.wait_for(lambda: states(tern) == ["queued"], what="one message")
    wait_flat(terminal, "1 message")
    terminal.send("d")
    terminal.wait("(y/n)")
    terminal.send("y")
    terminal.wait("Nothing waits to be sent.")
    terminal.send("q")
    terminal.wait("Plans")


@pytest.mark.parametrize("answer", ["w", "y"])
def test_a_person_says_whether_it_was_sent(tern, box, screen, answer):
    """After a cut behind the end nobody knows: both answers are asked for, and neither happens by itself."""
    box.sink.faults["end"] = ["drop-kept"]
    send(tern, "Budget", "zoe@example.com")
    assert states(tern) == ["unknown"] and len(box.sink.sent()) == 1
    terminal = show(screen)
    terminal.wait("● live", timeout=60)
    wait_flat(terminal, "Nobody knows whether it was sent")
    terminal.wait("! 1 sent?")
    terminal.send("h")
    wait_flat(terminal, "say first whether it was")
    terminal.send("e")
    wait_flat(terminal, "say first whether it was")
    terminal.send(answer)
    wait_flat(terminal, "Has “Budget” arrived?" if answer == "w" else "It may have arrived already. Send “Budget” once more?")
    assert states(tern) == ["unknown"]
    terminal.send("y")
    terminal.wait("Nothing waits to be sent.", timeout=60)
    terminal.wait_gone("sent?")
    assert len(box.sink.sent()) == (1 if answer == "w" else 2)
    assert tern.json("outbox").rows == []
    with box.imap("ada") as imap:
        terminal.wait_for(lambda: imap.select("Sent")[1] == [b"1"], timeout=60, what="the copy in Sent")


def test_what_others_put_in_is_seen(tern, box, screen):
    terminal = show(screen, (80, 24), "--offline")
    terminal.wait("Nothing waits to be sent.")
    send(tern, "From elsewhere", "--offline", "zoe@example.com")
    terminal.wait("From elsewhere")
    row, = tern.json("outbox").rows
    tern.ok("outbox", "cancel", row["id"])
    terminal.wait("Nothing waits to be sent.")


def test_an_outbox_that_cannot_be_read_says_so(tern, box, screen):
    (tern.profile / "data/outbox").rename(tern.profile / "data/aside") if (tern.profile / "data/outbox").exists() else None
    (tern.profile / "data/outbox").write_text("no folder")
    terminal = show(screen, (80, 24), "--offline")
    wait_flat(terminal, "data/outbox")
    assert "Nothing waits" not in terminal.text()


def test_hostile_words_stay_words(tern, box, screen):
    """What a server says, and a subject, reach the terminal as text."""
    box.sink.faults["rcpt"] = ["550 5.1.1 \x1b]52;c;ZXZpbA==\x07\x1b[2J no such user"]
    tern.ok("send", "zoe@example.com", input="Subject: =?utf-8?q?=1B[2Jevil=E2=80=AE?=\n\nx\n".encode())
    terminal = show(screen, (80, 24), "--offline")
    wait_flat(terminal, "no such user")
    assert b"\x1b]52" not in bytes(terminal.raw) and "\u202e" not in bytes(terminal.raw).decode(errors="replace")


@pytest.mark.parametrize("size", SIZES)
def test_offline_then_online(tern, box, screen, size):
    """What is written without a connection goes out by itself when there is one, and its copy is filed."""
    tern.write(tern.conf.read_text().replace("undo-send = 1h", "undo-send = 0s"))
    terminal = screen(*size)
    terminal.wait("Plans")
    terminal.wait("● live", timeout=60)
    terminal.send("O")
    terminal.wait("○ offline")
    terminal.send("r")
    terminal.wait("Esc done")
    terminal.send("From the train.")
    terminal.settle()
    terminal.send("<Esc>")
    terminal.settle()
    terminal.send("y")
    terminal.wait_for(lambda: states(tern) == ["queued"], what="the message in the outbox")
    terminal.send("B")
    terminal.wait("queued")
    wait_flat(terminal, "It goes out as soon as tern is connected.")
    assert box.sink.sent() == []
    terminal.send("O")
    terminal.wait("Nothing waits to be sent.", timeout=60)
    sent, = box.sink.sent()
    assert b"From the train." in sent.data
    with box.imap("ada") as imap:
        terminal.wait_for(lambda: imap.select("Sent")[1] == [b"1"], timeout=60, what="the copy in Sent")
        terminal.wait_for(lambda: imap.select("INBOX") and b"Answered" in imap.fetch("1", "(FLAGS)")[1][0], timeout=60, what="the mark of the answered one")


def test_progress_of_a_long_message(tern, box, screen):
    """A slow line: how far it is stands on the status line and in the outbox, and every key is answered meanwhile."""
    port = box.sink.ports["smtps"]
    with Link(port, rate=2_000_000) as link:
        tern.write(tern.conf.read_text().replace(f"smtps://ada@localhost:{port}", f"smtps://ada@localhost:{link.port}"))
        tern.ok("send", "--offline", "zoe@example.com", input=b"Subject: Long\n\n" + (b"x" * 70 + b"\n") * 150_000)
        terminal = screen(80, 24)
        terminal.wait("Plans")
        terminal.wait(re.compile(r"sending \d.* of 1\d MB"), timeout=60)
        terminal.send("B")
        terminal.wait("sending")
        wait_flat(terminal, "It is being sent just now. sending")
        terminal.send("d")
        wait_flat(terminal, "(y/n)")
        terminal.send("y")
        wait_flat(terminal, "is being sent just now")
        terminal.wait("Nothing waits to be sent.", timeout=120)
        terminal.wait_gone("sending", timeout=60)
    assert len(box.sink.sent()) == 1


def test_sent_later_from_the_composer(tern, box, screen):
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    terminal.send("r")
    terminal.wait("M-q wrap")
    terminal.send("Later.")
    terminal.settle()
    terminal.send("<Esc>")
    terminal.settle()
    terminal.send("l")
    terminal.wait("Send when")
    terminal.send("2030-01-01<Enter>")
    wait_flat(terminal, "more than two years away")
    terminal.send(":send-later tomorrow 9:00<Enter>")
    wait_flat(terminal, "goes out tomorrow 09:00")
    terminal.wait_for(lambda: states(tern) == ["held"], what="the message in the outbox")
    row, = tern.json("outbox").rows
    assert datetime.fromisoformat(row["not_before"]).astimezone().strftime("%H:%M") == "09:00"
    terminal.send("u")
    terminal.wait("Taken back")
    terminal.wait_for(lambda: states(tern) == [], what="an empty outbox")
    assert email.message_from_bytes(next((tern.profile / "data/drafts/cur").iterdir()).read_bytes(),
                                    policy=email.policy.default)["Subject"] == "Re: Plans"


@pytest.mark.parametrize("size", SIZES)
def test_what_waits_is_in_the_status_line(box, tern, screen, size):
    """Messages to be sent beside changes, each by what it is; none of it while there is a connection."""
    tern.ok("--offline", "send", "zoe@example.com", input=b"Subject: Later\n\nHello.\n")
    terminal = screen(*size, "--offline")
    terminal.wait("offline  1 to send")
    terminal.send("F")
    terminal.wait("offline  1 waiting, 1 to send")


def told_at_the_end(terminal):
    assert terminal.wait_exit(60) == 0
    return " ".join(bytes(terminal.raw).decode(errors="replace").split())


@pytest.mark.parametrize("size", SIZES)
def test_quitting_asks_about_what_cannot_go(tern, box, screen, size):
    """Whoever put it there: nobody sends it while no tern runs. What was put off for longer is only named."""
    send(tern, "First", "--offline", "zoe@example.com")
    send(tern, "Tomorrow's", "--offline", "--at", "tomorrow 9:00", "zoe@example.com")
    terminal = screen(*size, "--offline")
    terminal.wait("Plans")
    terminal.send(":quit<Enter>")
    wait_flat(terminal, "1 message is not sent yet; it goes out when tern runs and is connected. Quit all the same? (y/n)")
    terminal.send("n")
    terminal.wait_gone("(y/n)")
    terminal.send("q")
    wait_flat(terminal, "(y/n)")
    terminal.send("y")
    told = told_at_the_end(terminal)
    assert "“First” to zoe@example.com stays in the outbox. It goes out as soon as tern is connected." in told
    assert "“Tomorrow's” to zoe@example.com stays in the outbox. It goes out tomorrow 09:00" in told
    assert states(tern) == ["queued", "held"]


def test_quitting_asks_nothing_about_what_is_held(tern, box, screen):
    send(tern, "Tomorrow's", "--offline", "--at", "tomorrow 9:00", "zoe@example.com")
    send(tern, "Held", "--offline", "zoe@example.com")
    tern.ok("outbox", "hold", tern.json("outbox").rows[1]["id"])
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    terminal.send("q")
    told = told_at_the_end(terminal)
    assert "“Tomorrow's” to zoe@example.com stays in the outbox" in told and "“Held”" not in told


def is_held(tern):
    """Whether some tern connects: it listens beside the lock."""
    with socket.socket(socket.AF_UNIX) as door:
        return any(door.connect_ex(str(path)) == 0 for path in (tern.profile / "data").glob("engine-*.sock"))


def test_quitting_asks_nothing_where_another_tern_sends(tern, box, screen):
    tern.env["XDG_RUNTIME_DIR"] = None      # the door is beside the data
    box.sink.faults["rcpt"] = ["451 4.3.0 later"]      # tried, and again in a minute
    send(tern, "Later", "zoe@example.com")
    assert states(tern) == ["queued"]
    terminal = screen(80, 24, "--offline")
    terminal.wait("Plans")
    terminal.send("q")
    wait_flat(terminal, "1 message is not sent yet")
    terminal.send("n")
    terminal.wait_gone("(y/n)")
    watch = tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        terminal.wait_for(lambda: is_held(tern), timeout=60, what="tern watch at the door")
        terminal.send("q")
        assert "stays in the outbox" not in told_at_the_end(terminal)
    finally:
        watch.terminate()
        watch.wait(timeout=60)


def test_quitting_asks_about_what_the_server_put_off(tern, box, screen):
    """Connected, and yet nothing that the end of the screen could do."""
    box.sink.faults["rcpt"] = ["451 4.3.0 later"] * 9
    send(tern, "Later", "zoe@example.com")
    terminal = screen(80, 24)
    terminal.wait("● live", timeout=60)
    terminal.send("q")
    wait_flat(terminal, "1 message is not sent yet")
    terminal.send("y")
    assert "“Later” to zoe@example.com stays in the outbox. Tried" in told_at_the_end(terminal)


def test_an_account_that_is_gone(tern, box, screen):
    """What waits for one that was renamed goes by itself no more: it is marked, says why, and e makes a draft for another one."""
    send(tern, "Plain", "--offline", "zoe@example.com")
    config = (tern.profile / "tern.conf").read_text()
    name = tern.json("outbox").rows[0]["account"]
    tern.write(config.replace(f"[account {name}]", "[account office]"))
    terminal = screen(120, 40, "--offline")
    terminal.wait("! 1 not sent")
    terminal.send("B")
    terminal.wait("! queued")
    wait_flat(terminal, f"It cannot go out: account {name} is not configured.")
    terminal.send("e")
    terminal.wait("New message")
    wait_flat(terminal, "Bcc zoe@example.com")
    terminal.send("y")
    terminal.wait_gone("New message")
    terminal.wait_for(lambda: [row["account"] for row in tern.json("outbox").rows] == ["office"], what="the message for the other account")
