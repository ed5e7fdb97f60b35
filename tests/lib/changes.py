"""Two who change a mailbox at random: tern's user, by its commands, and somebody else, by imaplib.

    user = User(box, random.Random(7))        box: lib.mailbox.Mailbox
    user.change(5)                            as many commands, offline; user.touched: names of the messages meant
    user.deletes = False                      nothing is to be deleted for good
    user.log                                  what was said to tern, for whoever looks for the reason of a failure
    other = Other(box, random.Random(8))
    other.change(5, spared=user.touched)      as many changes, none to those messages; other.log
    other.lay_over(box.in_store())            what the account is to look like after that, if before it was so

Folders are only made, renamed and deleted below Lab/ by the user and below Yard/ by the other one, so that both may do it
at once without one being refused.
"""
from lib.mailbox import listed, server_message, visit

HOMES = ("INBOX", "Projects/tern", "Häuser", "Archive")
KEYWORDS = ("todo", "$Label1", "later")
MAIL = "From: a@b.c\r\nSubject: {0}\r\nMessage-ID: <{0}@other>\r\n\r\ntext\r\n"


class User:
    def __init__(self, box, chance, words=("--offline",), folders=True):
        self.box, self.chance, self.words, self.folders = box, chance, words, folders
        self.touched, self.log, self.numbers, self.has_expunged, self.deletes = set(), [], 0, False, True

    def tern(self, *words):
        self.log.append(" ".join(map(str, words)))
        return self.box.tern(*self.words, *words)

    def change(self, times=1):
        for _ in range(times):
            kind = self.chance.choices((self._mark, self._move, self._remove, self._folder), (4, 4, 2, 2 * self.folders))[0]
            kind()

    def pick(self, folder, most=3):
        """Ids of some messages there."""
        rows = [r for r in self.box.rows(folder) if r.get("message_id")]
        rows = self.chance.sample(rows, min(len(rows), self.chance.randint(1, most)))
        self.touched |= {r["message_id"] for r in rows}
        return [r["id"] for r in rows]

    def home(self):
        return self.chance.choice(HOMES[:1] * 2 + HOMES[1:])

    def _mark(self):
        ids, verb = self.pick(self.home()), self.chance.choice(("read", "unread", "flag", "unflag", "tag", "untag"))
        if ids:
            self.tern(verb, *ids, *([self.chance.choice(KEYWORDS)] if verb in ("tag", "untag") else []))

    def _move(self):
        ids, verb = self.pick(self.home()), self.chance.choice(("move", "move", "copy", "archive", "junk", "delete"))
        if ids:
            self.tern(verb, *ids, *([self.home()] if verb in ("move", "copy") else []))

    def _remove(self):
        """Out of the Trash, for good or back; and not junk."""
        folder, verb = self.chance.choice((("Trash", "undelete"), ("Junk", "notjunk"), *[("Trash", "delete")] * self.deletes))
        ids = self.pick(folder)
        if ids:
            self.tern(verb, *ids)
            self.has_expunged |= verb == "delete"

    def _folder(self):
        mine = [f["folder"] for f in self.box.tern.json("--offline", "folders").rows if f["folder"].startswith("Lab/")]
        what = self.chance.choice(("create", "fill", "rename", *["delete"] * self.deletes) if mine else ("create",))
        self.numbers += 1
        name = f"Lab/Nr {self.numbers} & süß"
        if what == "create":
            self.tern("folder", "create", name)
        elif what == "rename":
            self.tern("folder", "rename", self.chance.choice(mine), name)
        elif what == "delete":
            self.tern("folder", "delete", self.chance.choice(mine), "--yes")
            self.has_expunged = True
        else:
            self.tern("move", *(self.pick("INBOX") or ["1"]), self.chance.choice(mine))


class Other:
    def __init__(self, box, chance, folders=True):
        self.box, self.chance, self.folders = box, chance, folders
        self.log, self.numbers, self.imap = [], 0, None

    def change(self, times=1, spared=()):
        """One session for all of them."""
        with visit(self.box.server, self.box.user) as self.imap:
            for _ in range(times):
                kinds = (self._mark, self._move, self._expunge, self._append, self._folder)
                self.chance.choices(kinds, (4, 2, 2, 3, 1 * self.folders))[0](spared)

    def pick(self, spared, most=4):
        """(folder, [(uid, name)]) of messages that may be changed; the folder is selected."""
        folder = self.chance.choice(HOMES)
        raw = dict(listed(self.imap)).get(folder)
        if not raw or self.imap.select(f'"{raw}"')[0] != "OK":
            return folder, []
        rows = self.imap.uid("FETCH", "1:*", "(UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
        found = [(uid_of(rows, at), server_message(rows, at)[0]) for at, row in enumerate(rows) if isinstance(row, tuple)]
        names = [name for _, name in found]
        found = [one for one in found if one[1] not in spared and names.count(one[1]) == 1]
        return folder, self.chance.sample(found, min(len(found), self.chance.randint(1, most)))

    def uid(self, found, *words):
        if found:
            self.imap.uid(words[0], ",".join(uid for uid, _ in found), *words[1:])

    def note(self, what, folder, found, *more):
        self.log.append((what, folder, [name for _, name in found], *more))

    def _mark(self, spared):
        folder, found = self.pick(spared)
        flag, sign = self.chance.choice(("\\Seen", "\\Flagged", "\\Answered", *KEYWORDS)), self.chance.choice("+-")
        self.uid(found, "STORE", f"{sign}FLAGS", f"({flag})")
        self.note("mark", folder, found, sign, flag)

    def _move(self, spared):
        folder, found = self.pick(spared)
        to = self.chance.choice([home for home in HOMES if home != folder])
        self.uid(found, "MOVE", f'"{dict(listed(self.imap))[to]}"')
        self.note("move", folder, found, to)

    def _expunge(self, spared):
        folder, found = self.pick(spared, 2)
        self.uid(found, "STORE", "+FLAGS", "(\\Deleted)")
        self.uid(found, "EXPUNGE")
        self.note("expunge", folder, found)

    def _append(self, spared):
        self.numbers += 1
        name, folder = f"n{self.numbers}-{self.chance.randrange(10**9)}", self.chance.choice(HOMES)
        self.imap.append(f'"{dict(listed(self.imap))[folder]}"', "", None, MAIL.format(name).encode())
        self.note("append", folder, [("", f"{name}@other")])

    def _folder(self, spared):
        mine = [raw for name, raw in listed(self.imap) if name.startswith("Yard/")]
        what = self.chance.choice(("create", "rename", "delete") if mine else ("create",))
        old, new = self.chance.choice(mine or [""]), f"Yard/{self.chance.randrange(10**9)}"
        if what == "create":
            self.imap.create(new)
        elif what == "rename":
            self.imap.rename(f'"{old}"', new)
        else:
            self.imap.delete(f'"{old}"')
        self.note("folder", what, [], old, new)

    def lay_over(self, state):
        """`state` ({folder: messages} as Mailbox has them) with all that stands in the log."""
        state = {folder: [list(m) for m in messages] for folder, messages in state.items()}
        for what, folder, names, *more in self.log:
            if what == "folder":
                if folder != "create":
                    state.pop(more[0], None)
                if folder != "delete":
                    state[more[1]] = []
                continue
            if what == "append":
                state[folder].append(names[:1])
                continue
            for message in [m for m in state[folder] if m[0] in names]:
                if what == "mark":
                    marks = set(message[1:]) - {more[1]} | ({more[1]} if more[0] == "+" else set())
                    message[1:] = sorted(marks)
                else:
                    state[folder].remove(message)
                    if what == "move":
                        state[more[0]].append(message)
        return {folder: sorted(tuple(m) for m in messages) for folder, messages in state.items()}


def uid_of(rows, at):
    rest = rows[at + 1] if at + 1 < len(rows) and isinstance(rows[at + 1], bytes) else b""
    words = (rows[at][0] + b" " + rest).split()
    return words[[w.lstrip(b"(") for w in words].index(b"UID") + 1].decode()
