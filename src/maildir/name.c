/* name.c - see name.h. */
#include "maildir/name.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/utf7.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define INFO ":2,"
/* What stands between levels, and so not in one. */
#define LEVELS "."
/* Of one entry of a folder, as Linux' file systems have it. */
#define ENTRY_BYTES_MAX 255

static const struct {
    char letter;
    MaildirFlag flag;
} FLAGS[] = {{'D', MAILDIR_DRAFT},    {'F', MAILDIR_FLAGGED}, {'P', MAILDIR_FORWARDED},
             {'R', MAILDIR_ANSWERED}, {'S', MAILDIR_SEEN},    {'T', MAILDIR_DELETED}};

static uint32_t flag_of(char letter)
{
    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        if (FLAGS[i].letter == letter)
            return FLAGS[i].flag;
    return 0;
}

MaildirNamed maildir_name_parse(const char *name)
{
    const char *colon = strchr(name, ':');
    MaildirNamed named = {colon ? (gsize)(colon - name) : strlen(name), 0, 0};

    if (!colon || strncmp(colon, INFO, strlen(INFO)) != 0)
        return named;
    for (const char *at = colon + strlen(INFO); *at && *at != ','; at++) {
        named.flags |= flag_of(*at);
        if (g_ascii_islower(*at))
            named.letters |= 1u << (*at - 'a');
    }
    return named;
}

/* Letters of the name before that mean nothing here. */
static void mark_unknown(gboolean set[256], const char *like)
{
    const char *at = like ? strchr(like, ':') : NULL;

    if (!at || strncmp(at, INFO, strlen(INFO)) != 0)
        return;
    for (at += strlen(INFO); *at && *at != ','; at++)
        if (g_ascii_isgraph(*at) && !flag_of(*at) && !g_ascii_islower(*at))
            set[(guchar)*at] = TRUE;
}

char *maildir_name_make(const char *base, uint32_t flags, uint32_t letters, const char *like)
{
    gboolean set[256] = {FALSE};
    GString *name = g_string_new(base);

    mark_unknown(set, like);
    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        set[(guchar)FLAGS[i].letter] = (flags & FLAGS[i].flag) != 0;
    for (guint i = 0; i < 26; i++)
        set['a' + i] = (letters >> i & 1) != 0;
    g_string_append(name, INFO);
    const gsize bare = name->len;
    for (int c = '!'; c < 0x7f; c++) /* in ASCII order, as the format wants it */
        if (set[c])
            g_string_append_c(name, (char)c);
    if (name->len == bare && !(like && strchr(like, ':')))
        g_string_truncate(name, strlen(base));
    return g_string_free(name, FALSE);
}

static void append_host(GString *name)
{
    char host[256] = "localhost";

    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        strcpy(host, "localhost");
    for (const char *at = host; *at && at - host < 64; at++) {
        if (*at == '/' || *at == ':')
            g_string_append_printf(name, "\\%03o", *at);
        else
            g_string_append_c(name, *at);
    }
}

char *maildir_new_base(void)
{
    static atomic_uint counter;
    GString *name = g_string_new(NULL);
    const int64_t now_us = g_get_real_time();
    guint64 chance = 0;

    /* Without chance (early at boot) the rest still differs. */
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
        chance = (guint64)now_us;
    g_string_printf(name, "%" G_GINT64_FORMAT ".M%" G_GINT64_FORMAT "P%dQ%uR%016" G_GINT64_MODIFIER "x.",
                    now_us / 1000000, now_us % 1000000, (int)getpid(), atomic_fetch_add(&counter, 1), chance);
    append_host(name);
    return g_string_free(name, FALSE);
}

/* ---- folders ---- */

gboolean maildir_is_raw_name(const char *entry)
{
    const gsize size = strlen(entry);

    return size > 1 && *entry == '.' && entry[size - 1] != '.' && !strstr(entry, "..");
}

/* Control characters cannot be spelled in modified UTF-7. */
static gboolean is_text(const char *name)
{
    for (const char *at = name; *at; at++)
        if ((guchar)*at < ' ')
            return FALSE;
    return g_utf8_validate(name, -1, NULL);
}

char *maildir_raw_name(const char *name, GError **error)
{
    g_autoptr(GString) raw = g_string_new(NULL);

    if (g_ascii_strcasecmp(name, "INBOX") == 0)
        return g_strdup(MAILDIR_INBOX);
    g_auto(GStrv) levels = g_strsplit(is_text(name) ? name : "", "/", -1);
    for (char **level = levels; *level; level++) {
        g_autofree char *encoded = utf7_encode(*level, LEVELS);
        g_string_append_printf(raw, ".%s", encoded);
    }
    if (!maildir_is_raw_name(raw->str) || raw->len > ENTRY_BYTES_MAX) {
        tern_error_set(
            error, TERN_ERROR_INPUT,
            _("a folder of a Maildir cannot be called so; take a shorter name without empty levels"));
        return NULL;
    }
    return g_strdup(raw->str);
}

/* Each level by itself, so that none that is spelled strangely takes another's name. */
static gboolean append_level(GString *name, const char *level)
{
    g_autofree char *decoded = utf7_decode(level, LEVELS);
    const gboolean is_ours = decoded && !strchr(decoded, '/');

    g_string_append(name, is_ours ? decoded : level);
    return is_ours;
}

char *maildir_show_name(const char *raw_name)
{
    if (strcmp(raw_name, MAILDIR_INBOX) == 0)
        return g_strdup("INBOX");
    g_auto(GStrv) levels = g_strsplit(raw_name + 1, LEVELS, -1);
    g_autoptr(GString) name = g_string_new(NULL);
    gboolean is_ours = TRUE;
    for (char **level = levels; *level; level++) {
        if (level != levels)
            g_string_append_c(name, '/');
        is_ours &= append_level(name, *level);
    }
    /* A name that cannot be made back into its raw one is shown as that, which no folder of ours can be
     * called. */
    if (g_ascii_strcasecmp(name->str, "INBOX") == 0)
        is_ours = FALSE;
    return is_ours ? g_strdup(name->str) : utf7_show(raw_name);
}
