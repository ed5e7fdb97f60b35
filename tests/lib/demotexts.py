"""What the demo's mail says: people, folders, topics. {n} is a number, {day} a weekday, {place} a place.

A topic is a subject, the first message's paragraphs, and what the answers choose from.
"""
from typing import NamedTuple

ME = ("Ada Example", "ada@example.org")

PEOPLE = [
    ("Łukasz Żółć", "lukasz@release.example"), ("Zoë Brontë", "zoe@example.com"), ("田中 太郎", "tanaka@example.jp"),
    ("O'Neill, Pat", "pat.oneill@books.example"), ("Nguyễn Văn A", "nguyen@example.vn"), ("Mira Okafor", "mira@example.org"),
    ("Jonas Weber", "jonas@example.de"), ("Sofía Ríos", "sofia@studio.example"), ("Grace Lindqvist", "grace@example.se"),
    ("Tom Abara", "tom@example.org"), ("Иван Петров", "ivan@example.net"), ("Priya Raman", "priya@example.in"),
    ("Élodie Martin", "elodie@example.fr"), ("Sam Whitfield", "sam@example.org"), ("דנה לוי", "dana@example.co.il"),
]


class Topic(NamedTuple):
    subject: str
    opening: tuple
    answers: tuple = ()
    attachment: str = ""


class Folder(NamedTuple):
    name: str
    count: int
    topics: str          # which list of topics
    answers: float = 0.5  # how many are answers
    unread: float = 0.05
    reach: float = 2.4   # how far into the past it goes: the n-th newest is n**reach * 90 s old
    first_s: int = 240   # age of the newest


FOLDERS = [
    Folder("INBOX", 320, "work", 0.5, 0.12, first_s=150),
    Folder("Drafts", 3, "drafts", 0, 0, first_s=5000),
    Folder("Sent", 210, "sent", 0.3, 0, first_s=900),
    Folder("Archive", 460, "work", 0.55, 0, reach=2.55, first_s=40 * 86400),
    Folder("Junk", 36, "junk", 0, 0.6),
    Folder("Trash", 64, "letters", 0, 0.02),
    Folder("Projects/tern", 130, "tern", 0.65, 0.05),
    Folder("Projects/Garden house", 74, "house", 0.6, 0.03),
    Folder("Lists/gardeners", 190, "garden", 0.6, 0.2),
    Folder("Lists/small-machines", 240, "machines", 0.7, 0.25),
    Folder("Travel/東京 2027", 44, "tokyo", 0.5, 0.02),
    Folder("Familie/Großeltern", 58, "family", 0.5, 0.03),
    Folder("Receipts", 120, "receipts", 0, 0.01, reach=2.7),
    Folder("Newsletters", 96, "letters", 0, 0.5),
]

# The newest of the inbox, as told: (minutes ago, person, subject, topic of the text, answers which row of this list).
SCENE = [
    (205, 3, "Invoice 4711", "invoice", None),
    (188, 8, "Photos from the lake", "photos", None),
    (121, 5, "Budget meeting", "budget", None),
    (96, 2, "Re: Budget meeting", "budget", 2),
    (71, 1, "Re: Budget meeting", "budget", 3),
    (58, 12, "Dîner vendredi ?", "dinner", None),
    (44, 0, "Release 2.1 is out", "release", None),
    (33, 6, "Re: Release 2.1 is out", "release", 6),
    (21, 4, "Chào bạn", "hello", None),
    (12, 0, "Re: Release 2.1 is out", "release", 7),
    (6, 1, "Re: Budget meeting", "budget", 4),
]

TEXTS = {
    "invoice": ("Dear Ada,\n\nplease find our invoice 4711 for the second print run attached. It is due in thirty days; the "
                "account is the same as last time.\n\nThe proofs of the cover came out well. I have put two copies in the post.",),
    "photos": ("The light was wonderful on Sunday evening, and for once I had the good camera with me. Three of them are "
               "attached; the heron is the best, I think.\n\nCome along next time! The boat has room for five.",),
    "budget": ("shall we meet on Thursday at ten? The figures for the next half year are attached. Two rows need a decision: "
               "the new build machine, and whether we go on renting the room downstairs.\n\nI would like to be done before "
               "lunch.",
               "Thursday at ten is fine. I have one question about row 14: is that with or without the travel to Oslo?",
               "Ten o'clock works for me as well. Without Oslo, as far as I know; Mira has the tickets in another table.",
               "One more thing: the room has a projector now, so bring the charts. I will see to coffee and something sweet."),
    "dinner": ("Bonsoir,\n\nnous serons six vendredi soir, vers vingt heures, à la maison. Dis-moi si tu viens, et s'il y a "
               "quelque chose que tu ne manges pas. Le gâteau est déjà promis.\n\nÀ bientôt,",),
    "release": ("2.1 is out. Since 2.0 there are 214 commits by 31 people; thank you, all.\n\n"
                "- The list opens at once, however large the folder is.\n- Threads stay together when a part of them is moved.\n"
                "- 17 bugs are gone, among them the one with the clock change in October.\n\n"
                "Packages are being built and should be there by the evening.",
                "Built and installed on three machines here, no trouble at all. The list really is at once.\n\nOne small thing: "
                "the man page still says 2.0 in its footer.",
                "Thanks, mended in 2.1.1. That makes it the shortest-lived release we have ever had."),
    "hello": ("Chào bạn,\n\nI am in town from Wednesday till Saturday and would love to see the workshop, if you have an hour "
              "for me. Mornings are best.\n\nI will bring the coffee that you liked so much.",),
}

TOPICS = {
    "work": [
        Topic("Notes from {day}'s meeting", ("thanks for coming. What we agreed on, in short:\n\n1. The survey goes out next week.\n"
              "2. Tom looks at the numbers of {place} again.\n3. We meet in the small room from now on.",
              "Tell me if something is missing."), ("Nothing is missing, thank you for writing it up.", "I had understood point 2 "
              "the other way round, but this is better.", "The small room is taken every first Monday, by the way.")),
        Topic("Draft of the report", ("here is the draft. Chapters 1 to 3 are done; chapter 4 still needs the figures from {place}.",
              "I would be glad of comments by {day}."), ("I have read the first half and like it. The summary could be shorter.",
              "Two typing mistakes on page {n}, otherwise fine.", "Who is the reader we have in mind for chapter 4?"), "report.pdf"),
        Topic("Printer on the second floor", ("the printer on the second floor is out of order again. Somebody comes on {day}.",
              "Until then please use the one next to the kitchen."), ("It works again, for now.", "Has anybody seen the paper tray?")),
        Topic("Train to {place}", ("there are two trains on {day} that would do: one at 7:12, and one at 8:40 with a change.",
              "I would take the earlier one and sleep. What do you say?"), ("The later one, please. I am no use before nine.",
              "Tickets are bought, seats {n} and {n}.")),
        Topic("Question about the order of {day}", ("in the order of {day} we are missing {n} pieces of the blue ones.",
              "Shall we wait, or send what is there?"), ("Please send what is there.", "They came this morning, all of them.")),
        Topic("Lunch?", ("the place at the corner has reopened. {day} at half past twelve?",), ("Gladly. I'll book for four.",
              "I can't on {day}, any other day is fine.")),
        Topic("Backup of the {place} machine", ("the backup of last night ended with {n} warnings. None of them looks serious, "
              "but somebody should read them once.",), ("I have read them. It's the clock again.", "Thanks, closing this."), "log.txt"),
        Topic("Handover for my holidays", ("I am away from {day} for two weeks. What is open stands in the table attached; "
              "Priya knows about the rest.",), ("Have a good time!", "Which of these is urgent?"), "handover.ods"),
        Topic("New keys for the office", ("the locks are changed on {day}. Please fetch your new key from Sam before that.",),
              ("Got mine, thank you.",)),
    ],
    "sent": [
        Topic("Thursday", ("Thursday is fine. I'll bring the charts.",)),
        Topic("Thank you for the book", ("it came yesterday, and I have already read half of it. Thank you so much.",)),
        Topic("Address of the workshop", ("the workshop is at Mill Lane {n}, through the yard and up the stairs. Ring twice.",)),
        Topic("Numbers for {place}", ("here are the numbers. Column D is what you asked for; E is my guess for next year.",), (),
              "numbers.ods"),
        Topic("Photos", ("as promised. Feel free to print them.",), (), "picture.png"),
        Topic("Can we move our call?", ("could we move our call to {day}? Something has come up here.",)),
    ],
    "drafts": [
        Topic("Speech for the birthday", ("Dear all,", "when I first met Grace, she was standing on a ladder, and")),
        Topic("Complaint about the delivery", ("To whom it may concern,",)),
    ],
    "tern": [
        Topic("Threads split after a move", ("when the first message of a thread is moved, the rest shows as two threads until the "
              "next start. Seen with {n} messages.", "Steps: open a thread, move its root, go back."),
              ("I can reproduce it. The winner of the join is looked up before the move is committed.", "Mended, with a test.",
               "Works here now, thank you.")),
        Topic("[PATCH] pager: fold quotes deeper than two", ("this folds quotes deeper than two levels by default, and shows how many "
              "lines are hidden.",), ("Looks good. Could the number stand at the right?", "Applied, with a small change to the text.",
              "What does it do on a terminal of 20 columns?")),
        Topic("Colours on a light background", ("dim text is hard to read on a light background. Could the light theme use a darker "
              "grey?",), ("Which terminal is that? Here it is fine.", "It should use grey 8 there. I'll try.")),
        Topic("Benchmarks for the new list", ("opening a folder with {n},000 messages now takes 9 ms here, and the same with a "
              "tenth of them.",), ("That is hard to believe, and I have measured it twice.", "And over a slow link?")),
    ],
    "house": [
        Topic("Offer for the roof", ("please find our offer for the roof of the garden house attached. We could begin on {day}.",),
              ("Thank you. Is the old roof taken away as well?", "Yes, that is included."), "offer.pdf"),
        Topic("Which paint?", ("the shop has the green in two kinds, matt and not so matt. I'd take the matt one.",),
              ("Matt, please.", "How many tins? I have counted {n} square metres.")),
        Topic("Window frames", ("the frames are {n} mm too wide. They will plane them down, at no cost.",), ("Good. When?",
              "They came today and fit.")),
        Topic("Wood for the floor", ("larch or oak? Larch is cheaper and smells better.",), ("Larch.", "Larch it is, {n} boards.")),
    ],
    "garden": [
        Topic("Tomatoes in pots", ("does anybody grow tomatoes in pots, on a balcony to the north? Mine are {n} cm high and sad.",),
              ("They need six hours of sun, I'm afraid.", "Try a small kind, and turn the pots every day.", "Mine do well with a "
               "white board behind them, for the light.")),
        Topic("When to cut roses", ("in {place} everybody cuts them in autumn, here in spring. Who is right?",), ("Both, but for other "
              "roses.", "Spring. When the forsythia flowers.", "I have never cut mine, and they are {n} years old.")),
        Topic("Swap of seeds on {day}", ("the swap is on {day} in the old school. Bring what you have, in small bags with a name on "
              "them.",), ("I have far too many beans.", "Is there somebody with blue poppies?")),
        Topic("Snails", ("{n} of them in one night. What helps?",), ("Ducks.", "Going out with a lamp at ten in the evening.",
              "Nothing. But copper round the beds helps a little.")),
    ],
    "machines": [
        Topic("Boot in under a second", ("with the small kernel it takes {n} ms from power to prompt. Most of that is the disk.",),
              ("Which disk is it?", "You can leave out the probing, that's a third of it.", "Very nice. Could you write it up?")),
        Topic("Old terminal, new cable", ("does anybody know how the connector of the VT{n} is wired? The manual shows two versions.",),
              ("Pins 2 and 3 are swapped in the first one.", "There is a drawing in the archive, look for {place}.",
               "It works! Thank you all.")),
        Topic("[PATCH v3 0/{n}] serial: less waiting", ("third version, with what was said about the second. The first patch stands "
              "alone and could go in now.",), ("First one applied.", "Patch 4 does not build here without the header.",
              "Reviewed, looks good to me.", "Could you measure it at 9600 as well?")),
        Topic("Meeting in {place}", ("who would come to a meeting in {place}, some time in spring? There is a room for {n}.",),
              ("I would.", "Me too, if it is not Easter.", "Only if somebody brings a PDP.")),
    ],
    "tokyo": [
        Topic("Flights", ("there are seats on {day} with one stop in {place}. Shall I take them?",), ("Yes, please.", "Booked. "
              "Seats {n} A and B."), "ticket.pdf"),
        Topic("宿の予約 / your reservation", ("thank you for your reservation of a room for two, {n} nights. Breakfast is from seven.",),
              ("Thank you. We arrive late, around 22:00.", "お待ちしております。")),
        Topic("Things to see", ("my list so far: the museum with the trains, the river at night, and noodles, noodles, noodles.",),
              ("And the paper shop in Yanaka!", "You can walk from there to Ueno.")),
    ],
    "family": [
        Topic("Sonntag bei uns", ("Liebe Ada,\n\nkommst du am Sonntag zum Kaffee? Opa hat einen Kuchen gebacken, den ersten in seinem "
              "Leben. Wir sind sehr gespannt.",), ("Natürlich komme ich!", "Bring Hunger mit.")),
        Topic("Bilder vom Geburtstag", ("hier sind die Bilder. Das mit dem Hut ist das schönste, finden wir.\n\nViele Grüße von uns "
              "beiden",), ("Danke! Das mit dem Hut habe ich gleich aufgehängt.",), "picture.png"),
        Topic("Der Computer", ("der Computer sagt, er möchte neu starten. Darf er das?",), ("Ja, das darf er.", "Er hat es getan und "
              "ist jetzt zufrieden.")),
    ],
    "receipts": [
        Topic("Your receipt from Mill Bakery", ("thank you for your order. You paid {n}.40 by card.",)),
        Topic("Invoice {n}{n} for your server", ("your invoice for this month is attached. Nothing needs to be done.",), (),
              "invoice.pdf"),
        Topic("Your order has been sent", ("your parcel is on its way and should arrive on {day}.",)),
        Topic("Ticket {place}, {day}", ("please show this ticket on your phone or printed. Have a good journey.",), (), "ticket.pdf"),
    ],
    "letters": [
        Topic("The week in small machines, number {n}", ("A terminal restored, a kernel in 4 KB, and why nobody needs a mouse.",)),
        Topic("Garden letter for {place}", ("What to sow now, what to leave alone, and a recipe with too many courgettes.",)),
        Topic("{n} new books for the winter", ("Our readers chose, and for once they agree with each other.",)),
        Topic("Museum: open late on {day}", ("The collection of clocks can be heard until ten in the evening, free of charge.",)),
    ],
    "junk": [
        Topic("You have won {n},000,000 !!!", ("Dear friend, your address was chosen. Answer with your full name to receive the sum.",)),
        Topic("Your mailbox is almost full", ("Your mailbox is 98 % full. Log in here within 24 hours to keep your mail.",)),
        Topic("Cheap watches, only on {day}", ("All brands, all sizes. Nobody will notice the difference.",)),
    ],
}
PLACES = ["Oslo", "Lisbon", "Kraków", "Ghent", "Turku", "Porto", "Bergen", "Lyon", "Basel", "York"]
OFFICES = ["Mill Bakery", "Harbour Books", "Your Railway", "Small Machines Weekly", "City Museum", "Green Corner"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
