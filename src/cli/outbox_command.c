/* outbox_command.c - tern outbox: what is not sent, and what a person says about it. */
#include "base/error.h"
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "cli/target.h"
#include "compose/waiting.h"

#include <string.h>
#include <unistd.h>

/* Of one that was sent, too, something may be left that will not be done by itself: its copy was refused. */
static gboolean is_unfinished(const CliContext *context, const OutboxEnvelope *envelope)
{
    g_autofree char *stray = waiting_stray(envelope, context->config);

    return envelope->state != OUTBOX_SENT || envelope->error || stray;
}

/* ---- list, show ---- */

static int list(CliContext *context, Outbox *outbox, char **words, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (words[0]) {
        g_autofree char *why =
            g_strdup_printf(_("“%s” is none of retry, hold, sent, edit, cancel, show"), words[0]);
        return cli_usage(context, "outbox", why);
    }
    all = outbox_list(outbox, NULL, error);
    /* What waits of an account that is not configured any more is still there to be seen. */
    if (!all || (!all->len && !cli_target_any(context, error)))
        return CLI_FAILED;
    for (guint i = 0; i < all->len; i++)
        if (is_unfinished(context, all->pdata[i]))
            cli_outbox_print(context, all->pdata[i]);
    return CLI_DONE;
}

static gboolean show_one(Outbox *outbox, int64_t id, GError **error)
{
    g_autoptr(OutboxEnvelope) now = waiting_read(outbox, id, error);
    const int fd = now ? outbox_open_message(outbox, id, error) : -1;
    char piece[16 << 10];
    gssize got = 0;

    while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
        cli_write(piece, (gsize)got);
    if (fd >= 0)
        close(fd);
    return fd >= 0 && got == 0;
}

/* ---- what a person says ---- */

typedef struct {
    CliContext *context;
    Outbox *outbox;
    GPtrArray *accounts; /* char *: who is to send now */
} Saying;

static gboolean say(Saying *saying, int64_t id, WaitingWord word, GError **error)
{
    g_autoptr(OutboxEnvelope) now = NULL;
    GPtrArray *accounts = saying->accounts;

    if (!waiting_say(saying->outbox, id, word, 0, &now, error))
        return FALSE;
    if (word != WAITING_HOLD && !g_ptr_array_find_with_equal_func(accounts, now->account, g_str_equal, NULL))
        g_ptr_array_add(accounts, g_strdup(now->account));
    return TRUE;
}

/* Who types the number has read its state: of an unknown one, too. */
static gboolean retry_one(Saying *saying, int64_t id, GError **error)
{
    return say(saying, id, WAITING_SEND_AGAIN, error);
}

/* Who sends has to hear of it: the flags of the answered message and the copy are still to be made. */
static gboolean sent_one(Saying *saying, int64_t id, GError **error)
{
    return say(saying, id, WAITING_WAS_SENT, error);
}

static gboolean hold_one(Saying *saying, int64_t id, GError **error)
{
    return say(saying, id, WAITING_HOLD, error);
}

static gboolean edit_one(Saying *saying, int64_t id, GError **error)
{
    return cli_outbox_edit(saying->context, saying->outbox, id, error);
}

static gboolean cancel_one(Saying *saying, int64_t id, GError **error)
{
    g_autoptr(OutboxEnvelope) now = outbox_read(saying->outbox, id, NULL);

    if (now && now->state == OUTBOX_SENT)
        return waiting_drop_copy(saying->outbox, id, error);
    return waiting_drop(saying->outbox, id, error);
}

static gboolean show(Saying *saying, int64_t id, GError **error)
{
    return show_one(saying->outbox, id, error);
}

/* ---- the command ---- */

/* FALSE without an error: it was told. */
static const struct {
    const char *name;
    gboolean (*run)(Saying *saying, int64_t id, GError **error);
} VERBS[] = {{"retry", retry_one}, {"hold", hold_one},     {"sent", sent_one},
             {"edit", edit_one},   {"cancel", cancel_one}, {"show", show}};

/* FALSE: it could not be tried; told. */
static gboolean send_again(CliContext *context, const GPtrArray *accounts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    const gboolean ok =
        session && cli_session_connect(session, &error) && cli_outbox_send(session, accounts, &error);

    if (error)
        cli_fail(context, error);
    return ok;
}

/* What is there still after another try; how many are not sent. */
static guint tell_rest(CliContext *context, Outbox *outbox, const GArray *ids)
{
    guint n = 0;

    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(OutboxEnvelope) now = outbox_read(outbox, (int64_t)g_array_index(ids, guint64, i), NULL);
        if (now && is_unfinished(context, now)) {
            cli_outbox_print(context, now);
            n += now->state != OUTBOX_SENT;
        }
    }
    return n;
}

/* Each by itself: one that cannot be is told, and stops no other. */
static int for_each(CliContext *context, Outbox *outbox, guint verb, char **words)
{
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    Saying saying = {context, outbox, accounts};
    int status = CLI_DONE;

    for (; *words; words++) {
        g_autoptr(GError) error = NULL;
        guint64 id = 0;
        if (!g_ascii_string_to_unsigned(*words, 10, 1, G_MAXINT64, &id, NULL))
            tern_error_set(&error, TERN_ERROR_INPUT, _("“%s” is no number of a message in the outbox"),
                           *words);
        if (error || !VERBS[verb].run(&saying, (int64_t)id, &error))
            status = error ? cli_fail(context, error) : CLI_FAILED;
        else
            g_array_append_val(ids, id);
    }
    const gboolean is_tried = accounts->len > 0 && !context->offline;
    if (is_tried && !send_again(context, accounts))
        status = CLI_FAILED;
    if (accounts->len > 0 && tell_rest(context, outbox, ids) > 0 && is_tried)
        status = CLI_FAILED;
    return status;
}

int cli_command_outbox(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, -1);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(Outbox) outbox = outbox_open(context->paths->data, &error);
    if (!outbox)
        return cli_fail(context, error);
    for (guint i = 0; words[0] && i < G_N_ELEMENTS(VERBS); i++) {
        if (strcmp(words[0], VERBS[i].name) != 0)
            continue;
        return words[1] ? for_each(context, outbox, i, words + 1)
                        : cli_usage(context, "outbox", _("which message? tern outbox lists their numbers"));
    }
    const int status = list(context, outbox, words, &error);
    return error ? cli_fail(context, error) : status;
}
