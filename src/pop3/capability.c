/* capability.c - what the server can (CAPA, RFC 2449). */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"
#include "pop3/private.h"

#include <string.h>

static void learn_sasl(Pop3Session *session, const char *arguments)
{
    g_auto(GStrv) words = g_strsplit(arguments, " ", -1);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (char **word = words; *word; word++)
        if (**word)
            g_ptr_array_add(names, g_strdup(*word));
    g_ptr_array_add(names, NULL);
    g_strfreev(session->sasl);
    session->sasl = (GStrv)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static gboolean take_capability(const char *text, gsize bytes, void *data, GError **error)
{
    Pop3Session *session = data;
    const char *arguments;
    const Pop3Capability which = pop3_read_capability(text, &arguments);

    (void)bytes;
    if (++session->capa_lines > LIMIT_POP3_CAPABILITIES) {
        tern_error_set(error, TERN_ERROR_PROTOCOL, _("the POP3 server talks without end"));
        return FALSE;
    }
    session->capabilities |= 1u << which;
    if (which == POP3_CAN_SASL)
        learn_sasl(session, arguments);
    if (which == POP3_CAN_EXPIRE)
        session->expire_days = pop3_read_expire(arguments);
    if (which == POP3_CAN_LOGIN_DELAY)
        session->login_delay_s = pop3_read_login_delay(arguments);
    if (which == POP3_CAN_IMPLEMENTATION && *arguments) {
        g_free(session->server);
        session->server = sanitise(arguments, (gssize)strnlen(arguments, 100), SANITISE_LINE);
    }
    return TRUE;
}

/* A delay that was told stays: nobody asks twice for it. */
void pop3_forget_capa(Pop3Session *session)
{
    g_clear_pointer(&session->sasl, g_strfreev);
    session->capabilities = 0;
    session->knows_capa = FALSE;
    session->expire_days = POP3_EXPIRE_UNKNOWN;
    session->capa_lines = 0;
}

static void begin_capa(Pop3Pending *pending)
{
    pop3_forget_capa(pending->data);
}

Pop3Pending *pop3_send_capa(Pop3Session *session, GError **error)
{
    Pop3Pending *pending = pop3_send(session, POP3_LINES, "CAPA", error);

    if (!pending)
        return NULL;
    pending->begin = begin_capa;
    pending->item = take_capability;
    pending->data = session;
    return pending;
}

void pop3_conclude_capa(Pop3Session *session, Pop3Pending *pending)
{
    if (pending->status == POP3_PARSE_OK)
        session->knows_capa = TRUE;
    pop3_conclude(session, pending, NULL);
}

/* What a server can that has no CAPA is found out by trying; all have USER, nearly all TOP and UIDL. */
gboolean pop3_session_can(const Pop3Session *session, Pop3Capability capability)
{
    const uint32_t OLD = 1u << POP3_CAN_TOP | 1u << POP3_CAN_UIDL | 1u << POP3_CAN_USER;
    const uint32_t known = session->knows_capa ? session->capabilities : OLD;

    return capability == POP3_CAN_ANYWAY || known & 1u << capability;
}

gboolean pop3_session_can_look_ahead(const Pop3Session *session)
{
    return session->knows_capa && pop3_session_can(session, POP3_CAN_TOP) &&
           pop3_session_can(session, POP3_CAN_PIPELINING);
}

int pop3_session_expire_days(const Pop3Session *session)
{
    return session->expire_days;
}

int pop3_session_login_delay_s(const Pop3Session *session)
{
    return session->login_delay_s;
}

const char *pop3_session_server(const Pop3Session *session)
{
    return session->server;
}
