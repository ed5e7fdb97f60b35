"""What tern composes, read by another program: Python's email with its strictest policy."""
import email
import email.policy
import json
import re
import subprocess

import pytest

from lib.program import PROGRAM

BUILD = PROGRAM.parent

POLICY = email.policy.default.clone(raise_on_defect=True)
COUNT = 2000


def unflow(text):
    """RFC 3676 undone: soft ends joined, stuffing taken off."""
    lines, paragraph, depth_before = [], None, None
    for line in text.split("\n")[:-1]:
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:]
        rest = rest[1:] if rest.startswith(" ") else rest
        if paragraph is not None and depth == depth_before and line != "-- ":
            paragraph += rest
        else:
            if paragraph is not None:
                lines.append((depth_before, paragraph))
            paragraph = rest
        depth_before = depth
        if not rest.endswith(" ") or rest == "-- ":
            lines.append((depth, paragraph))
            paragraph = None
    if paragraph is not None:
        lines.append((depth_before, paragraph))
    return [f"{'>' * depth}{text.rstrip(' ')}" for depth, text in lines]


def as_meant(body):
    """The same text as it was typed, in the same form."""
    lines = []
    for line in body.split("\n")[:-1] if body.endswith("\n") or not body else body.split("\n"):
        marks = re.match(r"(>( (?=>))?)*", line)[0]
        rest = line[len(marks):]
        rest = rest[1:] if marks and rest.startswith(" ") else rest
        lines.append(f"{'>' * marks.count('>')}{rest.rstrip(' ')}")
    return lines


def defects(message):
    for part in message.walk():
        yield from part.defects
        for name, value in part.items():
            yield from ((name, defect) for defect in value.defects)


def check_lines(data):
    assert b"\0" not in data
    assert b"\r" not in data, "a CR: it is SMTP that puts them in"
    assert max(map(len, data.split(b"\n"))) <= 998


@pytest.fixture(scope="module")
def compositions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("composed")
    subprocess.run(["make", "-s", "-C", BUILD, "tests/unit/compose-random"], check=True)
    subprocess.run([BUILD / "tests/unit/compose-random", folder, str(COUNT), "7"], check=True)
    return folder


def test_what_is_composed_has_no_defects(compositions):
    for number in range(COUNT):
        data = (compositions / f"{number}.eml").read_bytes()
        meant = json.loads((compositions / f"{number}.json").read_text())
        check_lines(data)
        message = email.message_from_bytes(data, policy=POLICY)
        assert list(defects(message)) == [], (number, data[:2000])
        assert message["Subject"] == meant["subject"], number
        assert message["Message-ID"] == f"<{meant['message_id']}>"
        parts = list(message.iter_attachments()) if message.is_multipart() else []
        assert (message.get_body(("html",)) is not None) == (number % 4 == 1)
        assert len(parts) == len(meant["attachments"])
        for part, wanted in zip(parts, meant["attachments"]):
            assert part["Content-Disposition"].params["filename"] == wanted["name"], number  # get_filename() takes <> off
            if part.get_content_type() != "message/rfc822":
                with open(wanted["path"], "rb") as file:
                    assert part.get_payload(decode=True) == file.read(), number


def test_the_text_is_what_was_typed(compositions):
    for number in range(COUNT):
        message = email.message_from_bytes((compositions / f"{number}.eml").read_bytes(), policy=POLICY)
        meant = json.loads((compositions / f"{number}.json").read_text())["body"]
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        if message.get_body(("plain",))["Content-Type"].params.get("format") == "flowed":
            assert unflow(text) == as_meant(meant), number
        else:
            assert text == meant + ("" if meant.endswith("\n") or not meant else "\n"), number
