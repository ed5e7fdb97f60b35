"""The manual names what the tables of the program have, no more and no less."""
import re
import subprocess
import sys

import pytest

from lib.program import TOP


def named_between(page, mark):
    """The bold names of a man page's list between two marks."""
    text = (TOP / "docs" / page).read_text()
    part = re.search(rf'\.\\" {mark}: begin\n(.*?)\.\\" {mark}: end', text, re.S)[1]
    return [name.replace("\\-", "-") for name in re.findall(r"^\.TP\n\.B (\S+)$", part, re.M)]


def test_every_option_is_in_the_manual():
    table = (TOP / "src/config/options.c").read_text()
    assert named_between("tern.conf.5", "options") == re.findall(r'^    \{"([a-z-]+)", OPTION_', table, re.M)


def test_every_key_of_an_account_is_in_the_manual():
    table = (TOP / "src/config/account_keys.def").read_text()
    assert named_between("tern.conf.5", "account keys") == re.findall(r'^KEY\("([a-z-]+)"', table, re.M)


def test_every_key_of_an_identity_is_in_the_manual():
    table = (TOP / "src/config/identity_keys.def").read_text()
    assert named_between("tern.conf.5", "identity keys") == re.findall(r'^KEY\("([a-z-]+)"', table, re.M)


def test_every_command_is_in_the_manual():
    text = (TOP / "docs/tern.1").read_text()
    part = re.search(r'\.\\" commands: begin\n(.*?)\.\\" commands: end', text, re.S)[1]
    table = re.findall(r'^    \{"([a-z]+)",', (TOP / "src/cli/commands.c").read_text(), re.M)
    assert table and list(dict.fromkeys(re.findall(r"^\.TP\n\\fB([a-z]+)", part, re.M))) == table


def test_every_key_is_in_the_manual():
    check = subprocess.run([sys.executable, str(TOP / "docs/keys"), "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("page", ["tern.1", "tern.conf.5"])
def test_the_manual_is_well_formed(page):
    groff = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(TOP / "docs" / page)], capture_output=True, text=True)
    assert groff.stderr == ""
