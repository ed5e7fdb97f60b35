/* capability.c - what the server can do (RFC 3501, 7.2.1): a table of names and bits. */
#include "imap/private.h"

#include <string.h>

/* RFC 9051 (IMAP4rev2) has these built in; whoever announces it need not announce them. */
#define REV2                                                                                                 \
    (IMAP_CAN_REV2 | IMAP_CAN_LITERAL_MINUS | IMAP_CAN_NAMESPACE | IMAP_CAN_LIST_EXTENDED |                  \
     IMAP_CAN_SPECIAL_USE | IMAP_CAN_LIST_STATUS | IMAP_CAN_ESEARCH | IMAP_CAN_IDLE | IMAP_CAN_UIDPLUS |     \
     IMAP_CAN_MOVE | IMAP_CAN_UNSELECT | IMAP_CAN_SASL_IR | IMAP_CAN_STATUS_SIZE | IMAP_CAN_ENABLE)

static const struct {
    const char *name;
    guint bits;
} CAPABILITIES[] = {
    {"LITERAL+", IMAP_CAN_LITERAL_PLUS},
    {"LITERAL-", IMAP_CAN_LITERAL_MINUS},
    {"ID", IMAP_CAN_ID},
    {"NAMESPACE", IMAP_CAN_NAMESPACE},
    {"LIST-EXTENDED", IMAP_CAN_LIST_EXTENDED},
    {"SPECIAL-USE", IMAP_CAN_SPECIAL_USE},
    {"LIST-STATUS", IMAP_CAN_LIST_STATUS},
    {"CONDSTORE", IMAP_CAN_CONDSTORE},
    {"QRESYNC", IMAP_CAN_QRESYNC | IMAP_CAN_CONDSTORE | IMAP_CAN_ENABLE}, /* RFC 7162, 3.2.3 */
    {"ESEARCH", IMAP_CAN_ESEARCH},
    {"IDLE", IMAP_CAN_IDLE},
    {"NOTIFY", IMAP_CAN_NOTIFY},
    {"UIDPLUS", IMAP_CAN_UIDPLUS},
    {"MOVE", IMAP_CAN_MOVE},
    {"UNSELECT", IMAP_CAN_UNSELECT},
    {"COMPRESS=DEFLATE", IMAP_CAN_COMPRESS},
    {"SASL-IR", IMAP_CAN_SASL_IR},
    {"STATUS=SIZE", IMAP_CAN_STATUS_SIZE},
    {"IMAP4rev2", REV2},
    {"OBJECTID", IMAP_CAN_OBJECTID},
    {"ENABLE", IMAP_CAN_ENABLE},
    {"STARTTLS", IMAP_CAN_STARTTLS},
    {"UTF8=ACCEPT", IMAP_CAN_UTF8_ACCEPT},
    {"UTF8=ONLY", IMAP_CAN_UTF8_ACCEPT},
};

void imap_forget_capabilities(ImapSession *session)
{
    g_clear_pointer(&session->capability_names, g_strfreev);
    session->capabilities = 0;
}

void imap_learn_capabilities(ImapSession *session, char **names)
{
    imap_forget_capabilities(session);
    session->capability_names = g_strdupv(names);
    session->capabilities_are_new = TRUE;
    for (char **name = names; *name; name++)
        for (gsize i = 0; i < G_N_ELEMENTS(CAPABILITIES); i++)
            if (!g_ascii_strcasecmp(*name, CAPABILITIES[i].name))
                session->capabilities |= CAPABILITIES[i].bits;
}

void imap_learn_capability_code(ImapSession *session, const char *code)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    if (!imap_code_is(code, "CAPABILITY"))
        return;
    g_auto(GStrv) words = g_strsplit(code + strlen("CAPABILITY"), " ", -1);
    for (char **word = words; *word; word++)
        if (**word)
            g_ptr_array_add(names, *word);
    g_ptr_array_add(names, NULL);
    imap_learn_capabilities(session, (char **)names->pdata);
}

gboolean imap_has_capability(const ImapSession *session, const char *name)
{
    for (char **at = session->capability_names; at && *at; at++)
        if (!g_ascii_strcasecmp(*at, name))
            return TRUE;
    return FALSE;
}

const char **imap_sasl_mechanisms(const ImapSession *session)
{
    GPtrArray *mechanisms = g_ptr_array_new();

    for (char **name = session->capability_names; name && *name; name++)
        if (!g_ascii_strncasecmp(*name, "AUTH=", 5))
            g_ptr_array_add(mechanisms, *name + 5);
    g_ptr_array_add(mechanisms, NULL);
    return (const char **)g_ptr_array_free(mechanisms, FALSE);
}

gboolean imap_session_can(const ImapSession *session, ImapCapability capability)
{
    return (session->capabilities & capability) != 0;
}

const char *const *imap_session_capabilities(const ImapSession *session)
{
    static const char *const NONE[] = {NULL};

    return session->capability_names ? (const char *const *)session->capability_names : NONE;
}
