/*
 * compose-random.c - writes COUNT messages of chance into FOLDER, as the composer would: N.eml and N.json
 * (what was meant), for tests/server/test_compose.py, where another program's parser reads them.
 *
 *     compose-random FOLDER COUNT SEED
 */
#include "compose/address.h"
#include "compose/message.h"
#include "cli/json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static GRand *chance;

static const char *one_of(const char *const *words)
{
    return words[g_rand_int_range(chance, 0, (gint32)g_strv_length((char **)words))];
}

static const char *const WORDS[] = {"lunch",
                                    "Grüße",
                                    "Zoë",
                                    "Łukasz",
                                    "田中太郎",
                                    "שלום",
                                    "Привет",
                                    "❤️",
                                    "🏳️‍🌈",
                                    "=?utf-8?q?x?=",
                                    "naïve",
                                    "a",
                                    "\"quoted\"",
                                    "back\\slash",
                                    "(comment)",
                                    "comma,",
                                    "semi;colon",
                                    "<angle>",
                                    "at@sign",
                                    "x=y?z_",
                                    "ﬁ",
                                    "é",
                                    "Nguyễn",
                                    "from",
                                    "From",
                                    ".",
                                    "--",
                                    "=20",
                                    "100%",
                                    "co-op",
                                    "ϕ",
                                    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
                                    NULL};
static const char *const LOCALS[] = {"ada",     "zoe.bronte", "o'neill", "a+b", "x_y",
                                     "\"a b\"", "\"a,b\"",    "=",       NULL};
static const char *const DOMAINS[] = {"example.org",
                                      "bücher.example",
                                      "例え.example",
                                      "a-b.example.com",
                                      "[192.0.2.1]",
                                      "xn--bcher-kva.example",
                                      NULL};
static const char *const GROUPS[] = {NULL, "Team", "Grüppchen", "A, B", NULL};

static char *words(int most, const char *between)
{
    GString *text = g_string_new(NULL);

    for (int n = g_rand_int_range(chance, 0, most + 1); n > 0; n--)
        g_string_append_printf(text, "%s%s", text->len ? between : "", one_of(WORDS));
    if (g_rand_int_range(chance, 0, 40) == 0) {
        g_autofree char *much = g_strnfill((gsize)g_rand_int_range(chance, 900, 3000), 'x');
        g_string_append(text, much);
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *people(int most)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    const char *group = NULL;

    for (int n = g_rand_int_range(chance, 0, most + 1); n > 0; n--) {
        g_autofree char *name = words(3, " ");
        g_autofree char *address = g_strdup_printf("%s@%s", one_of(LOCALS), one_of(DOMAINS));
        if (g_rand_int_range(chance, 0, 4) == 0)
            group = GROUPS[g_rand_int_range(chance, 0, 4)];
        g_ptr_array_add(list, mime_mailbox_new(group, name, address));
    }
    return list;
}

static void set_people(Draft *draft, DraftField field, int most)
{
    g_autoptr(GPtrArray) list = people(most);
    g_autofree char *text = compose_addresses_format(list);

    draft_set(draft, field, text);
}

static char *body(void)
{
    GString *text = g_string_new(NULL);

    for (int n = g_rand_int_range(chance, 0, 12); n > 0; n--) {
        g_autofree char *line = words(g_rand_int_range(chance, 0, 60), " ");
        static const char *const BEGINS[] = {"", "", "", "> ", ">> ", " ", "From ", ".", "-- \n", NULL};
        g_string_append_printf(text, "%s%s%s", one_of(BEGINS), line,
                               n > 1 || g_rand_boolean(chance) ? "\n" : "");
    }
    return g_string_free(text, FALSE);
}

/* A file of chance: bytes, text, or a whole message. */
static void attach(Draft *draft, const char *folder, int number)
{
    g_autofree char *name = words(4, " ");
    g_autofree char *base = g_strdup_printf("%d.%d", number, (int)draft->attachments->len);
    g_autofree char *path = g_build_filename(folder, base, NULL);
    static const char *const TYPES[] = {"application/pdf", "text/plain", "message/rfc822", "image/png", NULL};
    const char *type = one_of(TYPES);
    g_autofree char *text = body();
    g_autoptr(GString) bytes = g_string_new(g_str_equal(type, "message/rfc822") ? "Subject: x\n\n" : "");

    if (g_str_has_prefix(type, "text/") || g_str_has_prefix(type, "message/"))
        g_string_append(bytes, text);
    else
        for (int n = g_rand_int_range(chance, 0, 5000); n > 0; n--)
            g_string_append_c(bytes, (char)g_rand_int_range(chance, 0, 256));
    if (!g_file_set_contents(path, bytes->str, (gssize)bytes->len, NULL) ||
        !draft_attach(draft, path, *name ? name : "x", type, NULL))
        abort();
}

static void write_meant(const Draft *draft, const char *folder, int number)
{
    g_auto(CliJson) json = {0};
    g_autofree char *base = g_strdup_printf("%d.json", number);
    g_autofree char *path = g_build_filename(folder, base, NULL);

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "subject", draft->fields[DRAFT_SUBJECT]);
    cli_json_string(&json, "body", draft->body);
    cli_json_string(&json, "message_id", draft->message_id);
    cli_json_begin_array(&json, "attachments");
    for (guint i = 0; i < draft->attachments->len; i++) {
        const DraftAttachment *attachment = draft->attachments->pdata[i];
        cli_json_begin(&json, NULL);
        cli_json_string(&json, "name", attachment->name);
        cli_json_string(&json, "path", attachment->path);
        cli_json_end(&json);
    }
    cli_json_end(&json);
    cli_json_end(&json);
    if (!g_file_set_contents(path, json.text->str, (gssize)json.text->len, NULL))
        abort();
}

static void compose(const char *folder, int number)
{
    g_autoptr(Draft) draft = draft_new(NULL);
    g_autofree char *subject = words(12, " "), *text = body(), *base = g_strdup_printf("%d.eml", number);
    g_autofree char *path = g_build_filename(folder, base, NULL);
    const ComposeOptions options = {
        .now_s = 1795608000 + number, .is_flowed = number % 2 == 0, .may_8bit = number % 5 == 0};
    g_autoptr(GError) error = NULL;

    draft_set(draft, DRAFT_FROM,
              number % 3 ? "Ada Lovelace <ada@example.org>" : "Zoë, die Erste <zoe@bücher.example>");
    if (number % 3 == 0)
        draft_set(draft, DRAFT_FROM, "\"Zoë, die Erste\" <zoe@bücher.example>");
    set_people(draft, DRAFT_TO, 6);
    set_people(draft, DRAFT_CC, 3);
    set_people(draft, DRAFT_REPLY_TO, 1);
    draft_set(draft, DRAFT_SUBJECT, subject);
    draft_set_body(draft, text, strlen(text));
    draft->is_markdown = number % 4 == 1;
    for (int n = g_rand_int_range(chance, -2, 4); n > 0; n--)
        attach(draft, folder, number);
    g_autoptr(DraftAddresses) addresses = draft_check(draft, FALSE, NULL, NULL, &error);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!addresses || !compose_message_write(draft, addresses, &options, fd, &error))
        g_error("%d: %s", number, error->message);
    close(fd);
    write_meant(draft, folder, number);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    chance = g_rand_new_with_seed((guint32)atoi(argv[3]));
    for (int i = 0; i < atoi(argv[2]); i++)
        compose(argv[1], i);
    g_rand_free(chance);
    return 0;
}
