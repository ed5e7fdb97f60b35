"""The messages of the `office` mailbox (conftest.py), and how more of them are made."""
import datetime
import email.utils
from email.message import EmailMessage

LONG = "\n".join(f"line {n} of a long text" for n in range(1, 101))
QUOTE = "\n".join(f"> quoted line {n}" for n in range(1, 15))


def message(sender, subject, text="Hi all.\n", day=1, month=11, hour=12, mid=None, parent=None, attachment=None,
            to="Ada <ada@example.org>"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = email.utils.format_datetime(datetime.datetime(2024, month, day, hour, 4, tzinfo=datetime.timezone.utc))
    made["Message-ID"] = f"<{mid or f'{month}.{day}.{hour}'}@example.org>"
    if parent:
        made["In-Reply-To"] = made["References"] = f"<{parent}@example.org>"
    made.set_content(text)
    if attachment:
        made.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename=attachment)
    return made.as_bytes()


INBOX = [
    (message("old@example.net", "Your receipt", month=3), r"\Seen"),
    (message("Nguyễn Văn A <a@example.vn>", "Chào bạn", day=2), r"\Seen"),
    (message("dev-list <dev@example.org>", "[PATCH v3 0/7] pager: fold quotes", day=3, mid="p0"), r"\Seen"),
    (message("dev-list <dev@example.org>", "Re: [PATCH v3 0/7] pager: fold quotes", day=4, mid="p1", parent="p0"), r"\Seen"),
    (message('"O\'Neill, Pat" <pat@example.com>', "Invoice 4711", day=5, attachment="budget.csv"), r"\Seen \Flagged finance"),
    (message("Ada Lovelace <ada@example.org>", "Budget meeting",
             "Hi all,\n\nshall we meet on Thursday at ten? See https://example.org/figures\n", day=6, mid="b0"), r"\Seen"),
    (message("田中 太郎 <tanaka@example.jp>", "Re: Budget meeting", "Yes.\n", day=7, mid="b1", parent="b0"), ""),
    (message("Zoë Brontë <zoe@example.com>", "Re: Budget meeting",
             f"On Mon, Ada wrote:\n{QUOTE}\n\nThursday is fine.\n", day=8, mid="b2", parent="b0"), r"\Seen \Answered"),
    (message("Łukasz Żółć <lukasz@example.pl>", "Release 2.1 is out", LONG, day=9), "dev"),
]
