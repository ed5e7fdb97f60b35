/* capability.c - what the server can do (RFC 3501, 7.2.1): a table of names and bits. */
#include "imap/append.h"
#include "imap/private.h"

#include <string.h>

/* RFC 9051 (IMAP4rev2) has these built in; whoever announces it need not announce them. */
#define BIT(capability) (UINT64_C(1) << (capability))
#define REV2                                                                                                 \
    (BIT(IMAP_CAN_REV2) | BIT(IMAP_CAN_LITERAL_MINUS) | BIT(IMAP_CAN_NAMESPACE) |                            \
     BIT(IMAP_CAN_LIST_EXTENDED) | BIT(IMAP_CAN_SPECIAL_USE) | BIT(IMAP_CAN_LIST_STATUS) |                   \
     BIT(IMAP_CAN_ESEARCH) | BIT(IMAP_CAN_IDLE) | BIT(IMAP_CAN_UIDPLUS) | BIT(IMAP_CAN_MOVE) |               \
     BIT(IMAP_CAN_UNSELECT) | BIT(IMAP_CAN_SASL_IR) | BIT(IMAP_CAN_BINARY) | BIT(IMAP_CAN_STATUS_SIZE) |     \
     BIT(IMAP_CAN_ENABLE))

static const struct {
    const char *name;
    uint64_t bits;
} CAPABILITIES[] = {
    {"LITERAL+", BIT(IMAP_CAN_LITERAL_PLUS)},
    {"LITERAL-", BIT(IMAP_CAN_LITERAL_MINUS)},
    {"ID", BIT(IMAP_CAN_ID)},
    {"NAMESPACE", BIT(IMAP_CAN_NAMESPACE)},
    {"LIST-EXTENDED", BIT(IMAP_CAN_LIST_EXTENDED)},
    {"SPECIAL-USE", BIT(IMAP_CAN_SPECIAL_USE)},
    {"LIST-STATUS", BIT(IMAP_CAN_LIST_STATUS)},
    {"CONDSTORE", BIT(IMAP_CAN_CONDSTORE)},
    {"QRESYNC", BIT(IMAP_CAN_QRESYNC) | BIT(IMAP_CAN_CONDSTORE) | BIT(IMAP_CAN_ENABLE)}, /* RFC 7162, 3.2.3 */
    {"ESEARCH", BIT(IMAP_CAN_ESEARCH)},
    {"IDLE", BIT(IMAP_CAN_IDLE)},
    {"NOTIFY", BIT(IMAP_CAN_NOTIFY)},
    {"UIDPLUS", BIT(IMAP_CAN_UIDPLUS)},
    {"MOVE", BIT(IMAP_CAN_MOVE)},
    {"UNSELECT", BIT(IMAP_CAN_UNSELECT)},
    {"COMPRESS=DEFLATE", BIT(IMAP_CAN_COMPRESS)},
    {"SASL-IR", BIT(IMAP_CAN_SASL_IR)},
    {"STATUS=SIZE", BIT(IMAP_CAN_STATUS_SIZE)},
    {"IMAP4rev2", REV2},
    {"OBJECTID", BIT(IMAP_CAN_OBJECTID)},
    {"ENABLE", BIT(IMAP_CAN_ENABLE)},
    {"STARTTLS", BIT(IMAP_CAN_STARTTLS)},
    {"UTF8=ACCEPT", BIT(IMAP_CAN_UTF8_ACCEPT)},
    {"UTF8=ONLY", BIT(IMAP_CAN_UTF8_ACCEPT)},
    {"MULTIAPPEND", BIT(IMAP_CAN_MULTIAPPEND)},
    {"APPENDLIMIT", BIT(IMAP_CAN_APPENDLIMIT)},
    {"CREATE-SPECIAL-USE", BIT(IMAP_CAN_CREATE_SPECIAL_USE)},
    {"ACL", BIT(IMAP_CAN_ACL)},
    {"QUOTA", BIT(IMAP_CAN_QUOTA)},
    {"BINARY", BIT(IMAP_CAN_BINARY)},
    {"PARTIAL", BIT(IMAP_CAN_PARTIAL)},
    {"X-GM-EXT-1", BIT(IMAP_CAN_GMAIL)},
};

void imap_forget_capabilities(ImapSession *session)
{
    g_clear_pointer(&session->capability_names, g_strfreev);
    session->capabilities = 0;
    session->append_limit = 0;
}

/* "APPENDLIMIT=35651584" for all folders; without a number each folder's STATUS tells (RFC 7889). */
static void learn_append_limit(ImapSession *session, const char *name)
{
    const char *digits = name + strlen("APPENDLIMIT=");

    if (g_ascii_strncasecmp(name, "APPENDLIMIT=", strlen("APPENDLIMIT=")) != 0 ||
        !imap_digits(digits, strlen(digits), INT64_MAX, &session->append_limit))
        return;
    session->capabilities |= BIT(IMAP_CAN_APPENDLIMIT);
}

void imap_learn_capabilities(ImapSession *session, char **names)
{
    imap_forget_capabilities(session);
    session->capability_names = g_strdupv(names);
    session->capabilities_are_new = TRUE;
    for (char **name = names; *name; name++) {
        learn_append_limit(session, *name);
        for (gsize i = 0; i < G_N_ELEMENTS(CAPABILITIES); i++)
            if (!g_ascii_strcasecmp(*name, CAPABILITIES[i].name))
                session->capabilities |= CAPABILITIES[i].bits;
    }
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
    return capability == IMAP_CAN_ANYWAY || (session->capabilities & BIT(capability)) != 0;
}

const char *const *imap_session_capabilities(const ImapSession *session)
{
    static const char *const NONE[] = {NULL};

    return session->capability_names ? (const char *const *)session->capability_names : NONE;
}

uint64_t imap_session_append_limit(const ImapSession *session)
{
    return session->append_limit;
}

/* ---- ENABLE (RFC 5161) ---- */

/* CONDSTORE before QRESYNC, which implies it: some servers know only the one. */
static const struct {
    const char *name;
    ImapCapability capability;
} ENABLED[] = {
    {"CONDSTORE", IMAP_CAN_CONDSTORE},
    {"QRESYNC", IMAP_CAN_QRESYNC},
    {"UTF8=ACCEPT", IMAP_CAN_UTF8_ACCEPT},
    {"IMAP4rev2", IMAP_CAN_REV2},
};

char *imap_enable_command(const ImapSession *session)
{
    g_autoptr(GString) command = g_string_new("ENABLE");

    if (!imap_session_can(session, IMAP_CAN_ENABLE))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(ENABLED); i++)
        if (imap_session_can(session, ENABLED[i].capability))
            g_string_append_printf(command, " %s", ENABLED[i].name);
    return strchr(command->str, ' ') ? g_string_free(g_steal_pointer(&command), FALSE) : NULL;
}

void imap_learn_enabled(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    for (guint i = response->first; i < tree->n; i++)
        for (gsize j = 0; j < G_N_ELEMENTS(ENABLED); j++)
            if (imap_tree_is(tree, i, ENABLED[j].name))
                session->enabled |= BIT(ENABLED[j].capability);
    if (session->enabled & BIT(IMAP_CAN_QRESYNC))
        session->enabled |= BIT(IMAP_CAN_CONDSTORE);
}

void imap_forget_enabled(ImapSession *session, ImapCapability capability)
{
    session->enabled &= ~BIT(capability);
}

gboolean imap_session_is_enabled(const ImapSession *session, ImapCapability capability)
{
    return (session->enabled & BIT(capability)) != 0;
}

gboolean imap_speaks_utf8(const ImapSession *session)
{
    return imap_session_is_enabled(session, IMAP_CAN_UTF8_ACCEPT) ||
           imap_session_is_enabled(session, IMAP_CAN_REV2);
}
