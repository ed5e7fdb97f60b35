/* refusal.c - what an -ERR means: for people, and for when to try again (RFC 2449, section 8; RFC 3206). */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "pop3/private.h"

#include <string.h>

/* A screen's line or two of a server's words. */
#define MOST_SAID 500

static const struct {
    const char *code;
    TernErrorKind kind;
    int wait_s;          /* before the next attempt; 0: as after any failure */
    const char *meaning; /* the server's words follow */
    const char *advice;  /* to who logs in */
} REFUSALS[] = {
    {"IN-USE", TERN_ERROR_NETWORK, 60,
     N_("another program has the mailbox open, on this computer or another"),
     N_("tern tries again in a minute")},
    {"LOGIN-DELAY", TERN_ERROR_NETWORK, 300, N_("the server lets nobody in so soon after the last time"),
     N_("tern waits for as long as the server asks")},
    {"SYS/TEMP", TERN_ERROR_NETWORK, 120, N_("the server has an error of its own that may pass"),
     N_("tern tries again in two minutes")},
    {"SYS/PERM", TERN_ERROR_REFUSED, 3600, N_("the server has an error of its own that somebody has to mend"),
     N_("tell who runs the server; tern tries again in an hour")},
    {"AUTH", TERN_ERROR_AUTH, 0, N_("the server does not accept the user and password"), NULL},
    {"UTF8", TERN_ERROR_REFUSED, 0, N_("the mailbox holds mail in UTF-8, which was not agreed on"), NULL},
};

/* A code may be more exact than what tern knows: SYS/TEMP/DISK. */
static gssize find_refusal(const char *code)
{
    for (gsize i = 0; code && i < G_N_ELEMENTS(REFUSALS); i++) {
        const gsize bytes = strlen(REFUSALS[i].code);
        if (!strncmp(code, REFUSALS[i].code, bytes) && (!code[bytes] || code[bytes] == '/'))
            return (gssize)i;
    }
    return -1;
}

/* The server's words, safe, of bounded length, and without a full stop. */
static char *said_by_server(const char *words)
{
    gsize bytes = strnlen(words, MOST_SAID + 1);

    while (bytes > 0 && (bytes > MOST_SAID || ((guchar)words[bytes] & 0xc0) == 0x80))
        bytes--; /* not within a character */
    g_autofree char *text = sanitise(words, (gssize)bytes, SANITISE_LINE);
    for (bytes = strlen(text); bytes > 0 && strchr(". ", text[bytes - 1]); bytes--)
        text[bytes - 1] = '\0';
    return *text ? g_steal_pointer(&text) : g_strdup(_("it gave no reason"));
}

void pop3_refused(Pop3Session *session, const char *text, GError **error)
{
    g_free(session->refusal);
    g_free(session->said);
    session->refusal = pop3_read_code(text, &text);
    session->said = said_by_server(text);

    const gssize found = find_refusal(session->refusal);
    const char *meaning = found >= 0 ? _(REFUSALS[found].meaning) : _("the POP3 server refused");
    tern_error_set(error, found >= 0 ? REFUSALS[found].kind : TERN_ERROR_REFUSED, "%s: %s", meaning,
                   session->said);
}

TernErrorKind pop3_refusal_kind(const Pop3Session *session, const char **advice_out)
{
    const gssize found = find_refusal(session->refusal);

    const char *advice = auth_refusal_advice(session->said, net_stream_host(session->stream));

    *advice_out = advice ? advice : _("check user and password");
    if (found >= 0 && REFUSALS[found].kind == TERN_ERROR_AUTH)
        return TERN_ERROR_AUTH;
    if (found >= 0 && REFUSALS[found].advice) {
        *advice_out = _(REFUSALS[found].advice);
        return REFUSALS[found].kind;
    }
    if (!pop3_session_can(session, POP3_CAN_AUTH_RESP_CODE))
        return TERN_ERROR_AUTH;
    /* A server that says [AUTH] where the password is wrong means something else where it does not (RFC 3206,
     * 4). */
    *advice_out = _("user and password may be right, and that may pass");
    return TERN_ERROR_NETWORK;
}

const char *pop3_session_refusal(const Pop3Session *session)
{
    return session->refusal;
}

int pop3_session_wait_s(const Pop3Session *session)
{
    const gssize found = find_refusal(session->refusal);

    if (found < 0)
        return 0;
    if (!strcmp(REFUSALS[found].code, "LOGIN-DELAY") && session->login_delay_s > 0)
        return session->login_delay_s;
    return REFUSALS[found].wait_s;
}
