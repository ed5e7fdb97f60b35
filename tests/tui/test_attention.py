"""What an account waits for a person to do: its password, asked for on the screen or by its own command on the terminal; and
telling why it is not connected, a certificate in full."""
import os
import re
import signal
import subprocess

import pytest

from lib.ownimap import OwnImap
from lines import SIZES, bottom, status, wait_for_bottom, wait_for_status


def refusals(server):
    return server.log().count("auth failed")


def wait_for_command(terminal):
    """Until it runs, and what is typed is its own: C-c means it from then on, and not tern."""
    terminal.wait("it runs")
    terminal.wait_for(lambda: os.tcgetpgrp(terminal.master) != terminal.process.pid, what="the terminal for the command")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_a_password_is_asked_for(account, one, screen, cols, rows):
    account(one, password=None)
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, r" ! password\?  P enters it")
        terminal.send("P")
        wait_for_bottom(terminal, "Password of work:")
        terminal.send("wrong one")
        wait_for_bottom(terminal, r"Password of work: \*{9}")
        terminal.send("<Enter>")
        wait_for_bottom(terminal, "That was refused", 60)  # and it asks again by itself
        terminal.send(one.users["ada"], "<Enter>")
        wait_for_status(terminal, " ● (connected|live)", 60)
        terminal.wait("Budget")
        assert one.users["ada"].encode() not in terminal.raw and b"wrong one" not in terminal.raw


def test_a_wrong_one_is_tried_once_though_several_connect(tern, screen):
    """The connection that a person's start asks for, and those that watch folders by themselves."""
    tried = []

    def refuse(talk):
        tried.append(talk.words)
        talk.send(f"{talk.tag} NO [AUTHENTICATIONFAILED] no\r\n")

    with OwnImap(folders=['"/" INBOX', '"/" Lists']) as server:
        server.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "LOGIN": refuse})
        tern.write(server.account() + "max-connections = 3\nwatch = INBOX;Lists\n")
        with screen(80, 24) as terminal:
            wait_for_status(terminal, r" ! password\?", 60)
            terminal.wait_for(lambda: len(server.connections) >= 2, what="the other connection")
            terminal.settle()
            assert len(tried) == 1, tried


def test_it_does_not_take_the_keyboard_from_who_goes_on(account, one, screen):
    account(one, password="wrong")
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\?")
        terminal.send("P")
        wait_for_bottom(terminal, "Password of work:")
        before = refusals(one)
        terminal.send("still wrong<Enter>y")
        terminal.wait("Folders")
        terminal.wait_for(lambda: refusals(one) > before, what="the refusal")
        wait_for_status(terminal, r" ! password\?", 60)
        terminal.settle()
        assert "Password" not in bottom(terminal)
        terminal.send("P")
        wait_for_bottom(terminal, "Password of work:")
        terminal.send("<C-g>")
        terminal.wait_gone("Password of work:")
        terminal.send(":password work<Enter>")
        wait_for_bottom(terminal, "Password of work:")
        terminal.send(one.users["ada"] + "<Enter>")
        terminal.wait("● ", 60)  # Dovecot lets those wait who were wrong before
        terminal.send("P")  # nobody waits for one
        wait_for_bottom(terminal, "no account waits for a password")
        terminal.send(":password nobody<Enter>")
        wait_for_bottom(terminal, "there is no account “nobody”")


def test_the_password_command_runs_on_the_terminal(account, one, screen, tmp_path):
    ask = tmp_path / "ask"
    ask.write_text('#!/bin/sh\nprintf "Smartcard PIN: " >/dev/tty || exit 1\nread -r pin </dev/tty || exit 1\n'
                   f'[ "$pin" = 4711 ] && printf "%s\\nlogin: ada\\n" "{one.users["ada"]}"\n')
    ask.chmod(0o755)
    account(one, password=None, password_command=str(ask))
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\?")
        terminal.send("P")
        terminal.wait("Smartcard PIN:")
        terminal.send("4711\r")
        wait_for_status(terminal, " ● (connected|live)", 60)
        terminal.wait("Budget")


def test_a_command_that_fails_gives_way_to_a_prompt(account, one, screen, tmp_path):
    account(one, password=None, password_command="printf 'it runs' >/dev/tty; read -r line </dev/tty; exit 3")
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\?")
        terminal.send("P")
        wait_for_command(terminal)
        terminal.send("<C-c>")  # ends the command, and not tern
        wait_for_bottom(terminal, r"The password-command failed\. Password of work:")
        terminal.send(one.users["ada"] + "<Enter>")
        wait_for_status(terminal, " ● (connected|live)", 60)


def test_a_command_can_be_stopped_and_goes_on(account, one, screen):
    account(one, password=None, password_command='printf "it runs" >/dev/tty && read -r line </dev/tty && printf %s "$line"')
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\?")
        terminal.send("P")
        wait_for_command(terminal)

        def stops():  # again and again: tern lets the command go on once, in case that it had asked for the terminal too early
            terminal.send("<C-z>")
            terminal.settle(0.3)
            return terminal.is_stopped()
        terminal.wait_for(stops, what="tern's stop with its command")
        # As fg does, to the whole job: a command that a connection had just begun to start is stopped with it.
        os.killpg(terminal.process.pid, signal.SIGCONT)
        terminal.send(one.users["ada"] + "\r")
        wait_for_status(terminal, " ● (connected|live)", 60)


def test_it_goes_to_the_tern_that_connects(account, tern, one, screen):
    account(one, password=None)
    watch = tern.start("watch", stderr=subprocess.PIPE, text=True)
    try:
        assert "the account “work” has no password" in watch.stderr.readline()
        with screen(80, 24) as terminal:
            wait_for_status(terminal, r" ! password\?")
            terminal.send("P")
            wait_for_bottom(terminal, "Password of work:")
            terminal.send(one.users["ada"] + "<Enter>")
            wait_for_status(terminal, " ● (connected|live)", 60)
            terminal.wait("Budget")
        assert watch.poll() is None
        with screen(80, 24) as terminal:  # it is that program's, which still knows it
            wait_for_status(terminal, " ● (connected|live)", 60)
    finally:
        watch.terminate()
        watch.wait(60)


@pytest.mark.parametrize("cols,rows", SIZES)
def test_a_certificate_is_shown_in_full(account, tern, one, screen, cols, rows):
    account(one, ca_file=None)
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, r" ! certificate\?  W tells why")
        terminal.send("W")
        terminal.wait("Connections")
        seen = terminal.text()
        while not terminal.row(-2).endswith(("End", "All")):
            terminal.send("<Space>")
            terminal.settle()
            seen += "\n" + terminal.text()
        assert "work — ada@example.org" in seen and "! certificate?" in seen
        if cols < 80:  # it is all there, wrapped
            return
        for word in ("subject: ", "issuer: ", "valid: ", "SHA-256: ", "pin = "):
            assert word in seen
        pin = re.search(r"pin = ([0-9a-f]{64})$", seen, re.M)[1]
    tern.write(one.account("ada", section="work", ca_file=None, pin=pin))
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, " ● (connected|live)", 60)


def test_why_tells_of_each_account(tern, one, screen):
    tern.write(one.account("ada", section="work"), one.account("bob", section="home", incoming="imaps", password="wrong"))
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\? \(home, 1 of 2\)  P enters it")
        terminal.send("W")
        terminal.wait("home — bob@example.org")
        rows = terminal.text().split("\n")
        assert re.search("[●◐] ", rows[terminal.rows_with("work — ada@example.org")[0] + 1])
        assert "! password?" in rows[terminal.rows_with("home — bob@example.org")[0] + 1]
        assert status(terminal).startswith(" ! password?")
