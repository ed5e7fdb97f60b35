"""New mail rings the bell of a screen, or makes the terminal notify, as configured."""
import re

import pytest

from office import message

OSC = re.compile(rb"\x1b\](9|777);([^\x07\x1b]*)\x07")


def live_screen(work, screen, office, options, **env):
    work.write(office.account("ada", section="work") + "[tern]\n" + options)
    work.ok("sync")
    shown = screen(80, 24, env={"TZ": "UTC", **env})
    shown.wait("live", timeout=60)
    return shown


def arrive(office, shown, subject, sender="Ada Lovelace <ada.l@example.org>"):
    office.append("ada", "INBOX", message(sender, subject, "text\n", day=25, month=12, mid=f"bell-{len(subject)}"), "")
    shown.wait(subject[:12])


@pytest.mark.parametrize("options, expected", [
    ("notify-osc = 9\n", [(b"9", "Ada Lovelace: Fünf; 5 $<9> €".encode())]),
    ("notify-osc = 777\n", [(b"777", "notify;work/INBOX;Ada Lovelace: Fünf; 5 $<9> €".encode())]),
])
def test_osc(work, screen, office, options, expected):
    shown = live_screen(work, screen, office, options)
    arrive(office, shown, "Fünf; 5 $<9> €")
    shown.wait_for(lambda: OSC.findall(bytes(shown.raw)))
    assert OSC.findall(bytes(shown.raw)) == expected
    assert b"\x07" not in OSC.sub(b"", bytes(shown.raw))  # no bell beside it


def test_bell(work, screen, office):
    shown = live_screen(work, screen, office, "notify-bell = yes\n")
    assert b"\x07" not in shown.raw
    arrive(office, shown, "Ring")
    shown.wait_for(lambda: b"\x07" in shown.raw)
    assert not OSC.findall(bytes(shown.raw))


def test_a_terminal_that_knows_no_such_thing(work, screen, office):
    shown = live_screen(work, screen, office, "notify-osc = 9\nnotify-bell = yes\n", TERM="vt100")
    arrive(office, shown, "Ring")
    shown.wait_for(lambda: b"\x07" in shown.raw)
    assert b"\x1b]" not in shown.raw


def test_mail_cannot_speak_to_the_terminal(work, screen, office):
    shown = live_screen(work, screen, office, "notify-osc = 777\n")
    raw = (b"From: =?utf-8?q?=1B=5D52=3Bc=3BZXZpbA=3D=3D=07Mallory?= <m@example.org>\r\nTo: ada@example.org\r\n"
           b"Subject: news =?utf-8?q?=1B=5B2J=1B=5D0=3Bowned=07=9D?=\r\nMessage-ID: <h2@example.org>\r\n"
           b"Date: Fri, 01 Nov 2030 12:04:00 +0000\r\n\r\nx\r\n")
    office.append("ada", "INBOX", raw, "")
    shown.wait_for(lambda: OSC.findall(bytes(shown.raw)))
    (kind, text), = OSC.findall(bytes(shown.raw))
    assert kind == b"777" and re.fullmatch(r"notify;work/INBOX;[^\x00-\x1f\x7f-\x9f]*", text.decode())
    assert b"\x1b]52" not in shown.raw


def test_silent_by_default(work, screen, office):
    told = work.profile / "told"
    shown = live_screen(work, screen, office, f"notify-command = touch {told}\n")
    arrive(office, shown, "Quiet")
    shown.wait_for(told.exists)  # of what a screen could have rung for
    shown.settle()
    assert b"\x07" not in shown.raw and b"\x1b]" not in shown.raw


def test_a_screen_beside_tern_watch(work, screen, office):
    """Another process holds the connection, and runs the command; the bell is the screen's own."""
    told = work.profile / "told"
    work.write(office.account("ada", section="work") + f"[tern]\nnotify-bell = yes\nnotify-command = sh -c 'echo x >> {told}'\n")
    work.ok("sync")
    watch = work.start("watch")
    try:
        next(line for line in iter(watch.stderr.readline, b"") if line.strip().endswith(b": live"))
        shown = screen(80, 24, env={"TZ": "UTC"})
        shown.wait("live", timeout=60)
        arrive(office, shown, "Ring")
        shown.wait_for(lambda: b"\x07" in shown.raw)
        shown.wait_for(lambda: told.exists() and told.read_text() == "x\n", what="the command's word")
    finally:
        watch.terminate()
        watch.communicate(timeout=30)


def test_two_screens_and_one_bell(work, screen, office):
    """Whichever of them holds the connection, and also when that one is gone: one of those that are there rings."""
    first = live_screen(work, screen, office, "notify-osc = 9\n")
    second = screen(80, 24, env={"TZ": "UTC"})
    second.wait("live", timeout=60)
    arrive(office, first, "Ring")
    second.wait("Ring")
    first.wait_for(lambda: OSC.findall(bytes(first.raw)))
    second.settle()
    assert len(OSC.findall(bytes(first.raw))) == 1 and not OSC.findall(bytes(second.raw))
    first.send(":quit<Enter>")
    first.wait_exit(timeout=30)
    arrive(office, second, "Once more")
    second.wait_for(lambda: OSC.findall(bytes(second.raw)), timeout=60)
    assert len(OSC.findall(bytes(second.raw))) == 1
