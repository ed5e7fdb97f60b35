/* Messages as programs hand them over and as they go out; text in headers; folding; bodies. As tables. */
#include "base/error.h"
#include "base/error.h"
#include "base/file.h"
#include "mime/encode.h"
#include "mime/outgoing.h"
#include "mime/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static int file_of(const char *text, gsize size)
{
    const int fd = memfd_create("in", MFD_CLOEXEC);

    file_write_all(fd, text, size, NULL);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* What goes out of what stands in `in`, which is closed, or "error". */
static char *outgoing_of(int in, gboolean dot_ends)
{
    const int out = memfd_create("out", MFD_CLOEXEC);
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, dot_ends, NULL);
    char *result = g_strdup("error");

    if (message && mime_outgoing_write(message, out, NULL)) {
        const off_t bytes = lseek(out, 0, SEEK_END);
        g_free(result);
        result = g_malloc0((gsize)bytes + 1);
        assert_int_equal(pread(out, result, (gsize)bytes, 0), bytes);
    }
    close(in);
    close(out);
    return result;
}

static char *outgoing(const char *text, gsize size, gboolean dot_ends)
{
    return outgoing_of(file_of(text, size), dot_ends);
}

/* A descriptor that gives one piece for each read(): all, but at most `piece` bytes once `whole` are out. */
static int pieces_of(const char *text, gsize whole, gsize piece)
{
    const gsize size = strlen(text);
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    for (gsize at = 0, n; at < size; at += n) {
        n = at < whole ? whole : MIN(piece, size - at);
        assert_int_equal(send(ends[1], text + at, n, 0), n);
    }
    close(ends[1]);
    return ends[0];
}

#define LONG_LINE                                                                                            \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_messages(void **state)
{
    static const struct {
        const char *in, *out;
        gboolean dot_ends;
    } ROWS[] = {
        {"Subject: x\n\nbody\n", "Subject: x\n\nbody\n", FALSE},
        {"Subject: x\r\n\r\nbody\r\n", "Subject: x\n\nbody\n", FALSE},
        {"Subject: x\n\nno end", "Subject: x\n\nno end\n", FALSE},
        {"Subject: x\n", "Subject: x\n\n", FALSE},
        {"Subject: x", "Subject: x\n\n", FALSE},
        {"", "error", FALSE},
        {"\n\nbody", "\n\nbody\n", FALSE},
        {"a: b\nBcc: x@y,\n z@w\nc: d\nResent-Bcc: u\n\n", "a: b\nc: d\n\n", FALSE},
        {"X-Tern-Draft: new; account=work\na: b\nx-tern-To: bob@,\n eve@x\nX-Tern: c\n\n",
         "a: b\nX-Tern: c\n\n", FALSE},
        {"From ada Mon Nov 30\na: b\n\nx\n", "a: b\n\nx\n", FALSE},
        {"a: b\n  folded\n\tas it is\n\nx\n", "a: b\n  folded\n\tas it is\n\nx\n", FALSE},
        {"no header here\n", "\nno header here\n", FALSE},
        {"a: b\n\nx\n.\ny\n", "a: b\n\nx\n.\ny\n", FALSE},
        {"a: b\n\nx\n.\ny\n", "a: b\n\nx\n", TRUE},
        {"a: b\r\n\r\nx\r\n.\r\ny\r\n", "a: b\n\nx\n", TRUE},
        {"a: b\n\n.x\n..\n. \ny.\n", "a: b\n\n.x\n..\n. \ny.\n", TRUE},
        {"a: b\n\nx\n.", "a: b\n\nx\n.\n", TRUE},
        {"Subject: caf\xc3\xa9\n\nx\n", "Subject: =?UTF-8?B?Y2Fmw6k=?=\n\nx\n", FALSE},
        {"Subject: caf\xe9\n\nx\n", "Subject: =?UTF-8?B?Y2Fmw6k=?=\n\nx\n", FALSE},
        {"To: J\xc3\xbcrgen <j@x>, k@y\n\nx\n", "To: =?UTF-8?B?SsO8cmdlbg==?= <j@x>, k@y\n\nx\n", FALSE},
        {"To: j\xc3\xbc@x.org\n\nx\n", "To: j\xc3\xbc@x.org\n\nx\n", FALSE},
        {"To: j@b\xc3\xbc.org\n\nx\n", "To: j@xn--b-eha.org\n\nx\n", FALSE},
        {"a: b\n\ncaf\xc3\xa9\n",
         "a: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
         "8bit\n\ncaf\xc3\xa9\n",
         FALSE},
        {"a: b\n\ncaf\xe9\n",
         "a: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=windows-1252\n"
         "Content-Transfer-Encoding: 8bit\n\ncaf\xe9\n",
         FALSE},
        {"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
         "8bit\n\n\xc3\xa9\n",
         "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
         "8bit\n\n\xc3\xa9\n",
         FALSE},
        {"a: b\n\nx\ry\n",
         "a: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: "
         "quoted-printable\n\nx=0Dy\n",
         FALSE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *out = outgoing(ROWS[i].in, strlen(ROWS[i].in), ROWS[i].dot_ends);
        if (strcmp(out, ROWS[i].out) != 0)
            fail_msg("%s: expected\n%s\ngot\n%s", ROWS[i].in, ROWS[i].out, out);
    }
    g_autofree char *nul = outgoing("a: b\n\nx\0y\n", 10, FALSE);
    assert_non_null(strstr(nul, "\n\nx=00y\n"));
}

/* However the bytes come: a header is one, and its recipients are found. */
static void test_pieces(void **state)
{
    static const char TEXT[] = "To: ada@x\nFrom: b@x\nBcc: c@x,\n d@x\nSubject: x\n\nbody: 1\nno end";
    static const char OUT[] = "To: ada@x\nFrom: b@x\nSubject: x\n\nbody: 1\nno end\n";
    g_autofree char *fill = g_strnfill(900, 'y'), *body = g_strnfill(3 << 19, 'z');
    g_autofree char *text = g_strconcat("a: ", fill, "\nb: ", fill, "\nc: ", fill, "\nd: ", fill,
                                        "\ne: ", fill, "\nBcc: c@x\n\nbody\n", NULL);

    (void)state;
    for (gsize at = 1; at < sizeof TEXT - 1; at++) {
        g_autofree char *cut = outgoing_of(pieces_of(TEXT, at, sizeof TEXT), FALSE);
        assert_string_equal(cut, OUT);
        const int in = pieces_of(TEXT, at, 1);
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        g_auto(GStrv) all = mime_outgoing_recipients(message, NULL);
        g_autofree char *joined = g_strjoinv(" ", all);
        assert_string_equal(joined, "ada@x c@x d@x");
        close(in);
    }
    for (gsize at = 4000; at < strlen(text); at++) { /* past what a pipe gives at once */
        g_autofree char *cut = outgoing_of(pieces_of(text, at, strlen(text)), FALSE);
        assert_null(strstr(cut, "Bcc"));
        assert_true(g_str_has_suffix(cut, "y\n\nbody\n"));
    }
    /* A body that is one line is no header that does not end. */
    g_autofree char *one_line = outgoing(body, 3 << 19, FALSE);
    assert_string_not_equal(one_line, "error");
}

/* Each part by itself; signed ones are left alone. */
static void test_parts(void **state)
{
    g_autofree char *line = g_strnfill(1200, 'y');
    g_autofree char *mixed = g_strconcat(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n", line,
        "\n--b\nContent-Type: image/x\n\n", line, "\n--b\nContent-Type: text/plain\n\nfine\n--b--\n", NULL);
    g_autofree char *is_signed =
        g_strconcat("MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n--b\n\n", line,
                    "\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n", NULL);
    g_autofree char *out = outgoing(mixed, strlen(mixed), FALSE);
    g_autofree char *kept = outgoing(is_signed, strlen(is_signed), FALSE);

    (void)state;
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    for (char **at = lines; *at; at++)
        assert_true(strlen(*at) <= 998);
    assert_non_null(strstr(out, "Content-Transfer-Encoding: quoted-printable"));
    assert_non_null(strstr(out, "Content-Type: image/x\nContent-Transfer-Encoding: base64\n\n"));
    assert_non_null(strstr(out, "Content-Type: text/plain\n\nfine\n--b--\n"));
    assert_string_equal(kept, is_signed);

    static const char ODD[] =
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\npre\ramble\n--b\n"
        "Content-Type: x/y; name=\"\xc3\xa9\"\n\nfine\n--b\n\ncaf\xc3\xa9\n--b--\nepi\rlogue\n";
    g_autofree char *mended = outgoing(ODD, strlen(ODD), FALSE);
    assert_string_equal(mended,
                        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n"
                        "Content-Type: x/y; name*=UTF-8''%C3%A9\n\nfine\n--b\n"
                        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
                        "caf\xc3\xa9\n--b--\nepilogue\n");
}

static void test_recipients(void **state)
{
    static const struct {
        const char *header, *recipients;
    } ROWS[] = {
        {"To: a@x\nCc: B <b@x>\nBcc: c@x\nTo: d@x\n\n", "a@x d@x"},
        {"To: a@x\nResent-To: r@x\nResent-Bcc: s@x\n\n", "r@x s@x"},
        {"To: group: a@x, b@x;, undisclosed:;\n\n", "a@x b@x"},
        {"To: a@b\xc3\xbc.org\n\n", "a@xn--b-eha.org"},
        {"Subject: To: a@x\n\nTo: b@x\n", ""},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const int in = file_of(ROWS[i].header, strlen(ROWS[i].header));
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        g_auto(GStrv) told = mime_outgoing_recipients(message, NULL);
        g_auto(GStrv) expected = g_strsplit(ROWS[i].recipients, " ", -1);
        for (char **address = expected; *address && **address; address++)
            assert_true(g_strv_contains((const char *const *)told, *address));
        if (i > 0)
            assert_int_equal(g_strv_length(told), *ROWS[i].recipients ? g_strv_length(expected) : 0);
        else
            assert_int_equal(g_strv_length(told), 4);
        close(in);
    }
}

/* Who sends it stands first; of one that is sent on, whoever sends it on. */
static void test_senders(void **state)
{
    static const struct {
        const char *header, *senders;
        gboolean is_resent;
    } ROWS[] = {
        {"From: a@x, B <b@x>\nTo: t@x\n\n", "a@x b@x", FALSE},
        {"From: a@x, b@x\nsender: b@x\n\n", "b@x a@x b@x", FALSE},
        {"From: o@y\nResent-From: r@x\nResent-To: t@x\n\n", "r@x o@y", TRUE},
        {"From: o@y\nSender: p@y\nResent-From: r@x\nResent-Sender: s@x\n\n", "s@x r@x p@y o@y", TRUE},
        {"From: o@b\xc3\xbc.org\nRESENT-TO: t@x\n\n", "o@xn--b-eha.org", TRUE},
        {"To: t@x\nResent: no\nX-Resent-From: r@x\n\nResent-From: r@x\n", "", FALSE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const int in = file_of(ROWS[i].header, strlen(ROWS[i].header));
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        g_auto(GStrv) senders = mime_outgoing_senders(message, NULL);
        g_autofree char *told = g_strjoinv(" ", senders);
        assert_string_equal(told, ROWS[i].senders);
        assert_int_equal(mime_outgoing_is_resent(message), ROWS[i].is_resent);
        close(in);
    }
}

/* What is missing of a message that is sent on stands before what is there; what is there stays. */
static void test_completion_resent(void **state)
{
    static const struct {
        const char *header, *added;
    } ROWS[] = {
        {"Resent-To: t@x\n", "Resent-From: Ada <ada@x>\nResent-Date: Mon, 30 Nov 2026 10:00:00 +0000\n"
                             "Resent-Message-ID: <"},
        {"Resent-To: t@x\nResent-From: r@x\n",
         "Resent-Date: Mon, 30 Nov 2026 10:00:00 +0000\nResent-Message-ID: <"},
        {"Resent-From: r@x\nResent-Date: x\nResent-Message-ID: <i@x>\n", ""},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *given = g_strconcat("Received: first\n", ROWS[i].header,
                                             "From: o@y\nDate: y\nMessage-ID: <o@y>\n\nbody\n", NULL);
        const int in = file_of(given, strlen(given)), out = memfd_create("out", MFD_CLOEXEC);
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        char text[1000] = "";
        mime_outgoing_complete(message, "Ada", "ada@x", 1796032800);
        assert_string_equal(mime_outgoing_message_id(message), "o@y");
        assert_true(mime_outgoing_write(message, out, NULL));
        assert_true(pread(out, text, sizeof text - 1, 0) > 0);
        g_autofree char *begins = g_strconcat("Received: first\n", ROWS[i].added, NULL);
        assert_memory_equal(text, begins, strlen(begins));
        assert_true(g_str_has_suffix(text, strstr(given, ROWS[i].header)));
        close(in);
        close(out);
    }
}

/* A line that is no field makes text of what follows: not silently where that names recipients. */
static void test_check(void **state)
{
    static const struct {
        const char *text;
        gboolean is_sound;
    } ROWS[] = {
        {"To: a@x\nBad Header: x\nBcc: e@x\n\nhi\n", FALSE},
        {"To: a@x\nbad\nmore\nX-Y: z\nresent-cc : e@x\n\nhi\n", FALSE},
        {"To: a@x\nbad\nBcc: e@x", FALSE},
        {"To: a@x\nNo empty line\nX-Y: z\n\nBcc: body\n", TRUE},
        {"To: a@x\n\nBad Header: x\nBcc: body\n", TRUE},
        {"To: a@x\nBcc: e@x\n", TRUE},
        {"no header\nTo: a@x\n\nhi\n", FALSE},
        {"no header, and none that names anybody\nX: y\n\nhi\n", TRUE},
        {"\nTo: a@x\n", TRUE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        for (gsize piece = 1; piece <= 64; piece *= 8) {
            const int in = pieces_of(ROWS[i].text, 1, piece);
            g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
            g_autoptr(GError) error = NULL;
            assert_int_equal(mime_outgoing_check(message, FALSE, &error), ROWS[i].is_sound);
            assert_true(ROWS[i].is_sound || (tern_error_is(error, TERN_ERROR_INPUT) &&
                                             strstr(error->message, "is no header field")));
            close(in);
        }
    /* Whom arguments name it goes to in any case; who is not to be told is not told to all. */
    const int in = pieces_of("To: a@x\nBad Header: x\nCc: c@x\n\nhi\n", 1, 64),
              hidden = pieces_of("To: a@x\nBad Header: x\nresent-bcc: e@x\n\nhi\n", 1, 64);
    g_autoptr(MimeOutgoing) told = mime_outgoing_read(in, FALSE, NULL),
                            kept = mime_outgoing_read(hidden, FALSE, NULL);
    assert_true(mime_outgoing_check(told, TRUE, NULL));
    assert_false(mime_outgoing_check(kept, TRUE, NULL));
    close(in);
    close(hidden);
}

/* Sent on twice: the newest block that names somebody counts, and what belongs to no other. */
static void test_sent_on_again(void **state)
{
    static const struct {
        const char *header, *recipients, *first_sender;
    } ROWS[] = {
        {"Received: x\nResent-To: carl@x\nResent-Cc: dora@x\nResent-Date: now\n"
         "Resent-To: me@x, boss@x\nResent-Bcc: eve@x\nResent-From: old@x\n",
         "carl@x dora@x", NULL},
        {"Resent-From: me@x\nReceived: x\nResent-To: carl@x\n", "carl@x", "me@x"},
        {"Resent-From: me@x\nResent-From: old@x\nResent-To: carl@x\n", "carl@x", "me@x"},
        {"Resent-From: me@x\nResent-To: carl@x\nResent-To: dora@x\nSubject: s\nResent-Bcc: eve@x\n",
         "carl@x dora@x eve@x", "me@x"},
        {"Resent-From: me@x\nResent-To: carl@x\nReceived: x\nResent-From: old@x\nResent-To: boss@x\n",
         "carl@x", "me@x"},
        {"Resent-From: me@x\nResent-Date: now\n", "all@x", "me@x"},
        {"Resent-From: me@x\nResent-To:\n", "", "me@x"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *text = g_strconcat(ROWS[i].header, "To: all@x\n\nhi\n", NULL);
        const int in = file_of(text, strlen(text));
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        g_auto(GStrv) recipients = mime_outgoing_recipients(message, NULL),
                      senders = mime_outgoing_senders(message, NULL);
        g_autofree char *all = g_strjoinv(" ", recipients);
        assert_string_equal(all, ROWS[i].recipients);
        if (ROWS[i].first_sender)
            assert_string_equal(senders[0], ROWS[i].first_sender);
        else
            assert_null(senders[0]);
        close(in);
    }
}

/* Nobody is left out silently: of too many in a field none gets it; fields count each by itself. */
static void test_many_recipients(void **state)
{
    static const struct {
        int first, second;
        const char *name;
        guint told; /* 0: refused */
        gboolean goes_out;
    } ROWS[] = {
        {2000, 0, "", 2000, TRUE},         {2001, 0, "", 0, TRUE},
        {2000, 1500, "", 3500, TRUE},      {0, 2001, "", 0, TRUE},
        {2000, 0, "\xc3\xa9", 2000, TRUE}, {2001, 0, "\xc3\xa9", 0, FALSE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GString) text = g_string_new("From: a@x\nTo: undisclosed:;");
        for (int k = 0; k < ROWS[i].first; k++)
            g_string_append_printf(text, ",\n %s <to%d@x.org>", ROWS[i].name, k);
        g_string_append(text, "\nCc: undisclosed:;");
        for (int k = 0; k < ROWS[i].second; k++)
            g_string_append_printf(text, ",\n cc%d@x.org", k);
        g_string_append(text, "\n\nx\n");
        const int in = file_of(text->str, text->len);
        g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) told = mime_outgoing_recipients(message, &error);
        assert_int_equal(told ? g_strv_length(told) : 0, ROWS[i].told);
        assert_true(told || tern_error_is(error, TERN_ERROR_LIMIT));
        g_autofree char *out = outgoing(text->str, text->len, FALSE);
        assert_int_equal(strcmp(out, "error") != 0, ROWS[i].goes_out);
        close(in);
    }
}

static void test_completion(void **state)
{
    const int in = file_of("Subject: x\n\ny\n", 14), out = memfd_create("out", MFD_CLOEXEC);
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
    char text[500] = "";

    (void)state;
    assert_null(mime_outgoing_message_id(message));
    mime_outgoing_complete(message, "J\xc3\xbcrgen, Dr.", "j@b\xc3\xbc.org", 1796032800);
    assert_true(mime_outgoing_write(message, out, NULL));
    assert_true(pread(out, text, sizeof text - 1, 0) > 0);
    assert_non_null(strstr(text, "\nFrom: =?UTF-8?B?SsO8cmdlbiwgRHIu?= <j@xn--b-eha.org>\n"));
    assert_non_null(strstr(text, "\nDate: Mon, 30 Nov 2026 10:00:00 +0000\n"));
    g_autofree char *id = g_strdup_printf("\nMessage-ID: <%s>\n", mime_outgoing_message_id(message));
    assert_non_null(strstr(text, id));
    assert_true(g_str_has_suffix(mime_outgoing_message_id(message), "@xn--b-eha.org"));
    close(in);
    close(out);
}

/* What is encoded comes back, is ASCII on one line, and a word of it has at most 75 bytes. */
static void test_text(void **state)
{
    static const char *const TEXTS[] = {
        "plain",
        "",
        "caf\xc3\xa9",
        "a caf\xc3\xa9 and more",
        "caf\xc3\xa9 caf\xc3\xa9",
        "caf\xc3\xa9 x caf\xc3\xa9 y",
        "=?utf-8?q?x?=",
        "  two  spaces  ",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
        "\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c"
        "\xac\xe8\xaa\x9e",
        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0"
        "\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autofree char *encoded = mime_encode_text(TEXTS[i]);
        g_autofree char *decoded = mime_word_decode(encoded, strlen(encoded), NULL, 10000);
        assert_string_equal(decoded, TEXTS[i]);
        assert_true(g_str_is_ascii(encoded) && !strpbrk(encoded, "\r\n"));
        g_auto(GStrv) words = g_strsplit(encoded, " ", -1);
        for (char **word = words; *word; word++)
            assert_true(strlen(*word) <= 75);
    }
    g_autofree char *injected = mime_encode_text("x\r\nBcc: eve@example.org\r\n\r\nbody");
    assert_null(strpbrk(injected, "\r\n"));
    g_autofree char *name = mime_encode_address("x\r\nBcc: eve@example.org", "a@b\r\nRCPT TO:<eve@x>");
    assert_null(strpbrk(name, "\r\n"));
}

static void test_values(void **state)
{
    static const struct {
        char *(*encode)(const char *text);
        const char *in, *out;
    } ROWS[] = {
        {mime_encode_phrase, "Ada Lovelace", "Ada Lovelace"},
        {mime_encode_phrase, "Lovelace, Ada", "\"Lovelace, Ada\""},
        {mime_encode_phrase, "a \"b\" \\", "\"a \\\"b\\\" \\\\\""},
        {mime_encode_phrase, "\xc3\xa9", "=?UTF-8?B?w6k=?="},
        {mime_encode_params, "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
        {mime_encode_params, "x/y; name=\"a;\xc3\xa9\\\"\"; z=1", "x/y; name*=UTF-8''a%3B%C3%A9%22; z=1"},
        {mime_encode_params, "x/y; name=\xc3\xa9", "x/y; name*=UTF-8''%C3%A9"},
        {mime_encode_params, "x/y; name=\"\xc3\xa9", "x/y; name*=UTF-8''%C3%A9"},
        {mime_encode_params, "\xc3\xa9", "\xc3\xa9"},
        {mime_ascii_domain, "a@b", "a@b"},
        {mime_ascii_domain, "\xc3\xa9@b", "\xc3\xa9@b"},
        {mime_ascii_domain, "a@\xc3\xa9.org", "a@xn--9ca.org"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *out = ROWS[i].encode(ROWS[i].in);
        assert_string_equal(out, ROWS[i].out);
    }
}

static void test_folding(void **state)
{
    static const struct {
        const char *value, *out;
    } ROWS[] = {
        {"x", "N: x\n"},
        {"", "N:\n"},
        {"  x  y ", "N: x  y \n"},
        {LONG_LINE, "N: " LONG_LINE "\n"},
        {LONG_LINE " " LONG_LINE, "N: " LONG_LINE "\n " LONG_LINE "\n"},
        {"a " LONG_LINE, "N: a\n " LONG_LINE "\n"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        mime_fold_field(out, "N", ROWS[i].value);
        assert_string_equal(out->str, ROWS[i].out);
    }
}

static void test_bodies(void **state)
{
    static const struct {
        const char *in, *out;
    } ROWS[] = {
        {"x\n", "x\n"},
        {"x", "x=\n"},
        {"a=b\n", "a=3Db\n"},
        {"end \n", "end=20\n"},
        {"\t\n", "=09\n"},
        {".\n", "=2E\n"},
        {"From x\nFront\n", "=46rom x\nFront\n"},
        {"\xc3\xa9\r\n", "=C3=A9=0D\n"},
        {LONG_LINE "\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx="
                         "\nxxxxxxxxxxxxxxxxxxxxxxxxx\n"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        mime_append_qp(out, ROWS[i].in, strlen(ROWS[i].in));
        assert_string_equal(out->str, ROWS[i].out);
    }
}

/* A part in a part in a part …, the innermost with a line that cannot go out as it is. */
static char *nested(guint depth)
{
    GString *text = g_string_new("From: a@b.org\nMIME-Version: 1.0\n");
    g_autofree char *line = g_strnfill(1200, 'x');

    for (guint i = 0; i < depth; i++)
        g_string_append_printf(text, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
    g_string_append_printf(text, "Content-Type: text/plain\n\n%s\n", line);
    while (depth-- > 0)
        g_string_append_printf(text, "--b%u--\n", depth);
    return g_string_free(text, FALSE);
}

/* What cannot be taken apart is not wrapped up as a text: it is refused. */
static void test_too_deep(void **state)
{
    g_autofree char *some = nested(20), *many = nested(200);
    g_autofree char *mended = outgoing(some, strlen(some), FALSE);
    const int in = file_of(many, strlen(many)), out = memfd_create("out", MFD_CLOEXEC);
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, FALSE, NULL);
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_non_null(
        strstr(mended, "--b19\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-print"));
    assert_false(mime_outgoing_write(message, out, &error));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
    assert_string_equal(error->message,
                        "the message cannot be made fit to be sent: its parts are nested too deeply");
    close(in);
    close(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_recipients),
        cmocka_unit_test(test_senders),
        cmocka_unit_test(test_completion_resent),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_sent_on_again),
        cmocka_unit_test(test_many_recipients),
        cmocka_unit_test(test_completion),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
