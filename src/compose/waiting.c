/* waiting.c - see waiting.h. Editing is in waiting_edit.c. */
#include "compose/waiting.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "compose/when.h"

/* What is held for less is on its way: undo-send, mostly. */
#define SOON_S 60

/* ---- what a person says ---- */

static gboolean refuse(GError **error, const char *sentence)
{
    tern_error_set(error, TERN_ERROR_INPUT, "%s", sentence);
    return FALSE;
}

static gboolean is_gone(int64_t id, GError **error)
{
    tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT " in the outbox"), id);
    return FALSE;
}

OutboxEnvelope *waiting_read(Outbox *outbox, int64_t id, GError **error)
{
    g_autoptr(GError) failed = NULL;
    OutboxEnvelope *now = outbox_read(outbox, id, &failed);

    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (!now)
        is_gone(id, error);
    return now;
}

static gboolean is_being_sent(const OutboxEnvelope *envelope, GError **error)
{
    if (envelope->state != OUTBOX_SENDING)
        return FALSE;
    tern_error_set(error, TERN_ERROR_INPUT, _("message %" G_GINT64_FORMAT " is being sent just now"),
                   envelope->id);
    return TRUE;
}

/* Whatever it came to before: all who have not got it are to be tried. */
static void start_over(OutboxEnvelope *envelope, OutboxState state, int64_t not_before_s)
{
    for (guint i = 0; i < envelope->recipients->len; i++) {
        OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate == OUTBOX_REFUSED)
            recipient->fate = OUTBOX_WAITING;
        g_clear_pointer(&recipient->reason, g_free);
    }
    g_clear_pointer(&envelope->error, g_free);
    envelope->state = state;
    envelope->not_before_s = not_before_s;
    envelope->is_undoable = FALSE;
    envelope->queued_s = clock_wall_s();
    envelope->tries = 0;
}

static gboolean was_sent(OutboxEnvelope *envelope, GError **error)
{
    if (envelope->state != OUTBOX_UNKNOWN)
        return refuse(error, _("that is only said of a message that may have been sent or not"));
    for (guint i = 0; i < envelope->recipients->len; i++) {
        OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate == OUTBOX_WAITING)
            recipient->fate = OUTBOX_TAKEN;
    }
    g_clear_pointer(&envelope->error, g_free);
    envelope->state = outbox_envelope_count(envelope, OUTBOX_REFUSED) > 0 ? OUTBOX_FAILED : OUTBOX_SENT;
    envelope->not_before_s = 0;
    return TRUE;
}

typedef struct {
    WaitingWord word;
    int64_t at_s;
} Saying;

static gboolean say(OutboxEnvelope *envelope, void *data, GError **error)
{
    const Saying *saying = data;

    if (is_being_sent(envelope, error))
        return FALSE;
    if (envelope->recipients->len == 0) /* its envelope is lost: nobody knows whom it is for */
        return refuse(error, envelope->error ? envelope->error : _("the message has no recipient"));
    const gboolean is_send = saying->word == WAITING_SEND || saying->word == WAITING_SEND_AGAIN;
    if (saying->word == WAITING_WAS_SENT)
        return was_sent(envelope, error);
    if (envelope->state == OUTBOX_SENT) { /* its copy is tried again */
        envelope->not_before_s = 0;
        return is_send || refuse(error, _("the message was sent already"));
    }
    if (envelope->state == OUTBOX_UNKNOWN && saying->word != WAITING_SEND_AGAIN)
        return refuse(error, _("the message may have been sent; say first whether it was"));
    start_over(envelope, is_send ? OUTBOX_QUEUED : OUTBOX_HELD,
               saying->word == WAITING_LATER ? saying->at_s : 0);
    return TRUE;
}

gboolean waiting_say(Outbox *outbox, int64_t id, WaitingWord word, int64_t at_s, OutboxEnvelope **now_out,
                     GError **error)
{
    g_autoptr(OutboxEnvelope) now = NULL;
    Saying saying = {word, at_s};

    if (!outbox_change(outbox, id, say, &saying, &now, error))
        return FALSE;
    if (!now)
        return is_gone(id, error);
    if (now_out)
        *now_out = g_steal_pointer(&now);
    return TRUE;
}

/* ---- throwing away ---- */

/* Those who have it keep it, and its copy is filed; the others are given up. */
static gboolean give_up_rest(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data;
    if (envelope->state == OUTBOX_SENT)
        return refuse(error, _("the message was sent already; only its copy is still to be filed"));
    if (is_being_sent(envelope, error) || outbox_envelope_count(envelope, OUTBOX_TAKEN) == 0)
        return FALSE;
    g_clear_pointer(&envelope->error, g_free);
    envelope->state = OUTBOX_SENT;
    envelope->not_before_s = 0;
    return TRUE;
}

static gboolean may_drop(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data;
    return !is_being_sent(envelope, error) &&
           (outbox_envelope_count(envelope, OUTBOX_TAKEN) == 0 ||
            (!envelope->wants_copy && !envelope->answers && !envelope->forwards));
}

gboolean waiting_drop(Outbox *outbox, int64_t id, GError **error)
{
    g_autoptr(OutboxEnvelope) before = NULL;

    if (!outbox_change(outbox, id, give_up_rest, NULL, &before, error))
        return FALSE;
    return before ? outbox_remove(outbox, id, may_drop, NULL, error) : is_gone(id, error);
}

static gboolean give_up_copy(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data;
    if (envelope->state != OUTBOX_SENT)
        return refuse(error, _("the message was not sent yet"));
    envelope->wants_copy = FALSE;
    envelope->answers = envelope->forwards = 0;
    return TRUE;
}

gboolean waiting_drop_copy(Outbox *outbox, int64_t id, GError **error)
{
    g_autoptr(OutboxEnvelope) before = NULL;

    if (!outbox_change(outbox, id, give_up_copy, NULL, &before, error))
        return FALSE;
    return before ? outbox_remove(outbox, id, may_drop, NULL, error) : is_gone(id, error);
}

/* ---- telling ---- */

WaitingCount waiting_count(const GPtrArray *envelopes, const Config *config, const char *account,
                           int64_t now_s)
{
    WaitingCount count = {0};

    for (guint i = 0; i < envelopes->len; i++) {
        const OutboxEnvelope *envelope = envelopes->pdata[i];
        const gboolean is_soon = envelope->not_before_s > 0 && envelope->not_before_s <= now_s + SOON_S;
        if (account && g_strcmp0(envelope->account, account) != 0)
            continue;
        g_autofree char *stray = waiting_stray(envelope, config);
        if (stray)
            count.stray++;
        else if (envelope->state == OUTBOX_FAILED)
            count.failed++;
        else if (envelope->state == OUTBOX_UNKNOWN)
            count.unknown++;
        else if (envelope->state == OUTBOX_HELD && !is_soon)
            count.held++;
        else if (envelope->state != OUTBOX_SENT)
            count.waiting++;
    }
    return count;
}

static gboolean is_due(const OutboxEnvelope *envelope, int64_t now_s)
{
    if (envelope->state == OUTBOX_SENT) /* it is still there for its copy, or the flags of what it answers */
        return TRUE;
    return (outbox_may_go(envelope) || envelope->state == OUTBOX_SENDING) && envelope->not_before_s <= now_s;
}

GPtrArray *waiting_due(const GPtrArray *envelopes, int64_t now_s)
{
    GPtrArray *accounts = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < envelopes->len; i++) {
        const OutboxEnvelope *envelope = envelopes->pdata[i];
        if (is_due(envelope, now_s) &&
            !g_ptr_array_find_with_equal_func(accounts, envelope->account, g_str_equal, NULL))
            g_ptr_array_add(accounts, g_strdup(envelope->account));
    }
    return accounts;
}

const char *waiting_state(const OutboxEnvelope *envelope)
{
    static const char *const WORDS[] = {
        [OUTBOX_HELD] = N_("held"), [OUTBOX_QUEUED] = N_("queued"), [OUTBOX_SENDING] = N_("sending"),
        [OUTBOX_SENT] = N_("sent"), [OUTBOX_FAILED] = N_("failed"), [OUTBOX_UNKNOWN] = N_("unknown"),
    };

    if (envelope->state == OUTBOX_HELD && envelope->not_before_s > 0)
        return _("later");
    return _(WORDS[envelope->state]);
}

static void add_held(GString *text, const OutboxEnvelope *envelope, int64_t now_s)
{
    g_autofree char *when = when_format(envelope->not_before_s, now_s);

    if (envelope->not_before_s == 0)
        g_string_append(text, _("It waits until you send it."));
    else if (envelope->not_before_s <= now_s)
        g_string_append(text, _("It is due and goes out as soon as tern is connected."));
    else
        g_string_append_printf(text, _("It goes out %s, if tern runs then, or else at its next start."),
                               when);
    if (envelope->error && envelope->not_before_s > 0)
        g_string_append_printf(text, " %s", envelope->error);
}

static void add_queued(GString *text, const OutboxEnvelope *envelope, int64_t now_s)
{
    g_autofree char *when = when_format(envelope->not_before_s, now_s);

    if (envelope->tries == 0)
        g_string_append(text, _("It goes out as soon as tern is connected."));
    else
        g_string_append_printf(text, ngettext_("Tried %u time.", "Tried %u times.", envelope->tries),
                               envelope->tries);
    if (envelope->not_before_s > now_s)
        g_string_append_printf(text, _(" It is tried again %s."), when);
    if (envelope->error)
        g_string_append_printf(text, " %s", envelope->error);
}

char *waiting_why(const OutboxEnvelope *envelope, int64_t now_s)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *error = envelope->error ? envelope->error : "";

    switch (envelope->state) {
    case OUTBOX_HELD:
        add_held(text, envelope, now_s);
        break;
    case OUTBOX_QUEUED:
        add_queued(text, envelope, now_s);
        break;
    case OUTBOX_SENDING:
        g_string_append(text, _("It is being sent just now."));
        break;
    case OUTBOX_SENT:
        g_string_append_printf(text, _("It was sent; its copy is still to be filed. %s"), error);
        break;
    case OUTBOX_FAILED:
        g_string_append_printf(text, _("It was not sent: %s"), error);
        break;
    case OUTBOX_UNKNOWN:
        g_string_append_printf(text, _("Nobody knows whether it was sent: %s"), error);
        break;
    }
    return g_strchomp(g_string_free(g_steal_pointer(&text), FALSE));
}

/* One that failed, or may have been sent, has its own reason, and waits for a person as it is. */
char *waiting_stray(const OutboxEnvelope *envelope, const Config *config)
{
    if (!*envelope->account || config_account(config, envelope->account))
        return NULL;
    if (envelope->state == OUTBOX_SENT)
        return g_strdup_printf(
            _("It was sent; its copy cannot be filed: account %s is not configured. Give the "
              "account this name again, or give the copy up."),
            envelope->account);
    if (envelope->state != OUTBOX_HELD && envelope->state != OUTBOX_QUEUED)
        return NULL;
    return g_strdup_printf(_("It cannot go out: account %s is not configured. Edit it to send it by another "
                             "one, or give the account this name again."),
                           envelope->account);
}

char *waiting_for(const OutboxEnvelope *envelope)
{
    const gboolean have_all = outbox_envelope_count(envelope, OUTBOX_TAKEN) == envelope->recipients->len;
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (have_all || recipient->fate != OUTBOX_TAKEN)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", recipient->address);
    }
    return g_string_free(text, FALSE);
}
