#!/usr/bin/python3
"""tern on a mailbox to look at: some 2,000 messages in a dozen folders, the newest of them just come in.

    demo.py [--dir D] build/tern [ARGUMENT…]

Makes the mail, a private server and a profile in a new folder (in D, where Dovecot can live with that path), runs tern
there, and removes all when tern ends, or when told to end (SIGINT, SIGTERM, SIGHUP: tern is told first). What a killed
demo left is removed by the next one. Where standard input or output is no terminal it syncs, prints the folders, the
first page of the inbox, and its first message. The exit status is tern's.
"""
import argparse
import datetime
import email.utils
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.demotexts import DAYS, FOLDERS, ME, OFFICES, PEOPLE, PLACES, SCENE, TEXTS, TOPICS  # noqa: E402
from lib.genmail import Message, encoded_words, file_name_parameter, multipart, part, png, write_maildir  # noqa: E402
from lib.mailserver import MailServer  # noqa: E402

FILES = {"pdf": "application/pdf", "txt": "text/plain; charset=utf-8", "png": "image/png",
         "ods": "application/vnd.oasis.opendocument.spreadsheet"}
LISTS = {"garden": "gardeners", "machines": "small-machines"}


def word(text):
    return text if text.isascii() else encoded_words(text, "utf-8", "utf-8", sum(c.isascii() for c in text) * 2 > len(text))


def mailbox(person):
    name, address = person
    quoted = f'"{name}"' if name.isascii() and not name.replace(" ", "").isalnum() else word(name)
    return f"{quoted} <{address}>"


class Letter:
    """A message that others can answer."""

    def __init__(self, person, subject, text, date, parent=None, attachment="", list_name="", html=False, to=ME):
        self.person, self.subject, self.text, self.date = person, subject, text, date
        self.parent, self.attachment, self.list_name, self.html, self.to = parent, attachment, list_name, html, to
        self.topic = self.values = None

    def write(self, rng, flags):
        self.id = f"<{rng.getrandbits(64):016x}@{self.person[1].split('@')[1]}>"
        when = datetime.datetime.fromtimestamp(self.date).astimezone()
        fields = [f"From: {mailbox(self.person)}",
                  f"To: {self.list_name}@lists.example" if self.list_name else f"To: {mailbox(self.to)}",
                  f"Subject: {word(self.subject)}", f"Date: {email.utils.format_datetime(when)}", f"Message-ID: {self.id}"]
        if self.parent:
            ids, letter = [], self.parent
            while letter and len(ids) < 10:
                ids.insert(0, letter.id)
                letter = letter.parent
            fields += [f"In-Reply-To: {self.parent.id}", "References: " + "\r\n ".join(ids)]
        if self.list_name:
            fields += [f"List-Id: <{self.list_name}.lists.example>", f"List-Post: <mailto:{self.list_name}@lists.example>"]
        fields.append("MIME-Version: 1.0\r\n")
        raw = "\r\n".join(fields).encode() + self.body(rng)
        return Message(raw, flags, self.date, {})

    def body(self, rng):
        text = self.text
        if self.parent and not self.html:
            when = datetime.datetime.fromtimestamp(self.parent.date).strftime("%a, %d %b %Y at %H:%M")
            quoted = "\n".join("> " + line if line[:1] != ">" else ">" + line for line in
                               fill(self.parent.text.split("\n\n-- ")[0]).split("\n")[:24])
            text = f"{text}\n\nOn {when}, {self.parent.person[0]} wrote:\n{quoted}"
        plain = part("text/plain; charset=utf-8", fill(text) + f"\n\n-- \n{self.person[0]}\n")
        if self.html:
            return multipart(rng, "alternative", [plain, part("text/html; charset=utf-8", self.newsletter())])
        if not self.attachment:
            return plain
        kind = self.attachment.rsplit(".", 1)[1]
        data = png(rng) if kind == "png" else b"".join(
            b"line %d of %s\n" % (n, self.attachment.encode()) for n in range(rng.randint(40, 3000)))
        return multipart(rng, "mixed", [plain, part(FILES[kind], data, encoding="base64", extra=[
            "Content-Disposition: attachment; " + file_name_parameter(self.attachment)])])

    def newsletter(self):
        items = "".join(f'<li><a href="https://news.example/{n}">{title}</a><br>{text}</li>' for n, (title, text) in enumerate([
            ("What is new", "Three short pieces, each read in a minute."), ("The long one", "For a cup of tea."),
            ("Letters", "You wrote, and we answer.")]))
        return (f"<html><body><h1>{self.subject}</h1><p>{self.text}</p><ul>{items}</ul><table><tr><th>Day</th><th>Where</th></tr>"
                f"<tr><td>Monday</td><td>{PLACES[0]}</td></tr><tr><td>Friday</td><td>{PLACES[1]}</td></tr></table>"
                '<p>You get this letter because you asked for it. <a href="https://news.example/leave">Leave</a></p>'
                '<img src="https://news.example/pixel.gif" width="1" height="1"></body></html>\n')


def fill(text, width=72):
    """Breaks paragraphs into lines; quotes and lists stay as they are."""
    out = []
    for line in text.split("\n"):
        while len(line) > width and line[:1] not in ">-" and (cut := line.rfind(" ", 0, width)) > 0:
            out.append(line[:cut])
            line = line[cut + 1:]
        out.append(line)
    return "\n".join(out)


class Demo:
    def __init__(self, now, seed=2):
        self.now, self.rng = int(now), random.Random(seed)

    def say(self, template, values):
        """Fills a template in; a topic's day and place stay the same in all that is said about it."""
        while "{n}" in template:
            template = template.replace("{n}", str(self.rng.randint(3, 97)), 1)
        return template.format(**values)

    def greeting(self):
        return self.rng.choice(["Hi Ada,", "Hello Ada,", "Dear Ada,", "Ada,", "Good morning,"])

    def letters(self, folder):
        """A folder's letters, oldest first: some answer a recent one, the others begin a topic."""
        rng, recent = self.rng, []
        last = SCENE[0][0] * 60 + 900 if folder.name == "INBOX" else folder.first_s
        ages = [last + int(90 * n ** folder.reach * rng.uniform(0.9, 1.1)) for n in range(folder.count)]
        for age in sorted(ages, reverse=True):
            date = self.now - age
            if recent and rng.random() < folder.answers:
                letter = self.answer(rng.choice(recent[-5:]), date, folder)
            else:
                letter = self.begin(rng.choice(TOPICS[folder.topics]), date, folder)
            recent.append(letter)
            yield letter

    def begin(self, topic, date, folder):
        rng = self.rng
        values = {"day": rng.choice(DAYS), "place": rng.choice(PLACES)}
        person = ME if folder.topics in ("sent", "drafts") else rng.choice(PEOPLE)
        if folder.topics in ("receipts", "letters", "junk"):
            person = (rng.choice(OFFICES), f"no-reply@{folder.topics}.example")
        html = folder.topics in ("letters", "junk")
        text = "\n\n".join(self.say(p, values) for p in topic.opening)
        if not html and text[0].islower():
            text = f"{self.greeting()}\n\n{text}"
        letter = Letter(person, self.say(topic.subject, values), text, date, None, topic.attachment if rng.random() < 0.8 else "",
                        LISTS.get(folder.topics, ""), html, rng.choice(PEOPLE) if person is ME else ME)
        letter.topic, letter.values = topic, values
        return letter

    def answer(self, parent, date, folder):
        rng, topic = self.rng, parent.topic
        people = [p for p in PEOPLE if p != parent.person]
        person = ME if folder.topics == "sent" or rng.random() < 0.1 and folder.name != "INBOX" else rng.choice(people)
        text = self.say(rng.choice(topic.answers or ("Thank you!",)), parent.values)
        subject = parent.subject if parent.subject.startswith("Re: ") else "Re: " + parent.subject
        letter = Letter(person, subject, text, date, parent, "", LISTS.get(folder.topics, ""),
                        to=parent.person if person is ME else ME)
        letter.topic, letter.values = topic, parent.values
        return letter

    def scene(self):
        """The inbox's newest, as told in SCENE."""
        told, used = [], {}
        for minutes, person, subject, key, parent in SCENE:
            text = TEXTS[key][used.get(key, 0)]
            used[key] = used.get(key, 0) + 1
            if text[0].islower():
                text = "Hi all,\n\n" + text
            attachment = {"invoice": "invoice-4711.pdf", "photos": "heron.png", "budget": "" if parent is not None else "budget.ods"}
            told.append(Letter(PEOPLE[person], subject, text, self.now - minutes * 60,
                               told[parent] if parent is not None else None, attachment.get(key, "")))
        return told

    def flags(self, folder, n_newest, person):
        rng = self.rng
        if folder.topics == "drafts":
            return "DS"
        unread = rng.random() < folder.unread * (1.6 if n_newest < 60 else 0.7)
        return ("F" if rng.random() < 0.03 else "") + ("R" if rng.random() < 0.1 and not unread else "") + ("" if unread else "S")

    def messages(self, folder):
        letters = list(self.letters(folder))
        told = self.scene() if folder.name == "INBOX" else []
        for n, letter in enumerate(letters):
            yield letter.write(self.rng, self.flags(folder, len(letters) - n, letter.person))
        for n, letter in enumerate(told):
            yield letter.write(self.rng, {0: "FS", 1: "S", 2: "S", 3: "RS", 5: "S", 6: "FS"}.get(n, ""))


def write_mail(folder, now):
    """All folders as Maildirs in `folder`, in FOLDERS' order: [(name, path), …]."""
    demo, out = Demo(now), []
    for n, box in enumerate(FOLDERS):
        path = Path(folder) / str(n)
        write_maildir(path, demo.messages(box), f"demo{n}")
        out.append((box.name, path))
    return out


def configuration(server):
    return ("# The demo's account; it goes when the demo ends.\n"
            + server.account("ada", "work", name=ME[0], address=ME[1]).strip() + "\n")


def sweep(parent):
    """Removes what demos left that were killed."""
    for old in Path(parent).glob("mail-*/pid"):
        try:
            os.kill(int(old.read_text()), 0)
        except (ValueError, ProcessLookupError):
            shutil.rmtree(old.parent, ignore_errors=True)
        except PermissionError:
            pass


def say(text):
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def prepare(server):
    """Mail into the server, and a profile beside it; its path."""
    (server.folder / "pid").write_text(str(os.getpid()))
    server.fill_many("ada", write_mail(server.folder / "new", time.time()))
    shutil.rmtree(server.folder / "new")
    profile = server.folder / "profile"
    profile.mkdir(mode=0o700)
    with open(profile / "tern.conf", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as conf:
        conf.write(configuration(server))
    return profile


class Child:
    """tern, which has the terminal; signals that shall end the demo go to it first."""

    def __init__(self):
        self.process = None

    def end(self, number, _):
        if self.process is None:
            raise SystemExit(128 + number)
        self.process.send_signal(signal.SIGTERM)

    def run(self, argv):
        """Its exit status. When it stops (Ctrl-Z), so does this process, for the shell to see it."""
        self.process = subprocess.Popen(argv)
        while True:
            _, status = os.waitpid(self.process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                self.process = None
                return os.waitstatus_to_exitcode(status)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(self.process.pid, signal.SIGCONT)


def without_terminal(tern):
    """The same for a pipe: what it would show, as text."""
    def run(*words, capture=False):
        done = subprocess.run([*tern, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if capture else None)
        if done.returncode:
            raise SystemExit(done.returncode)
        return done.stdout

    say("no terminal here: a sync, the folders, the first page of the inbox, its first message")
    run("sync")
    for title, words in (("Folders", ["folders"]), ("Inbox", ["list", "INBOX", "--limit", "20"])):
        print(f"\n== {title}", flush=True)
        run(*words)
    newest = json.loads(run("list", "INBOX", "--json", "--limit", "1", capture=True))
    print("\n== First message", flush=True)
    run("show", str(newest["id"]))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", help="where its folder shall be made")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    child = Child()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, child.end)
    os.environ.pop("TERN_PROFILE", None)
    if args.dir:
        Path(args.dir).mkdir(parents=True, exist_ok=True)
        sweep(args.dir)
    try:
        with MailServer(args.dir, users={"ada": "ada-secret"}) as server:
            tern = [args.program, "--profile", str(prepare(server))]
            if os.isatty(0) and os.isatty(1):
                say("opening tern; q leaves it")
                return child.run([*tern, *args.arguments])
            return without_terminal(tern)
    finally:
        if args.dir and os.path.isdir(args.dir) and not os.listdir(args.dir):
            os.rmdir(args.dir)


if __name__ == "__main__":
    sys.exit(main())
