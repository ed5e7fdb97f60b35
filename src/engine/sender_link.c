/* sender_link.c - see sender_private.h: the connection to the outgoing server. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/dial_smtp.h"
#include "engine/sender_private.h"
#include "engine/strength.h"
#include "engine/way.h"
#include "maildir/outbox_limit.h"

#define READER_BUSY_MS 5000

void sender_hang_up(Sender *sender, gboolean politely)
{
    if (sender->session && politely)
        smtp_quit(sender->session,
                  clock_now_us() + (sender_is_stopping(sender) ? SECOND_US / 5 : 2 * SECOND_US));
    g_clear_pointer(&sender->session, smtp_session_free);
    g_clear_pointer(&sender->ahead, sender_mail_free);
    pthread_mutex_lock(&sender->mutex);
    g_clear_pointer(&sender->breaker, cancel_unref);
    pthread_mutex_unlock(&sender->mutex);
}

static gboolean check_account(Sender *sender, GError **error)
{
    const ConfigAccount *account = sender->context.account;
    const char *config_path = sender->context.paths->config;

    if (!way_check(account, config_path, error))
        return FALSE;
    if (account->outgoing.protocol != CONFIG_NONE)
        return TRUE;
    tern_error_set(error, TERN_ERROR_CONFIG, _("the account “%s” cannot send: it has no outgoing = … in %s"),
                   account->id, config_path);
    return FALSE;
}

gboolean sender_open_reader(Sender *sender, GError **error)
{
    if (!sender->reader)
        sender->reader = store_reader_new(sender->context.store, READER_BUSY_MS, error);
    return sender->reader != NULL;
}

static gboolean dial(Sender *sender, GError **error)
{
    const ConfigAccount *account = sender->context.account;

    if (!sender_open_reader(sender, error))
        return FALSE;
    g_autoptr(Cancel) breaker = sender_new_breaker(sender);
    const AuthStrength least = strength_expected(sender->reader, account, &account->outgoing);
    sender->session = dial_smtp(account, least, breaker, error);
    if (!sender->session)
        return FALSE;
    strength_remember(sender->reader, sender->context.store, account, &account->outgoing,
                      smtp_session_strength(sender->session));
    outbox_limit_remember(sender->context.paths->data, account->id,
                          (int64_t)MIN(smtp_session_size_limit(sender->session), INT64_MAX));
    return TRUE;
}

/* A connection that stood idle may be dead, without anybody having noticed. */
static gboolean is_still_there(Sender *sender)
{
    if (!sender->session || smtp_noop(sender->session, NULL))
        return sender->session != NULL;
    sender_hang_up(sender, FALSE);
    return FALSE;
}

gboolean sender_connect(Sender *sender, gboolean is_asked, GError **error)
{
    if (!check_account(sender, error))
        return FALSE;
    if (sender->context.account->outgoing.protocol == CONFIG_SENDMAIL)
        return sender_has_command(sender, error);
    if (sender->linger_until_us ? is_still_there(sender) : sender->session != NULL)
        return TRUE;
    if (!link_may_begin(&sender->link, is_asked, clock_now_us(), error))
        return FALSE;
    link_begin(&sender->link);
    if (!dial(sender, error))
        return FALSE;
    link_up(&sender->link, clock_now_us());
    return TRUE;
}
