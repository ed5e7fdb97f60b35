"""Files beside a message: tern send --attach, names in every script, large ones in little memory."""
import email
import email.policy
import os
import subprocess

import pytest

from lib.program import PROGRAM
from lib.smtpsink import MAX_SIZE
from test_send import MESSAGE, make_post, post      # noqa: F401

POLICY = email.policy.default.clone(raise_on_defect=True)
NAMES = ["plan.pdf", "Größe der Dinge.txt", "名前の長いファイル" * 8 + ".png", 'a "b" \\ c;d=e.csv', "-rf", "it's 100%.tar.gz", "RE: x.eml"]


def parsed(post, n=0):
    data = post.sink.sent()[n].data
    assert max(map(len, data.split(b"\r\n"))) <= 998 and b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"")
    return email.message_from_bytes(data, policy=POLICY)


def files(message):
    return [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in message.iter_attachments()]


def test_files_are_attached(post, tmp_path):
    (tmp_path / "a b.txt").write_bytes("Grüße\n".encode())
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)))
    post.send("-t", "--attach", tmp_path / "a b.txt", f"--attach={tmp_path}/x.pdf")
    message = parsed(post)
    assert message["Subject"] == "one" and message["Message-ID"] == "<one@example.org>"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == "hello\n"
    assert files(message) == [("a b.txt", "text/plain", "Grüße\n".encode()), ("x.pdf", "application/pdf", b"%PDF-1.4\n" + bytes(range(256)))]


@pytest.mark.parametrize("name", NAMES)
def test_any_name(post, tmp_path, name):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / name).write_bytes(b"Subject: y\n\nx\n")
    post.send("bob@example.org", "--attach", f"{tmp_path}/files/{name}", message=b"Subject: x\n\nhello\n")
    assert next(parsed(post).iter_attachments())["Content-Disposition"].params["filename"] == name


@pytest.mark.parametrize("handed, text", [
    (b"Subject: Gr\xc3\xbc\xc3\x9fe\n\nGr\xc3\xbc\xc3\x9fe\n", "Grüße\n"),                       # says nothing of its 8-bit text
    (b"MIME-Version: 1.0\nContent-Type: text/plain;\n charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\xc3\xbc\xc3\x9fe\n", "Grüße\n"),
    (b"Mime-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n", "Grüße\n"),
    (b"Subject: long\n\n" + b"y" * 3000 + b"\n", "y" * 3000 + "\n"),
    (b"Subject: no line end\n\nhello", "hello\n"),
    (b"Subject: no body\n", ""),
])
def test_the_text_stays_what_it_was(post, tmp_path, handed, text):
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    post.send("bob@example.org", "--attach", tmp_path / "x.bin", message=handed)
    message = parsed(post)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert files(message) == [("x.bin", "application/octet-stream", bytes(range(256)))]


def test_what_is_signed_stays_byte_for_byte(post, tmp_path):
    signed = b"--b\nContent-Type: text/plain\n\nhello \n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"
    (tmp_path / "x.txt").write_text("x\n")
    post.send("bob@example.org", "--attach", tmp_path / "x.txt",
              message=b'Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/signed; boundary="b"\n\n' + signed)
    assert signed.replace(b"\n", b"\r\n") in post.sink.sent()[0].data
    assert [part.get_content_type() for part in parsed(post).iter_parts()] == ["multipart/signed", "text/plain"]


def test_what_cannot_be_attached_is_not_sent_without(post, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, why in [(tmp_path / "none.txt", "none.txt"), (tmp_path, str(tmp_path)), (tmp_path / "fifo", "fifo: it is no file"),
                      ("/dev/zero", "/dev/zero: it is no file")]:
        result = post.tern("send", "bob@example.org", "--attach", path, input=MESSAGE)
        assert result.status == 1 and why in result.err, result
    assert post.outbox() == [] and post.sink.sent() == []
    assert list((post.tern.profile / "data/outbox/tmp").iterdir()) == []


def test_the_message_is_no_file(post, tmp_path):
    """A pipe that nobody writes to, a device without end: told at once. A pipe that a shell hands over is read."""
    os.mkfifo(tmp_path / "fifo")
    for path in [tmp_path / "fifo", "/dev/zero"]:
        result = post.tern("send", "bob@example.org", "--file", path)
        assert result.status == 1 and f"{path} cannot be read: it is no file" in result.err, result
    assert post.outbox() == []
    result = post.tern("send", "--offline", "bob@example.org", "--file", "/dev/stdin", input=MESSAGE)
    assert result.status == 0 and [row["subject"] for row in post.outbox()] == ["one"], result


def test_half_a_gigabyte_in_little_memory(post, tmp_path):
    """The file is streamed, to the outbox and from there: 700 MB as base64, offline, since the sink would keep it."""
    with open(tmp_path / "large.bin", "wb") as file:
        file.truncate(500 << 20)
    script = ("import resource, subprocess, sys; "
              "status = subprocess.run(sys.argv[1:], input=b'Subject: large\\n\\nhello\\n').returncode; "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(status)")

    # ASan's shadow counts too: what it takes without a file is the measure.
    def peak_kb(*words):
        out = subprocess.run(["/usr/bin/python3", "-c", script, PROGRAM, "--profile", post.tern.profile, "--offline", "send",
                              "bob@example.org", *words], check=True, capture_output=True, timeout=300,
                             env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1:detect_leaks=0"}).stdout
        return int(out.split()[-1])
    without, large = peak_kb(), peak_kb("--attach", tmp_path / "large.bin")
    assert large - without < 20 << 10, (without, large)
    size = max(path.stat().st_size for path in (post.tern.profile / "data/outbox/cur").iterdir())
    assert size > (500 << 20) * 4 / 3


def test_what_the_server_takes_is_remembered(make_post):
    limit = "data/outbox/limits/work"
    post = make_post()
    post.send("bob@example.org")
    assert int((post.tern.profile / limit).read_text()) == MAX_SIZE
    other = make_post(without={"SIZE"})
    other.send("bob@example.org")
    assert int((other.tern.profile / limit).read_text()) == 0       # another server says nothing of it
