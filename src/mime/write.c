/* write.c - see write.h. Fields are made of tokens that are put on lines; encoded words are in write_word.c.
 * */
#include "mime/write.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mime/write_word.h"

#include <string.h>

#define FOLD_COLUMNS 78
/* The most that stands in one References field: some servers end at 8 KB for a field. */
#define IDS_BYTES 4000

MimeMailbox *mime_mailbox_new(const char *group, const char *name, const char *address)
{
    MimeMailbox *mailbox = g_new0(MimeMailbox, 1);

    *mailbox = (MimeMailbox){g_strdup(group), g_strdup(name), g_strdup(address)};
    return mailbox;
}

void mime_mailbox_free(MimeMailbox *mailbox)
{
    g_free(mailbox->group);
    g_free(mailbox->name);
    g_free(mailbox->address);
    g_free(mailbox);
}

/* ---- what may be in a field at all ---- */

static gboolean is_clean(const char *field, const char *text, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("%s: this is no UTF-8 text"), field);
        return FALSE;
    }
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\t' || (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0x2028 && c != 0x2029))
            continue;
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("%s: a line end or another control character has no place in a header field"),
                       field);
        return FALSE;
    }
    return TRUE;
}

/* ---- tokens on lines ---- */

typedef struct {
    GString *out;
    gsize line;  /* where the line begins */
    gsize start; /* of the field in `out`, to take it back */
    gboolean is_first;
} Field;

static Field field_begin(GString *out, const char *name)
{
    Field field = {out, out->len, out->len, TRUE};

    g_string_append(out, name);
    g_string_append_c(out, ':');
    return field;
}

/* `blanks`: what stands before the token (where a line may end), usually " ". Only blanks before the first
 * token never begin a line, so that no line is blank. */
static void field_token(Field *field, const char *blanks, const char *token)
{
    gsize columns = field->out->len - field->line + strlen(blanks) + strlen(token);

    if (*blanks && columns > FOLD_COLUMNS && (!field->is_first || columns > 900)) {
        g_string_append_c(field->out, '\n');
        field->line = field->out->len;
    }
    g_string_append(field->out, blanks);
    g_string_append(field->out, token);
    field->is_first = FALSE;
}

/* What is left of the line for a token behind that many blanks. */
static gsize field_room(const Field *field, gsize blanks)
{
    gsize used = field->out->len - field->line + blanks;

    return used < FOLD_COLUMNS ? FOLD_COLUMNS - used : 0;
}

static gboolean field_end(Field *field, gboolean ok)
{
    if (ok)
        g_string_append_c(field->out, '\n');
    else
        g_string_truncate(field->out, field->start);
    return ok;
}

/* ---- text ---- */

/* Words of text with the blanks before them: those that need no encoding as they are, runs of those that do
 * as encoded words, the blanks between them inside. */
static void write_words(Field *field, const char *text, MimeWordPlace place)
{
    const char *blanks_from = text;

    while (*text) {
        const char *word = text + strspn(text, " \t");
        const char *end = word + strcspn(word, " \t");
        const char *run_end = NULL;
        if (!*word)
            return;
        for (const char *at = word, *to = end;
             *at && mime_word_needs_encoding(at, (gsize)(to - at), place);) {
            run_end = to;
            at = to + strspn(to, " \t");
            to = at + strcspn(at, " \t");
        }
        g_autofree char *blanks =
            blanks_from == word ? g_strdup(" ") : g_strndup(blanks_from, (gsize)(word - blanks_from));
        if (run_end) {
            g_auto(GStrv) encoded =
                mime_word_encode(word, (gsize)(run_end - word), place, field_room(field, strlen(blanks)));
            for (int i = 0; encoded[i]; i++)
                field_token(field, i ? " " : blanks, encoded[i]);
        } else {
            g_autofree char *plain = g_strndup(word, (gsize)(end - word));
            field_token(field, blanks, plain);
        }
        text = blanks_from = run_end ? run_end : end;
    }
}

/* RFC 5322 3.6.8: ftext. */
static gboolean is_field_name(const char *name, GError **error)
{
    gsize n = strlen(name);
    gboolean ok = n > 0 && n < FOLD_COLUMNS;

    for (gsize i = 0; i < n; i++)
        ok &= name[i] > ' ' && name[i] < 0x7f && name[i] != ':';
    if (!ok)
        tern_error_set(error, TERN_ERROR_INPUT, _("this is no name of a header field"));
    return ok;
}

gboolean mime_write_text(GString *out, const char *name, const char *text, GError **error)
{
    if (!is_field_name(name, error) || !is_clean(name, text, error))
        return FALSE;
    g_autofree char *stripped = g_strstrip(g_strdup(text));
    Field field = field_begin(out, name);
    write_words(&field, stripped, MIME_WORD_TEXT);
    if (field.is_first)
        g_string_append_c(out, ' ');
    return field_end(&field, TRUE);
}

/* ---- addresses ---- */

char *mime_address_ascii_domain(const char *address, GError **error)
{
    const char *at = strrchr(address, '@');

    if (!at || at == address || !at[1]) {
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” is no address"), address);
        return NULL;
    }
    g_autofree char *domain =
        g_hostname_is_non_ascii(at + 1) ? g_hostname_to_ascii(at + 1) : g_strdup(at + 1);
    if (!domain) {
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” is no domain that mail could go to"), at + 1);
        return NULL;
    }
    return g_strdup_printf("%.*s@%s", (int)(at - address), address, domain);
}

static gboolean is_phrase_plain(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr("!#$%&'*+-/=?^_`{|}~ ", *at))
            return FALSE;
    return !strstr(name, "=?") && !strstr(name, "  ") && *name && *name != ' ' &&
           name[strlen(name) - 1] != ' ';
}

static char *quoted(const char *text)
{
    GString *out = g_string_new("\"");

    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text == '\t' ? ' ' : *text);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

/* A display name or a group's (RFC 5322: phrase): as it is, in quotes, or encoded. */
static void write_phrase(Field *field, const char *name)
{
    gboolean is_short_ascii = g_str_is_ascii(name) && strlen(name) < 200 && !strstr(name, "=?");

    if (is_short_ascii && !is_phrase_plain(name)) {
        g_autofree char *token = quoted(name);
        field_token(field, " ", token);
    } else if (is_short_ascii) {
        g_auto(GStrv) words = g_strsplit(name, " ", -1);
        for (int i = 0; words[i]; i++)
            field_token(field, " ", words[i]);
    } else {
        g_auto(GStrv) encoded = mime_word_encode(name, strlen(name), MIME_WORD_PHRASE, field_room(field, 1));
        for (int i = 0; encoded[i]; i++)
            field_token(field, " ", encoded[i]);
    }
}

/* What ends an element, glued to its last token, since a line may end before a blank only. */
static gboolean write_mailbox(Field *field, const MimeMailbox *mailbox, const char *end, GError **error)
{
    g_autofree char *address = mime_address_ascii_domain(mailbox->address, error);

    if (!address)
        return FALSE;
    if (strlen(address) > LIMIT_ADDRESS_BYTES) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the address “%.40s…” is too long"), address);
        return FALSE;
    }
    gboolean has_name = mailbox->name && *mailbox->name;
    g_autofree char *token = g_strconcat(has_name ? "<" : "", address, has_name ? ">" : "", end, NULL);
    if (has_name)
        write_phrase(field, mailbox->name);
    field_token(field, " ", token);
    return TRUE;
}

static gboolean are_clean(const char *name, const GPtrArray *mailboxes, GError **error)
{
    for (guint i = 0; i < mailboxes->len; i++) {
        const MimeMailbox *mailbox = mailboxes->pdata[i];
        if ((mailbox->group && !is_clean(name, mailbox->group, error)) ||
            (mailbox->name && !is_clean(name, mailbox->name, error)) ||
            (mailbox->address && !is_clean(name, mailbox->address, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean mime_write_addresses(GString *out, const char *name, const GPtrArray *mailboxes, GError **error)
{
    gboolean ok = are_clean(name, mailboxes, error);

    if (!mailboxes->len || !ok)
        return ok;
    Field field = field_begin(out, name);
    const char *group = NULL;
    for (guint i = 0; i < mailboxes->len && ok; i++) {
        const MimeMailbox *mailbox = mailboxes->pdata[i];
        const MimeMailbox *next = i + 1 < mailboxes->len ? mailboxes->pdata[i + 1] : NULL;
        gboolean ends_group = mailbox->group && (!next || g_strcmp0(next->group, mailbox->group) != 0 ||
                                                 !mailbox->address || !next->address);
        const char *end = ends_group ? (next ? ";," : ";") : next ? "," : "";
        if (mailbox->group && g_strcmp0(group, mailbox->group) != 0) {
            write_phrase(&field, mailbox->group);
            /* An encoded word ends at a blank (RFC 2047 5). */
            g_string_append(out, g_str_has_suffix(out->str, "?=") ? " :" : ":");
        }
        group = ends_group ? NULL : mailbox->group;
        if (mailbox->address)
            ok = write_mailbox(&field, mailbox, end, error);
        else
            g_string_append(out, end);
    }
    return field_end(&field, ok);
}

char *mime_mailbox_format(const MimeMailbox *mailbox)
{
    const char *address = mailbox->address ? mailbox->address : "";

    if (!mailbox->name || !*mailbox->name)
        return g_strdup(address);
    gboolean is_plain = TRUE;
    for (const char *at = mailbox->name; *at; at++)
        is_plain &= !strchr("()<>[]:;@\\,\".", *at);
    g_autofree char *name = is_plain ? g_strdup(mailbox->name) : quoted(mailbox->name);
    return g_strdup_printf("%s <%s>", name, address);
}

/* ---- Message-IDs, dates ---- */

static gboolean is_id(const char *id)
{
    gsize length = strlen(id);

    for (const char *at = id; *at; at++)
        if (*at <= ' ' || *at == 0x7f || *at == '<' || *at == '>' || *at < 0)
            return FALSE;
    return length > 0 && length < 900;
}

void mime_write_ids(GString *out, const char *name, const char *const *ids)
{
    guint n = ids ? g_strv_length((char **)ids) : 0, from = n;
    gsize bytes = 0;

    while (from > 0 && bytes + strlen(ids[from - 1]) < IDS_BYTES)
        bytes += strlen(ids[--from]) + 3;
    Field field = field_begin(out, name);
    for (guint i = 0; i < n; i++) {
        if ((i > 0 && i < from) || !is_id(ids[i])) /* what could stand in no field is no use to anybody */
            continue;
        g_autofree char *token = g_strdup_printf("<%s>", ids[i]);
        field_token(&field, " ", token);
    }
    if (field.is_first)
        g_string_truncate(out, field.start);
    else
        g_string_append_c(out, '\n');
}

void mime_write_date(GString *out, const char *name, int64_t time_s, int offset_min)
{
    static const char *const DAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(CLAMP(time_s, 0, INT64_C(253402300799)));
    g_autoptr(GDateTime) local = g_date_time_add_minutes(utc, offset_min);
    const GDateTime *when = local ? local : utc;
    int east = local ? offset_min : 0;

    g_string_append_printf(
        out, "%s: %s, %d %s %d %02d:%02d:%02d %c%02d%02d\n", name,
        DAYS[g_date_time_get_day_of_week((GDateTime *)when) - 1],
        g_date_time_get_day_of_month((GDateTime *)when), MONTHS[g_date_time_get_month((GDateTime *)when) - 1],
        g_date_time_get_year((GDateTime *)when), g_date_time_get_hour((GDateTime *)when),
        g_date_time_get_minute((GDateTime *)when), g_date_time_get_second((GDateTime *)when),
        east < 0 ? '-' : '+', ABS(east) / 60, ABS(east) % 60);
}

/* ---- parameters ---- */

#define PIECE_BYTES 44 /* of an encoded parameter: it fits a line with its name and number */

static gboolean is_token(const char *value)
{
    for (const char *at = value; *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr("!#$&+-.^_`{|}~", *at))
            return FALSE;
    return *value != '\0';
}

static void append_percent(GString *piece, const char *character, gsize bytes)
{
    for (gsize i = 0; i < bytes; i++) {
        guchar c = (guchar)character[i];
        if (g_ascii_isalnum(c) || strchr("!#$&+-.^_`{|}~", c))
            g_string_append_c(piece, (char)c);
        else
            g_string_append_printf(piece, "%%%02X", c);
    }
}

/* In pieces that end between characters, since there are readers that decode each by itself. */
static void write_encoded(Field *field, const char *name, const char *value)
{
    g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(g_free);

    while (*value) {
        GString *piece = g_string_new(NULL);
        for (const char *next; *value && piece->len < PIECE_BYTES; value = next) {
            next = g_utf8_next_char(value);
            append_percent(piece, value, (gsize)(next - value));
        }
        g_ptr_array_add(pieces, g_string_free(piece, FALSE));
    }
    for (guint i = 0; i < pieces->len; i++) {
        g_autofree char *number = pieces->len > 1 ? g_strdup_printf("*%u", i) : g_strdup("");
        g_autofree char *token =
            g_strdup_printf("%s%s*=%s%s", name, number, i ? "" : "utf-8''", (const char *)pieces->pdata[i]);
        g_string_append_c(field->out, ';');
        field_token(field, " ", token);
    }
}

gboolean mime_write_value(GString *out, const char *name, const char *value, const char *const *parameters,
                          GError **error)
{
    Field field = field_begin(out, name);
    gboolean ok = *value != '\0';

    for (const char *at = value; *at; at++)
        ok &= *at > ' ' && *at < 0x7f && !strchr("()<>@,;:\\\"", *at);
    if (!ok)
        tern_error_set(error, TERN_ERROR_INPUT, _("%s: this is no value"), name);
    field_token(&field, " ", value);
    for (int i = 0; ok && parameters && parameters[i]; i += 2) {
        const char *text = parameters[i + 1];
        ok = is_clean(parameters[i], text, error);
        if (!ok)
            break;
        gboolean is_plain =
            g_str_is_ascii(text) && strlen(text) <= 60 && !strchr(text, '\t') && !strstr(text, "=?");
        g_autofree char *words = is_plain && !is_token(text) ? quoted(text) : g_strdup(text);
        g_autofree char *token = g_strdup_printf("%s=%s", parameters[i], words);
        if (!is_plain) {
            write_encoded(&field, parameters[i], text);
            continue;
        }
        g_string_append_c(out, ';');
        field_token(&field, " ", token);
    }
    return field_end(&field, ok);
}
