"""The words that generated mail is made of: people, vocabularies by language, and which charsets are how common."""

# Display names in many scripts; the empty one is an address without a name.
NAMES = [
    "Ada Lovelace", "Grace Hopper", "Jürgen Groß", "Łukasz Żółć", "Zoë Brontë", "O'Neill, Pat", "Πέτρος Νίκου",
    "Иван Петров", "田中 太郎", "김 민준", "王小明", "مريم الخوري", "דוד כהן", "Nguyễn Văn A", 'Bob "Bobby" Stone',
    "Müller (Sales)", "José Ñandú", "ไทย ใจดี", "Ólafur Þór", "", "Anna 🌻", "Re\u0301mi Che\u0301ne",
]

# language -> (what joins words, the words)
WORDS = {
    "en": (" ", "we the a report budget server release plan meeting review before after next week with your team "
                "please look at this question answer project garden photo music train ticket invoice update thanks "
                "could would should about from change again today tomorrow better small draft page".split()),
    "de": (" ", "wir die der Bericht Prüfung über schön größer Gespräch nächste Woche Grüße aus München bitte "
                "Änderung Straße Übersicht für können müssen heute später Besprechung Entwurf".split()),
    "fr": (" ", "nous le la réunion été prévue à côté déjà où façon garçon naïve cœur œuvre merci bientôt "
                "semaine prochaine pièce jointe élève forêt".split()),
    "pl": (" ", "proszę odpowiedź sprawie źródła żółty gęś jaźń łódź środa późno więcej niż można dziękuję".split()),
    "el": (" ", "καλημέρα σας στέλνω την αναφορά για το έργο και περιμένω απάντηση ευχαριστώ πολύ".split()),
    "ru": (" ", "добрый день отправляю отчёт по проекту и жду ответа спасибо встреча завтра в десять".split()),
    "ja": ("", "会議 資料 を 送ります よろしく お願い します 来週 の 予定 について カタカナ ひらがな 東京".split()),
    "ko": (" ", "안녕하세요 회의 자료를 보내드립니다 다음 주 일정에 대해 확인 부탁드립니다 감사합니다".split()),
    "zh": ("", "您好 附件 是 会议 报告 请 查收 谢谢 下周 见面 讨论 北京".split()),
    "zh-tw": ("", "您好 附件 是 會議 報告 請 查收 謝謝 下週 見面 臺北".split()),
    "ar": (" ", "مرحبا أرسل لكم التقرير عن المشروع وأنتظر الرد شكرا جزيلا".split()),
    "he": (" ", "שלום רב מצורף הדוח על הפרויקט תודה רבה ולהתראות".split()),
    "th": ("", "สวัสดี ครับ รายงาน การประชุม ขอบคุณ สัปดาห์หน้า".split()),
    "marks": (" ", ("party 🎉 today 👩‍👩‍👧‍👦 see you 🇩🇪 then 👍🏽 café re\u0301sume\u0301 a\u0308o\u0308u\u0308 "
                    "Z\u0335\u0322a\u0334\u0321l\u0337g\u0338o ﬁne １２３ ½ ☎️ ✔").split()),
}

# (language, charset as named in the mail, Python's codec, how common)
CHARSETS = [
    ("en", "us-ascii", "ascii", 30), ("en", "utf-8", "utf-8", 20), ("de", "utf-8", "utf-8", 8),
    ("de", "iso-8859-1", "iso-8859-1", 7), ("de", "windows-1252", "cp1252", 4), ("fr", "iso-8859-15", "iso-8859-15", 4),
    ("fr", "UTF-8", "utf-8", 3), ("pl", "iso-8859-2", "iso-8859-2", 3), ("pl", "windows-1250", "cp1250", 2),
    ("el", "iso-8859-7", "iso-8859-7", 1), ("ru", "koi8-r", "koi8-r", 3), ("ru", "windows-1251", "cp1251", 2),
    ("ru", "utf-8", "utf-8", 2), ("ja", "iso-2022-jp", "iso-2022-jp", 3), ("ja", "shift_jis", "shift_jis", 1),
    ("ja", "euc-jp", "euc-jp", 1), ("ja", "utf-8", "utf-8", 1), ("ko", "euc-kr", "euc-kr", 1),
    ("zh", "gb18030", "gb18030", 2), ("zh", "gb2312", "gb2312", 1), ("zh-tw", "big5", "big5", 1),
    ("ar", "windows-1256", "cp1256", 1), ("ar", "utf-8", "utf-8", 1), ("he", "iso-8859-8", "iso-8859-8", 1),
    ("he", "utf-8", "utf-8", 1), ("th", "tis-620", "tis-620", 1), ("marks", "utf-8", "utf-8", 4),
]

FILE_NAMES = [
    "report.pdf", "notes.txt", "budget.ods", "Übersicht 2026.pdf", "отчёт.doc", "写真 2026-05.jpg", "a" * 120 + ".txt",
    "données très longues " * 4 + ".csv", 'with "quotes" and \\.txt', "semi;colon.txt", "archive.tar.gz", "naïve.txt",
]
