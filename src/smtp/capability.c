/* capability.c - what the server announces in its answer to EHLO (RFC 5321, 4.1.1.1): a table of keywords. */
#include "smtp/private.h"

#include <string.h>

static const struct {
    const char *keyword;
    SmtpCapability capability;
} CAPABILITIES[] = {
    {"PIPELINING", SMTP_CAN_PIPELINING}, /* RFC 2920 */
    {"CHUNKING", SMTP_CAN_CHUNKING},     /* RFC 3030 */
    {"8BITMIME", SMTP_CAN_8BITMIME},     /* RFC 6152 */
    {"SMTPUTF8", SMTP_CAN_SMTPUTF8},     /* RFC 6531 */
    {"SIZE", SMTP_CAN_SIZE},             /* RFC 1870 */
    {"DSN", SMTP_CAN_DSN},               /* RFC 3461 */
    {"REQUIRETLS", SMTP_CAN_REQUIRETLS}, /* RFC 8689 */
    {"STARTTLS", SMTP_CAN_STARTTLS},     /* RFC 3207 */
    {"AUTH", SMTP_CAN_AUTH},             /* RFC 4954 */
};

/* A server has a dozen; whoever announces more is not meant. */
#define MOST_MECHANISMS 100

void smtp_forget_capabilities(SmtpSession *session)
{
    session->capabilities = 0;
    session->size_limit = 0;
    g_ptr_array_set_size(session->mechanisms, 0);
    g_ptr_array_add(session->mechanisms, NULL);
}

static void learn_mechanisms(SmtpSession *session, char **words)
{
    g_ptr_array_set_size(session->mechanisms, (gint)session->mechanisms->len - 1);
    for (; *words && session->mechanisms->len < MOST_MECHANISMS; words++)
        if (**words)
            g_ptr_array_add(session->mechanisms, g_strdup(*words));
    g_ptr_array_add(session->mechanisms, NULL);
}

/* One line: a keyword and its parameters. "AUTH=PLAIN" is how servers wrote it before there was an RFC. */
static void learn_line(SmtpSession *session, const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, " =", -1);

    for (gsize i = 0; words[0] && i < G_N_ELEMENTS(CAPABILITIES); i++)
        if (!g_ascii_strcasecmp(words[0], CAPABILITIES[i].keyword))
            session->capabilities |= 1u << CAPABILITIES[i].capability;
    if (words[0] && !g_ascii_strcasecmp(words[0], "AUTH"))
        learn_mechanisms(session, words + 1);
    if (words[0] && words[1] && !g_ascii_strcasecmp(words[0], "SIZE"))
        g_ascii_string_to_unsigned(words[1], 10, 0, INT64_MAX, &session->size_limit, NULL);
}

void smtp_learn_capabilities(SmtpSession *session, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    smtp_forget_capabilities(session);
    for (guint i = 1; lines[0] && lines[i]; i++) /* the first says who the server is */
        learn_line(session, lines[i]);
}

gboolean smtp_session_can(const SmtpSession *session, SmtpCapability capability)
{
    return (session->capabilities & 1u << capability) != 0;
}

uint64_t smtp_session_size_limit(const SmtpSession *session)
{
    return session->size_limit;
}
