"""The screen under hands that do not wait, and with a server that is not there."""
import time

import pytest

from lib.genmail import Generator
from lib.terminal import Terminal


@pytest.fixture
def synced(tern, empty_server):
    """Three messages, the texts of none of which are here."""
    for message in Generator(seed=1, count=3, plain=True):
        empty_server.deliver("ada", message.raw)
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    return tern


def test_keys_typed_before_the_screen_stands(synced, screen):
    for n in range(1, 4):
        synced.ok("show", str(n))
    terminal = screen(80, 24, "--offline")
    terminal.send("<Enter>")
    terminal.wait("offline")
    terminal.wait("Subject")
    assert "not here" not in terminal.text(), terminal.text()


def test_why_a_text_is_not_here_survives_another_width(synced, screen):
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")
    terminal.send("<Enter>")
    terminal.wait("tern is offline")
    for columns in (70, 30, 80):
        terminal.resize(columns, 24)
        terminal.screen.erase_in_display(2)  # what is seen from here on is drawn anew
        terminal.send("<C-l>")
        terminal.wait("tern is offline")


def test_a_line_of_4_kb_pasted_into_the_folder_command(synced, screen):
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")
    terminal.send(":folder ", "I" * 4000, "x")
    terminal.wait("Ix")
    terminal.send("<Enter>")
    terminal.wait("there is no folder")


@pytest.mark.slow
def test_news_after_news_goes_too(synced, screen):
    terminal = screen(80, 24, "--offline")
    terminal.wait("offline")
    terminal.send(":set hints<Enter>")
    terminal.wait("hints=yes")
    time.sleep(3)
    terminal.send(":set theme<Enter>")
    terminal.wait("theme=")
    terminal.wait_gone("theme=")


def test_stopped_within_a_prompt(synced):
    with Terminal(["bash", "--norc", "--noprofile", "-i"], env={**synced.env, "PS1": "shell> "}) as shell:
        shell.wait("shell>")
        shell.send(" ".join(map(str, synced.argv("--offline"))) + "<Enter>")
        shell.wait("offline  ")
        shell.send(":fold")
        shell.wait(":fold")
        shell.send("<C-z>")
        shell.wait("Stopped")
        shell.send("fg<Enter>")
        shell.wait(":fold")
        shell.send("ers<Enter>")
        shell.wait("1 account")


def test_a_name_that_is_another_address_is_no_row(tern, tmp_path, screen):
    """Screen and tern list show who it is from; the JSON has the name as it came."""
    for part in ("cur", "new", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    mail = '{}To: ada@example.org\nSubject: {}\nDate: Mon, 30 Nov 2026 10:00:00 +0000\nMessage-ID: <{}@x>\n\nhi\n'
    for n, sender in enumerate(['"s@bank.example" <evil@crook.example>', '"Bob of bob@mail.example.org" <bob@example.org>']):
        (tmp_path / "mail/cur" / f"179000000{n}.M1P1.other:2,S").write_text(mail.format(f"From: {sender}\n", f"Subject{n}", n))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/mail\n")
    tern.ok("sync")
    listed = tern.ok("list").out
    assert "evil@crook.example" in listed and "s@bank" not in listed and "Bob of bob@mail" in listed
    assert {row["from"][0]["name"] for row in tern.json("list").rows} == {"s@bank.example", "Bob of bob@mail.example.org"}
    terminal = screen(120, 40, "--offline")
    terminal.wait("Subject0")
    terminal.wait("Subject1")
    terminal.wait_for(lambda: any("Subject0" in line and "evil@crook.example" in line for line in terminal.text().splitlines()),
                      what="the row with the address")
