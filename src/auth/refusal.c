/*
 * refusal.c - see auth.h. What large providers say when they let nobody in, in all three protocols alike;
 * each was seen in reports to other programs between 2015 and 2026.
 */
#include "auth/auth.h"
#include "base/i18n.h"

#include <string.h>

/* Too many connections or logins, in small letters. */
static const char *const CROWDED[] = {
    "too many simultaneous connections",                   /* Gmail */
    "exceeded command or bandwidth limits",                /* Gmail */
    "maximum number of connections from user+ip exceeded", /* Dovecot 2.3, with [UNAVAILABLE] */
    "maximum number of connections exceeded",
    "rate limit",                      /* Yahoo: "[LIMIT] LOGIN Rate limit hit" */
    "too many connections",            /* Courier, Zimbra */
    "too many open connections",       /* Cyrus */
    "too many concurrent connections", /* Exchange, Fastmail */
    "too many logins",
    "too many login attempts",
    "connection limit", /* "Connection limit exceeded", "reached" */
    "throttled",        /* Outlook: "Request is throttled" */
    "login_throttled",
};

#define APP_PASSWORD                                                                                         \
    N_("make a password for tern alone (an app password) in the security settings of the account on the "    \
       "web, "                                                                                               \
       "and put that into the configuration")
#define OAUTH_ONLY                                                                                           \
    N_("the server takes no password for this account, only OAuth 2, which this version of tern "            \
       "does not have")
#define WEB_LOGIN N_("log in with a web browser once, then try again")

/* By the words, in small letters. */
static const struct {
    const char *words;
    const char *advice;
} BY_WORDS[] = {
    {"application-specific password", APP_PASSWORD},  /* Gmail; [ALERT], and 534 5.7.9 by SMTP */
    {"log in via your web browser", WEB_LOGIN},       /* Gmail */
    {"web login required", WEB_LOGIN},                /* Gmail, [WEBALERT] */
    {"basic authentication is disabled", OAUTH_ONLY}, /* Outlook.com, Microsoft 365; 535 5.7.139 by SMTP */
    {"smtpclientauthentication is disabled",          /* Microsoft 365 */
     N_("who runs the account has switched sending by SMTP off")},
    {"not enabled for imap", /* Gmail */
     N_("switch IMAP on in the settings of the mailbox on the web")},
    {"imap is disabled", /* Yandex: "invalid credentials or IMAP is disabled" */
     N_("check user and password, and that IMAP is switched on in the settings of the mailbox on the web")},
};

#define OWN_PASSWORD                                                                                         \
    N_("check user and password; the account's own password is not taken here, only one made for tern "      \
       "alone "                                                                                              \
       "(an app password) in the security settings of the account on the web")

/* Whoever says no more than that it is wrong, where it mostly is the right password of a kind that is not
 * taken. */
static const struct {
    const char *host; /* or its end */
    const char *advice;
} BY_HOST[] = {
    {".gmail.com", OWN_PASSWORD},      {".googlemail.com", OWN_PASSWORD}, {".mail.yahoo.com", OWN_PASSWORD},
    {".aol.com", OWN_PASSWORD},        {".mail.me.com", OWN_PASSWORD},    {".office365.com", OAUTH_ONLY},
    {"-mail.outlook.com", OAUTH_ONLY},
};

gboolean auth_refusal_is_crowded(const char *words)
{
    g_autofree char *small = g_ascii_strdown(words, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(CROWDED); i++)
        if (strstr(small, CROWDED[i]))
            return TRUE;
    return FALSE;
}

const char *auth_refusal_advice(const char *words, const char *host)
{
    g_autofree char *small = g_ascii_strdown(words, -1), *small_host = g_ascii_strdown(host, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(BY_WORDS); i++)
        if (strstr(small, BY_WORDS[i].words))
            return _(BY_WORDS[i].advice);
    for (gsize i = 0; i < G_N_ELEMENTS(BY_HOST); i++)
        if (g_str_has_suffix(small_host, BY_HOST[i].host))
            return _(BY_HOST[i].advice);
    return NULL;
}
