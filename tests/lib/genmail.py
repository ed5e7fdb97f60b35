#!/usr/bin/python3
"""Generated mail: the same seed gives the same bytes.

    genmail.py [--seed N] [--count N] [--plain] [--manifest FILE] [--format maildir|mbox] OUT

As a module:

    for m in Generator(seed=1, count=10_000): m.raw, m.flags, m.date, m.meaning
    write_maildir(folder, Generator(seed=1, count=10_000))       returns the meanings, as the manifest has them

Half of the messages answer another one: threads of one to some hundred, some with their parent missing, some from
lists. Text in 27 pairs of language and charset; RFC 2047 words and a few raw UTF-8 headers; HTML newsletters, files
with RFC 2231 names, inline images, invitations, forwarded messages, format=flowed; right-to-left, emoji, combining
marks; empty and missing headers, Message-IDs used twice; one in a hundred broken in one of eleven ways. Ten years of
dates in many time zones up to the end of 2025, 70 % read. `plain` gives small ASCII messages only, for counting. A
message has CRLF ends of line here (`raw`), LF in a Maildir.

The meaning, one JSON object a line in the manifest: n, message_id and date (null where the header is missing), subject
(decoded; what was meant, also where it is broken), from [name, address], kind, charset, broken, parent (Message-ID of
the message answered, or null), missing_parent, thread (number), size (with CRLF), flags.
"""
import argparse
import base64
import binascii
import datetime
import email.utils
import json
import os
import random
import struct
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.genwords import CHARSETS, FILE_NAMES, NAMES, WORDS  # noqa: E402

KINDS = {"text": 46, "flowed": 6, "alternative": 24, "html": 7, "image": 3, "attachment": 10, "invite": 1, "forward": 2}
ZONES = [datetime.timezone(datetime.timedelta(minutes=m)) for m in (0, 60, 120, 120, 330, 540, -180, -300, -480)]
FIRST_DATE, LAST_DATE = 1_451_606_400, 1_767_000_000  # 2016 to 2025


class Message(NamedTuple):
    raw: bytes      # with CRLF
    flags: str      # Maildir letters, sorted
    date: int       # of arrival
    meaning: dict


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def png(rng):
    """A small picture of noise."""
    side = rng.randint(8, 40)
    rows = b"".join(b"\0" + rng.randbytes(3 * side) for _ in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1))
            + chunk(b"IEND", b""))


def encoded_words(text, charset, codec, use_q):
    """RFC 2047 words of whole characters, each of at most 75 characters, folded."""
    room = (62 - len(charset)) // (3 if use_q else 1) * (1 if use_q else 3) // (1 if use_q else 4)
    pieces, piece = [], ""
    for char in text:
        if len((piece + char).encode(codec, "replace")) > room:
            pieces.append(piece)
            piece = ""
        piece += char
    pieces.append(piece)

    def word(part):
        raw = part.encode(codec, "replace")
        if not use_q:
            return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
        return f"=?{charset}?Q?" + "".join(
            "_" if b == 32 else chr(b) if chr(b).isalnum() and b < 128 else f"={b:02X}" for b in raw) + "?="

    return "\r\n ".join(word(p) for p in pieces)


def file_name_parameter(name):
    """Content-Disposition's filename: quoted when ASCII, RFC 2231 otherwise, in pieces when it is long."""
    if name.isascii() and len(name) < 70:
        return 'filename="' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    percent = "".join(chr(b) if chr(b).isalnum() and b < 128 or b in b".-_" else f"%{b:02X}" for b in name.encode())
    if len(percent) < 50:
        return f"filename*=utf-8''{percent}"
    pieces = [percent[i:i + 48] for i in range(0, len(percent), 48)]
    return ";\r\n ".join(f"filename*{i}*=" + ("utf-8''" if i == 0 else "") + p for i, p in enumerate(pieces))


def part(content_type, data, codec="utf-8", encoding=None, extra=()):
    """One MIME part with its headers; text is encoded by the codec, and in whatever transfer encoding suits it."""
    text = isinstance(data, str)
    raw = data.encode(codec, "replace") if text else data
    if encoding is None and text:
        high = sum(b > 127 for b in raw)
        encoding = "7bit" if high == 0 else "quoted-printable" if high * 6 < len(raw) else "base64"
    encoding = encoding or "base64"
    head = "\r\n".join([f"Content-Type: {content_type}", *extra, f"Content-Transfer-Encoding: {encoding}"])
    if encoding == "base64":
        raw = b64_lines(raw)
    elif encoding == "quoted-printable":
        raw = crlf(binascii.b2a_qp(raw.replace(b"\r\n", b"\n"), istext=True))
    else:
        raw = crlf(raw)
    return head.encode() + b"\r\n\r\n" + raw


def b64_lines(raw):
    text = base64.b64encode(raw)
    return b"\r\n".join(text[i:i + 76] for i in range(0, len(text), 76)) + b"\r\n"


def multipart(rng, subtype, parts, extra=""):
    boundary = b"=_%016x" % rng.getrandbits(64)
    body = b"".join(b"--" + boundary + b"\r\n" + p + (b"" if p.endswith(b"\r\n") else b"\r\n") for p in parts)
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary.decode()}"{extra}\r\n\r\n'
    return head.encode() + body + b"--" + boundary + b"--\r\n"


# Ways to be broken: name -> function of (headers, body) giving the whole message.
BROKEN = {
    "charset": lambda head, body: head + body.replace(b"charset=", b"charset=x-no-such-", 1),
    "truncated": lambda head, body: head + body[:len(body) // 2],
    "raw8bit": lambda head, body: b"X-Raw: \xe4\xf6\xfc\xff caf\xe9\r\n" + head + body,
    "noboundary": lambda head, body: head + b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ntext\r\n",
    "badb64": lambda head, body: head + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                                        b"SGVsbG8*gd29@@ybGQ\r\n=\r\n",
    "badqp": lambda head, body: head + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                                       b"\r\nbad =ZZ and =4\r\nend=\r\n",
    "longline": lambda head, body: head + body + b"x" * 50000 + b"\r\n",
    "nul": lambda head, body: head + body + b"nul \0 inside\r\n",
    "barecr": lambda head, body: head + body + b"bare\rcr and more\r\n",
    "escapes": lambda head, body: head + body + b"\x1b]0;title\x07\x1b[31mred\x1b[0m \x9b2J\r\n",
    "badword": lambda head, body: b"X-Word: =?utf-8?Q?=E4=B8?= =?utf-8?Q?=AD?= =?bad =?utf-8?B?!!!?=\r\n" + head + body,
}


class Generator:
    """Iterate it once: one Message after the other, oldest first (dates jitter by some hours)."""

    def __init__(self, seed=1, count=1000, plain=False, size_mean=1800):
        self.rng, self.count, self.plain, self.size_mean = random.Random(seed), count, plain, size_mean
        self.people = [(NAMES[i % len(NAMES)], f"user{i}@{('corp', 'uni', 'home')[i % 3]}.example") for i in range(400)]
        self.threads, self.busy, self.thread_count = [], None, 0
        self.weights = [row[3] for row in CHARSETS]
        self.paragraphs = {}
        self.step = (LAST_DATE - FIRST_DATE) / max(count, 1)

    def __iter__(self):
        return (self.message(n) for n in range(self.count))

    def phrase(self, language, words):
        joiner, vocabulary = WORDS[language]
        return joiner.join(self.rng.choices(vocabulary, k=words))

    def text(self, language, size):
        """Paragraphs out of a pool made once for each language (making each line anew would be most of the time)."""
        pool = self.paragraphs.get(language)
        if pool is None:
            lines = [self.phrase(language, self.rng.randint(5, 12)) for _ in range(240)]
            quoted = [">" * self.rng.randint(1, 3) + " " + line for line in lines[:30]]
            pool = self.paragraphs[language] = ["\n".join(self.rng.choices(lines, k=self.rng.randint(2, 6))) + "\n"
                                                for _ in range(120)] + [q + "\n" for q in quoted]
        out, used = [], 0
        while used < size:
            out.append(self.rng.choice(pool))
            used += len(out[-1])
        return "\n".join(out)

    def html(self, language, charset, size, cid=None):
        phrase, rng = self.phrase, self.rng
        blocks = "".join(f'<p style="font-family:sans-serif">{p} <a href="https://news.example/{rng.getrandbits(32):x}">'
                         f"{phrase(language, 2)}</a></p>\n" for p in self.text(language, size).split("\n\n"))
        rows = "".join(f"<tr><td>{phrase(language, 1)}</td><td align=right>{rng.randint(1, 999)}</td></tr>"
                       for _ in range(rng.randint(2, 8)))
        image = f'<img src="cid:{cid}" alt="picture">' if cid else \
            '<img src="https://track.example/p.gif" width=1 height=1>'
        return (f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
                f"<style>p{{margin:0}}</style></head><body><table width=600><tr><td><h1>{phrase(language, 3)}</h1>"
                f"{blocks}</td></tr></table><ul><li>{phrase(language, 3)}<li>{phrase(language, 3)}</ul>"
                f"<table border=1>{rows}</table>{image}</body></html>\n")

    def body(self, kind, language, charset, codec, date):
        """The MIME part that is the message's content."""
        rng, size = self.rng, 80 + int(self.rng.expovariate(1 / self.size_mean))
        text = self.text(language, size)
        plain = part(f"text/plain; charset={charset}", text, codec, "8bit" if rng.random() < 0.1 else None)
        if kind == "text":
            return plain
        if kind == "flowed":
            return part(f"text/plain; charset={charset}; format=flowed", text.replace("\n", " \n"), codec)
        if kind == "html":
            return part(f"text/html; charset={charset}", self.html(language, charset, size), codec)
        if kind == "alternative":
            html = part(f"text/html; charset={charset}", self.html(language, charset, size), codec)
            return multipart(rng, "alternative", [plain, html])
        if kind == "image":
            cid = f"{rng.getrandbits(48):x}@img.example"
            html = part(f"text/html; charset={charset}", self.html(language, charset, size, cid), codec)
            picture = part("image/png", png(rng), extra=[f"Content-ID: <{cid}>",
                                                         'Content-Disposition: inline; filename="picture.png"'])
            return multipart(rng, "related", [html, picture], '; type="text/html"')
        if kind == "attachment":
            data = rng.randbytes(10 + int(rng.expovariate(1 / 9000)))
            name = file_name_parameter(rng.choice(FILE_NAMES))
            return multipart(rng, "mixed", [plain, part("application/octet-stream", data, extra=[
                f"Content-Disposition: attachment; {name}"])])
        if kind == "invite":
            return multipart(rng, "alternative", [plain, part("text/calendar; charset=utf-8; method=REQUEST",
                                                              self.invitation(language, date))])
        inner = (b"From: inner@corp.example\r\nSubject: inner message\r\nDate: "
                 + email.utils.formatdate(date - 86400).encode() + b"\r\nMIME-Version: 1.0\r\n" + plain)
        return multipart(rng, "mixed", [part("text/plain; charset=us-ascii", "see below\n"),
                                        b"Content-Type: message/rfc822\r\n\r\n" + inner])

    def invitation(self, language, date):
        begin = datetime.datetime.fromtimestamp(date + 5 * 86400, datetime.timezone.utc)
        return "\n".join([
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tern tests//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
            f"UID:{self.rng.getrandbits(64):x}@gen.example", f"DTSTAMP:{begin:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{begin:%Y%m%dT%H0000Z}", f"DTEND:{begin + datetime.timedelta(hours=1):%Y%m%dT%H0000Z}",
            f"SUMMARY:{self.phrase(language, 3)}", "ORGANIZER:mailto:user1@corp.example",
            "ATTENDEE;RSVP=TRUE:mailto:ada@example.org", f"LOCATION:Room {self.rng.randint(1, 9)}",
            "END:VEVENT", "END:VCALENDAR", ""])

    def word(self, text, charset, codec):
        """A header's text: as it is, or RFC 2047 in the message's charset; now and then raw UTF-8."""
        if text.isascii() or codec == "utf-8" and self.rng.random() < 0.02:
            return text
        return encoded_words(text, charset, codec, codec != "iso-2022-jp" and self.rng.random() < 0.4)

    def address(self, person):
        name, address = person
        if not name:
            return address
        if not name.isascii():
            name = self.word(name, "utf-8", "utf-8")
        elif not name.replace(" ", "").isalnum():
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{address}>"

    def pick_thread(self, language, charset, codec):
        """A thread to go on with, and the Message-ID answered (None: a new thread)."""
        rng = self.rng
        if self.threads and rng.random() < 0.55:
            thread = self.busy if rng.random() < 0.12 else rng.choice(self.threads[-60:])
            return thread, thread["ids"][-1] if rng.random() < 0.7 else rng.choice(thread["ids"])
        thread = {"n": self.thread_count, "subject": self.phrase(language, rng.randint(1, 8)), "charset": charset,
                  "codec": codec, "ids": [], "list": rng.random() < 0.3}
        self.thread_count += 1
        self.threads = self.threads[-400:] + [thread]
        if self.busy is None or rng.random() < 1 / 350:  # one thread at a time grows long
            self.busy = thread
        return thread, None

    def recipients(self, thread):
        first = ("Dev list", "dev@lists.example") if thread["list"] else ("Ada Lovelace", "ada@example.org")
        others = self.rng.sample(self.people, self.rng.choice([0, 0, 0, 1, 2, 5]))
        copied = self.rng.randint(0, len(others))
        return [first] + others[copied:], others[:copied]

    def headers(self, n, date, thread, parent, mid, meaning):
        """The header fields; notes in `meaning` what is left out."""
        rng, sender = self.rng, self.rng.choice(self.people)
        to, cc = self.recipients(thread)
        meaning["from"] = sender
        stamp = email.utils.format_datetime(datetime.datetime.fromtimestamp(date, rng.choice(ZONES)))
        subject = self.word(meaning["subject"], thread["charset"], thread["codec"])
        fields = [f"Received: from relay.example ([192.0.2.{n % 250}]) by mx.example with ESMTPS id {n:x};\r\n "
                  + email.utils.formatdate(date + 3),
                  f"From: {self.address(sender)}", "To: " + ",\r\n ".join(map(self.address, to))]
        if cc:
            fields.append("Cc: " + ",\r\n ".join(map(self.address, cc)))
        if rng.random() > 0.004:
            fields.append(f"Subject: {subject}")
        else:
            meaning["subject"] = ""
        if rng.random() > 0.004:
            fields.append(f"Date: {stamp}")
        else:
            meaning["date"] = None
        if rng.random() > 0.004:
            fields.append(f"Message-ID: {mid}")
        else:
            meaning["message_id"] = None
        if parent and meaning["missing_parent"]:
            fields.append(f"In-Reply-To: <gone.{rng.getrandbits(40):x}@gen.example>")
        elif parent:
            fields.append(f"In-Reply-To: {parent}")
            fields.append("References: " + "\r\n ".join(dict.fromkeys(thread["ids"][-12:] + [parent])))
        if thread["list"]:
            fields += ["List-Id: Developers <dev.lists.example>", "List-Post: <mailto:dev@lists.example>",
                       "List-Unsubscribe: <https://lists.example/u>, <mailto:dev-leave@lists.example>",
                       "Precedence: list"]
        fields.append("MIME-Version: 1.0\r\n")
        return "\r\n".join(fields).encode()

    def message(self, n):
        """Message number n; to be called in order."""
        rng = self.rng
        date = int(FIRST_DATE + n * self.step + rng.randint(-20000, 20000))
        language, charset, codec, _ = CHARSETS[0] if self.plain else rng.choices(CHARSETS, self.weights)[0]
        if codec == "ascii" and not self.plain and rng.random() < 0.5:
            charset = codec = "utf-8"
        thread, parent = self.pick_thread(language, charset, codec)
        mid = f"<{n:07d}.{rng.getrandbits(40):010x}@gen.example>"
        if thread["ids"] and rng.random() < 0.002:
            mid = thread["ids"][0]
        subject = "" if rng.random() < 0.01 else ("Re: " if parent else "") + thread["subject"]
        meaning = {"n": n, "message_id": mid, "date": date, "subject": subject, "parent": parent,
                   "missing_parent": bool(parent and rng.random() < 0.04), "thread": thread["n"], "charset": charset}
        head = self.headers(n, date, thread, parent, mid, meaning)
        kind = "text" if self.plain else rng.choices(list(KINDS), KINDS.values())[0]
        body = self.body(kind, language, charset, codec, date)
        broken = rng.choice(list(BROKEN)) if not self.plain and rng.random() < 0.01 else None
        raw = BROKEN[broken](head, body) if broken else head + body
        thread["ids"].append(mid)
        flags = "".join(f for f, share in (("F", 0.05), ("R", 0.10), ("S", 0.70)) if rng.random() < share)
        meaning.update(kind=kind, broken=broken, size=len(raw), flags=flags)
        return Message(raw, flags, date, meaning)


def maildir_name(message, n, host="gen"):
    """A file name that says both sizes, as Dovecot's own delivery does: it need not open the file to know them."""
    size = len(message.raw) - message.raw.count(b"\r\n")
    return f"{message.date}.M{n:07d}.{host},S={size},W={len(message.raw)}:2,{message.flags}"


def write_maildir(folder, messages, host="gen"):
    """Writes them all into a Maildir (made if need be); their meanings in order."""
    folder = Path(folder)
    for sub in ("cur", "new", "tmp"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    meanings = []
    for n, message in enumerate(messages):
        path = f"{folder}/cur/{maildir_name(message, n, host)}"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(fd, message.raw.replace(b"\r\n", b"\n"))
        os.close(fd)
        os.utime(path, (message.date, message.date))
        meanings.append(message.meaning)
    return meanings


def write_mbox(path, messages):
    """The same as one mboxrd file."""
    meanings = []
    with open(path, "wb") as out:
        for message in messages:
            out.write(b"From sender@gen.example Thu Jan  1 00:00:00 1970\n")
            for line in message.raw.replace(b"\r\n", b"\n").split(b"\n"):
                out.write((b">" if line.lstrip(b">").startswith(b"From ") else b"") + line + b"\n")
            meanings.append(message.meaning)
    return meanings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a Maildir to write, or the mbox file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--plain", action="store_true", help="small ASCII text messages only")
    parser.add_argument("--size-mean", type=int, default=1800, help="mean bytes of a text")
    parser.add_argument("--format", choices=["maildir", "mbox"], default="maildir")
    parser.add_argument("--manifest", type=Path, help="write the meanings, a JSON object a line")
    args = parser.parse_args()
    messages = Generator(args.seed, args.count, args.plain, args.size_mean)
    meanings = (write_maildir if args.format == "maildir" else write_mbox)(args.out, messages)
    if args.manifest:
        args.manifest.write_text("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in meanings))


if __name__ == "__main__":
    main()
