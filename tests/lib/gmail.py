"""A Gmail of a few lines: mail with labels, each label a folder, everything in "All Mail" too (X-GM-EXT-1, CONDSTORE).

    with Gmail() as server:
        tern.write(server.account())
        mail = server.add("subject", "INBOX", "work", flags=["\\Seen"])     a Mail: .labels, .flags, .number (X-GM-MSGID)
        server.label(mail, "work", on=False)       another client's doing: it leaves the folder, and has a new MODSEQ
        server.heard                               every line that a client sent

One message is one Mail; it has a UID in each folder that it is in. As Gmail does, the labels that a folder is told do not name
the folder itself, and system labels begin with a backslash. UTF-7 names are the caller's.
"""
import re

from lib.ownimap import OwnImap, _uids

ALL = "[Gmail]/All Mail"
SYSTEM = {"INBOX": "\\Inbox", "[Gmail]/Starred": "\\Starred", "[Gmail]/Important": "\\Important"}
ROLES = {ALL: "\\All", "[Gmail]/Starred": "\\Flagged", "[Gmail]/Important": "\\Important"}
CAPABILITIES = "IMAP4rev1 UNSELECT IDLE NAMESPACE X-GM-EXT-1 UIDPLUS CHILDREN SPECIAL-USE ENABLE MOVE CONDSTORE ESEARCH LIST-STATUS LIST-EXTENDED"


class Mail:
    def __init__(self, number, text, labels, flags):
        self.number, self.text, self.labels, self.flags, self.modseq = number, text, set(labels), set(flags), 1


class Gmail(OwnImap):
    def __init__(self, *labels):
        super().__init__(folders=[])
        self.boxes = {name: {} for name in ("INBOX", ALL, "[Gmail]/Important", *labels)}
        self.next_uid = {name: 1 for name in self.boxes}
        self.modseq, self.total = 1, 0
        self.answers = {"CAPABILITY": lambda talk: talk.ok(f"* CAPABILITY {CAPABILITIES}"), "LIST": self._list,
                        "EXAMINE": self._open, "SELECT": self._open, "FETCH": self._fetch, "UID FETCH": self._fetch,
                        "UID STORE": self._store, "STATUS": self._status, "IDLE": self._idle, "UID SEARCH": self._search,
                        "NAMESPACE": lambda talk: talk.ok('* NAMESPACE (("" "/")) NIL NIL')}

    # --- what happens to mail ---

    def add(self, subject, *labels, flags=(), text="text"):
        self.total += 1
        head = f"From: Ada <ada@example.org>\r\nSubject: {subject}\r\nMessage-ID: <{self.total}@example.org>\r\n"
        body = f"{head}Date: Fri, 01 Nov 2024 12:04:00 +0000\r\n\r\n{text} of {subject}\r\n"
        mail = Mail(1278455344230334865 + self.total, body, labels, flags)
        for name in (ALL, *labels):
            self._enter(name, mail)
        self._touch(mail)
        return mail

    def label(self, mail, name, on=True):
        if on and name not in mail.labels:
            mail.labels.add(name)
            self._enter(name, mail)
        elif not on:
            mail.labels.discard(name)
            box = self.boxes[name]
            for uid in [uid for uid, one in box.items() if one is mail]:
                del box[uid]
        self._touch(mail)

    def flag(self, mail, *flags):
        mail.flags |= set(flags)
        self._touch(mail)

    def _enter(self, name, mail):
        if name not in self.boxes:
            self.boxes[name], self.next_uid[name] = {}, 1
        self.boxes[name][self.next_uid[name]] = mail
        self.next_uid[name] += 1

    def _touch(self, mail):
        self.modseq += 1
        mail.modseq = self.modseq

    # --- answers ---

    def _numbers(self, name):
        box = self.boxes[name]
        unseen = sum("\\Seen" not in mail.flags for mail in box.values())
        return (f"MESSAGES {len(box)} UNSEEN {unseen} UIDNEXT {self.next_uid[name]} UIDVALIDITY 7 "
                f"HIGHESTMODSEQ {self.modseq}")

    def _list(self, talk):
        lines = []
        for name in self.boxes:
            lines.append(f'* LIST (\\Subscribed {ROLES.get(name, "")}) "/" "{name}"'.replace(" )", ")"))
            if "STATUS" in talk.words:
                lines.append(f'* STATUS "{name}" ({self._numbers(name)})')
        talk.ok(*lines)

    def _status(self, talk):
        name = re.match(r'"([^"]*)"', talk.words)[1]
        talk.ok(f'* STATUS "{name}" ({self._numbers(name)})')

    def _open(self, talk):
        talk.box = re.match(r'"([^"]*)"', talk.words)[1]
        box = self.boxes[talk.box]
        talk.ok(f"* {len(box)} EXISTS", "* OK [UIDVALIDITY 7] x", f"* OK [UIDNEXT {self.next_uid[talk.box]}] x",
                "* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Deleted \\*)] x", f"* OK [HIGHESTMODSEQ {self.modseq}] x")

    def _search(self, talk):
        found = ",".join(map(str, sorted(self.boxes[talk.box])))
        talk.ok(f'* ESEARCH (TAG "{talk.tag}") UID' + (f" ALL {found}" if found else ""))

    def _labels_told(self, box, mail):
        return " ".join('"' + SYSTEM.get(name, name).replace("\\", "\\\\") + '"' for name in sorted(mail.labels - {box}))

    def _item(self, talk, items, seq, uid, mail):
        parts = [f"UID {uid}"]
        for word, text in (("FLAGS", f"FLAGS ({' '.join(sorted(mail.flags))})"), ("MODSEQ", f"MODSEQ ({mail.modseq})"),
                           ("X-GM-MSGID", f"X-GM-MSGID {mail.number}"),
                           ("X-GM-LABELS", f"X-GM-LABELS ({self._labels_told(talk.box, mail)})"),
                           ("RFC822.SIZE", f"RFC822.SIZE {len(mail.text)}"),
                           ("INTERNALDATE", 'INTERNALDATE "01-Nov-2024 12:04:00 +0000"')):
            if re.search(rf"(^|[ (]){word}([ )]|$)", items):
                parts.append(text)
        head = mail.text.partition("\r\n\r\n")[0] + "\r\n\r\n"
        if "BODY.PEEK[]" in items:
            parts.append(f"BODY[] {{{len(mail.text)}}}\r\n{mail.text}")
        elif "HEADER" in items:
            parts.append(f"BODY[HEADER.FIELDS (X)] {{{len(head)}}}\r\n{head}")
        return f"* {seq} FETCH ({' '.join(parts)})\r\n"

    def _fetch(self, talk):
        wanted, _, items = talk.words.partition(" ")
        uids = sorted(self.boxes[talk.box])
        since = re.search(r"CHANGEDSINCE (\d+)", items)
        if talk.command == "FETCH":
            chosen = [uids[seq - 1] for seq in _uids(wanted, len(uids))]
        else:
            chosen = [uid for uid in _uids(wanted, uids[-1] if uids else 0) if uid in uids]
        for uid in chosen:
            mail = self.boxes[talk.box][uid]
            if not since or mail.modseq > int(since[1]):
                talk.send(self._item(talk, items + (" MODSEQ" if since else ""), uids.index(uid) + 1, uid, mail))
        talk.ok()

    def _store(self, talk):
        wanted, what, values = talk.words.split(" ", 2)
        names = [plain or quoted for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s()"]+)', values)]
        names = [name.replace("\\\\", "\\") for name in names]
        uids = sorted(self.boxes[talk.box])
        for uid in [uid for uid in _uids(wanted, uids[-1] if uids else 0) if uid in uids]:
            mail = self.boxes[talk.box][uid]
            if "LABELS" in what:
                for name in names:
                    self.label(mail, {v: k for k, v in SYSTEM.items()}.get(name, name), what.startswith("+"))
            elif what.startswith("+"):
                self.flag(mail, *names)
            else:
                mail.flags -= set(names)
                self._touch(mail)
        talk.ok()
