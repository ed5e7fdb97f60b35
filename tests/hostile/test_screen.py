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
