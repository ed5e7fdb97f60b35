/* outbox_envelope.c - see outbox.h and outbox_private.h: an envelope as a value and as a file (GKeyFile's
 * syntax). */
#include "maildir/outbox_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>

static const char *const STATES[] = {
    [OUTBOX_HELD] = "held", [OUTBOX_QUEUED] = "queued", [OUTBOX_SENDING] = "sending",
    [OUTBOX_SENT] = "sent", [OUTBOX_FAILED] = "failed", [OUTBOX_UNKNOWN] = "unknown",
};
static const char *const FATES[] = {
    [OUTBOX_WAITING] = "waiting", [OUTBOX_TAKEN] = "taken", [OUTBOX_REFUSED] = "refused"};

const char *outbox_state_name(OutboxState state)
{
    return STATES[state];
}

/* ---- the value ---- */

static void recipient_free(gpointer data)
{
    OutboxRecipient *recipient = data;

    g_free(recipient->address);
    g_free(recipient->reason);
    g_free(recipient);
}

OutboxEnvelope *outbox_envelope_new(const char *account, const char *sender)
{
    OutboxEnvelope *envelope = g_new0(OutboxEnvelope, 1);

    envelope->account = g_strdup(account);
    envelope->sender = g_strdup(sender);
    envelope->recipients = g_ptr_array_new_with_free_func(recipient_free);
    envelope->state = OUTBOX_QUEUED;
    return envelope;
}

void outbox_envelope_free(OutboxEnvelope *envelope)
{
    if (!envelope)
        return;
    g_ptr_array_unref(envelope->recipients);
    g_free(envelope->account);
    g_free(envelope->sender);
    g_free(envelope->error);
    g_free(envelope->subject);
    g_free(envelope->message_id);
    g_free(envelope->copy_to);
    g_free(envelope->bcc);
    g_free(envelope->original_id);
    g_free(envelope);
}

void outbox_envelope_add(OutboxEnvelope *envelope, const char *address)
{
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (!g_ascii_strcasecmp(recipient->address, address))
            return;
    }
    OutboxRecipient *recipient = g_new0(OutboxRecipient, 1);
    recipient->address = g_strdup(address);
    g_ptr_array_add(envelope->recipients, recipient);
}

guint outbox_envelope_count(const OutboxEnvelope *envelope, OutboxFate fate)
{
    guint n = 0;

    for (guint i = 0; i < envelope->recipients->len; i++)
        n += ((OutboxRecipient *)envelope->recipients->pdata[i])->fate == fate;
    return n;
}

const char *outbox_envelope_subject(const OutboxEnvelope *envelope)
{
    return envelope->subject && *envelope->subject ? envelope->subject : _("(no subject)");
}

gboolean outbox_may_go(const OutboxEnvelope *envelope)
{
    return envelope->state == OUTBOX_QUEUED || (envelope->state == OUTBOX_HELD && envelope->not_before_s > 0);
}

/* ---- waiting ---- */

void outbox_wait(OutboxEnvelope *envelope, int64_t seconds)
{
    envelope->not_before_s = clock_wall_s() + seconds;
    envelope->wait_boot_us = clock_boot_us() + seconds * SECOND_US;
}

/* A time that a person named stands. The clock since boot has come as far as `wait_boot_us` only when at least
 * that time has passed, be it after another start of the machine; before that start it says nothing. */
static void bound_wait(OutboxEnvelope *envelope)
{
    const int64_t left_us = envelope->wait_boot_us - clock_boot_us();

    if (!envelope->wait_boot_us || (envelope->state == OUTBOX_HELD && !envelope->is_undoable))
        return;
    /* up to a whole second, as the wall's clock counts them */
    const int64_t left_s = left_us > 0 ? (left_us + SECOND_US - 1) / SECOND_US : 0;
    envelope->not_before_s = MIN(envelope->not_before_s, clock_wall_s() + left_s);
}

/* ---- the file ---- */

#define MAIN "envelope"

typedef struct {
    const char *key;
    gsize offset;
} Field;
#define FIELD(key, name)                                                                                     \
    {                                                                                                        \
        key, offsetof(OutboxEnvelope, name)                                                                  \
    }

static const Field TEXTS[] = {
    FIELD("account", account), FIELD("sender", sender),           FIELD("error", error),
    FIELD("subject", subject), FIELD("message-id", message_id),   FIELD("copy-to", copy_to),
    FIELD("bcc", bcc),         FIELD("original-id", original_id),
};
static const Field NUMBERS[] = {
    FIELD("not-before", not_before_s), FIELD("wait-boot", wait_boot_us), FIELD("queued", queued_s),
    FIELD("answers", answers),         FIELD("forwards", forwards),
};
static const Field COUNTS[] = {FIELD("tries", tries), FIELD("notify", notify), FIELD("returns", returned)};
static const Field SWITCHES[] = {
    FIELD("marked", is_marked), FIELD("requires-tls", requires_tls),
    FIELD("copy", wants_copy),  FIELD("copying", is_copying),
    FIELD("gone", is_gone),     FIELD("undoable", is_undoable),
};

#define AT(type, envelope, field) ((type *)(void *)((char *)(envelope) + (field)->offset))

static void write_text(GKeyFile *file, const char *group, const char *key, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    if (valid)
        g_key_file_set_string(file, group, key, valid);
}

static void write_recipients(GKeyFile *file, const OutboxEnvelope *envelope)
{
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        g_autofree char *group = g_strdup_printf("recipient %u", i);
        write_text(file, group, "address", recipient->address);
        write_text(file, group, "fate", FATES[recipient->fate]);
        write_text(file, group, "reason", recipient->reason);
    }
}

static GKeyFile *to_key_file(const OutboxEnvelope *envelope)
{
    GKeyFile *file = g_key_file_new();

    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        write_text(file, MAIN, TEXTS[i].key, *AT(char *, envelope, &TEXTS[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(NUMBERS); i++)
        g_key_file_set_int64(file, MAIN, NUMBERS[i].key, *AT(int64_t, envelope, &NUMBERS[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(COUNTS); i++)
        g_key_file_set_int64(file, MAIN, COUNTS[i].key, *AT(guint, envelope, &COUNTS[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(SWITCHES); i++)
        g_key_file_set_boolean(file, MAIN, SWITCHES[i].key, *AT(gboolean, envelope, &SWITCHES[i]) != FALSE);
    g_key_file_set_string(file, MAIN, "state", STATES[envelope->state]);
    write_recipients(file, envelope);
    return file;
}

gboolean outbox_envelope_save(const OutboxEnvelope *envelope, const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = to_key_file(envelope);
    gsize size;
    g_autofree char *text = g_key_file_to_data(file, &size, NULL);

    return file_write_atomic(path, text, size, error);
}

/* All but when it goes; to be freed. */
static char *lasting_text(const OutboxEnvelope *envelope)
{
    g_autoptr(GKeyFile) file = to_key_file(envelope);

    g_key_file_remove_key(file, MAIN, "not-before", NULL);
    g_key_file_remove_key(file, MAIN, "wait-boot", NULL);
    return g_key_file_to_data(file, NULL, NULL);
}

gboolean outbox_envelope_equals(const OutboxEnvelope *one, const OutboxEnvelope *other)
{
    g_autofree char *text = lasting_text(one), *other_text = lasting_text(other);

    return !strcmp(text, other_text);
}

/* The index of a word in a table; -1. */
static int find_word(GKeyFile *file, const char *group, const char *key, const char *const *words, guint n)
{
    g_autofree char *word = g_key_file_get_string(file, group, key, NULL);

    for (guint i = 0; word && i < n; i++)
        if (!strcmp(word, words[i]))
            return (int)i;
    return -1;
}

/* FALSE: one of them makes no sense. Whom a message is for is not guessed. */
static gboolean read_recipients(GKeyFile *file, OutboxEnvelope *envelope)
{
    for (guint i = 0;; i++) {
        g_autofree char *group = g_strdup_printf("recipient %u", i);
        if (!g_key_file_has_group(file, group))
            return i > 0;
        const int fate = find_word(file, group, "fate", FATES, G_N_ELEMENTS(FATES));
        char *address = g_key_file_get_string(file, group, "address", NULL);
        if (fate < 0 || !address) {
            g_free(address);
            return FALSE;
        }
        OutboxRecipient *recipient = g_new0(OutboxRecipient, 1);
        recipient->address = address;
        recipient->fate = (OutboxFate)fate;
        recipient->reason = g_key_file_get_string(file, group, "reason", NULL);
        g_ptr_array_add(envelope->recipients, recipient);
    }
}

static gboolean read_all(GKeyFile *file, OutboxEnvelope *envelope)
{
    const int state = find_word(file, MAIN, "state", STATES, G_N_ELEMENTS(STATES));

    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        char **text = AT(char *, envelope, &TEXTS[i]);
        g_free(*text);
        *text = g_key_file_get_string(file, MAIN, TEXTS[i].key, NULL);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(NUMBERS); i++)
        *AT(int64_t, envelope, &NUMBERS[i]) = g_key_file_get_int64(file, MAIN, NUMBERS[i].key, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(COUNTS); i++)
        *AT(guint, envelope, &COUNTS[i]) =
            (guint)CLAMP(g_key_file_get_int64(file, MAIN, COUNTS[i].key, NULL), 0, G_MAXINT);
    for (gsize i = 0; i < G_N_ELEMENTS(SWITCHES); i++)
        *AT(gboolean, envelope, &SWITCHES[i]) = g_key_file_get_boolean(file, MAIN, SWITCHES[i].key, NULL);
    if (state >= 0)
        envelope->state = (OutboxState)state;
    return state >= 0 && envelope->account && envelope->sender && read_recipients(file, envelope);
}

OutboxEnvelope *outbox_envelope_parse(const char *text, gsize size, int64_t id)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_new("", "");

    envelope->id = id;
    if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, NULL) || !read_all(file, envelope))
        return NULL;
    return g_steal_pointer(&envelope);
}

OutboxEnvelope *outbox_envelope_load(const char *path, int64_t id, GError **error)
{
    gsize size;
    g_autofree char *text = file_read(path, LIMIT_OUTBOX_ENVELOPE_BYTES, &size, error);

    if (!text)
        return NULL;
    OutboxEnvelope *envelope = outbox_envelope_parse(text, size, id);
    if (envelope) {
        bound_wait(envelope);
        return envelope;
    }
    envelope = outbox_envelope_new("", "");
    envelope->id = id;
    envelope->state = OUTBOX_FAILED;
    envelope->error = g_strdup_printf(_("the file that says whom it is for is damaged: %s"), path);
    return envelope;
}
