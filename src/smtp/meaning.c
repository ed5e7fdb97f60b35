/* meaning.c - see reply.h: what refusals mean, by their enhanced status (RFC 3463, the IANA registry) or
 * else their code (RFC 5321, 4.2.2). */
#include "smtp/reply.h"

#include "base/i18n.h"
#include "base/sanitise.h"

#include <string.h>

/* A screen's line or two of them. */
#define MOST_SAID 500

/* Class left out: 4.x.y is the same, but may pass. */
static const struct {
    const char *status;
    const char *meaning;
} STATUSES[] = {
    {"1.1", N_("there is no such mailbox")},
    {"1.2", N_("the domain of the address does not exist")},
    {"1.3", N_("the address is not written as addresses are")},
    {"1.4", N_("it is not clear whose address that is")},
    {"1.6", N_("the mailbox has moved, and where to is not known")},
    {"1.7", N_("the sender's address is not written as addresses are")},
    {"1.8", N_("the domain of the sender's address is not accepted")},
    {"1.10", N_("the domain of the address takes no mail")},
    {"2.0", N_("the mailbox takes no mail just now")},
    {"2.1", N_("the mailbox takes no mail any more")},
    {"2.2", N_("the mailbox is full")},
    {"2.3", N_("the message is too large for that mailbox")},
    {"2.4", N_("the list of addresses cannot be expanded")},
    {"3.1", N_("the mail server's disk is full")},
    {"3.2", N_("the mail server takes no mail just now")},
    {"3.4", N_("the message is too large for the mail server")},
    {"4.1", N_("the recipient's mail server does not answer")},
    {"4.2", N_("the connection to the recipient's mail server is bad")},
    {"4.4", N_("the mail server does not know the way to that domain")},
    {"4.5", N_("the mail server is too busy")},
    {"4.7", N_("the mail server tried for too long")},
    {"5.3", N_("those are more recipients than the mail server takes at once")},
    {"6.1", N_("the mail server does not take that kind of text")},
    {"6.7", N_("the mail server takes only plain letters in addresses")},
    {"7.0", N_("the mail server's rules forbid it")},
    {"7.1", N_("the mail server does not let you send that")},
    {"7.2", N_("you may not write to that list")},
    {"7.8", N_("the server does not accept the user and password")},
    {"7.9", N_("the server does not accept that way to log in")},
    {"7.10", N_("the way on cannot be encrypted")},
    {"7.11", N_("the server wants the connection to be encrypted")},
    {"7.13", N_("your account on the server is closed")},
    {"7.23", N_("the recipient's server says that mail of this sender comes from elsewhere (SPF)")},
    {"7.26", N_("the recipient's server cannot tell that the message is from its sender (SPF, DKIM)")},
    {"7.30", N_("no way on promises to be encrypted (REQUIRETLS)")},
};

static const struct {
    guint code;
    const char *meaning;
} CODES[] = {
    {421, N_("the mail server is closing for now")},
    {450, N_("the mailbox cannot be reached just now")},
    {451, N_("the mail server has an error of its own")},
    {452, N_("the mail server has no room just now")},
    {454, N_("the server cannot do that just now")},
    {500, N_("the mail server did not understand")},
    {501, N_("the mail server did not understand")},
    {502, N_("the mail server cannot do that")},
    {503, N_("the mail server did not expect that")},
    {504, N_("the mail server cannot do that")},
    {521, N_("that server takes no mail")},
    {530, N_("the server wants one to log in first")},
    {534, N_("the server does not accept that way to log in")},
    {535, N_("the server does not accept the user and password")},
    {538, N_("the server wants the connection to be encrypted")},
    {550, N_("the mail server refused")},
    {551, N_("the mailbox is elsewhere")},
    {552, N_("the message or the mailbox is too large")},
    {553, N_("the address is not accepted")},
    {556, N_("the domain of the address takes no mail")},
};

gboolean smtp_reply_is_yes(const SmtpReply *reply)
{
    return reply->code < 300;
}

gboolean smtp_reply_may_pass(const SmtpReply *reply)
{
    return reply->code >= 400 && reply->code < 500;
}

/* Cut between characters. */
static gsize most_bytes(const char *text)
{
    gsize bytes = strnlen(text, MOST_SAID + 1);

    if (bytes <= MOST_SAID)
        return bytes;
    do
        bytes--;
    while (bytes > 0 && ((guchar)text[bytes] & 0xc0) == 0x80);
    return bytes;
}

char *smtp_reply_words(const SmtpReply *reply)
{
    const gsize most = most_bytes(reply->text);
    g_autofree char *text = sanitise(reply->text, (gssize)most, SANITISE_LINE);
    gsize bytes = strlen(text);

    if (reply->text[most])
        return g_strconcat(text, "…", NULL);
    while (bytes > 0 && (text[bytes - 1] == '.' || text[bytes - 1] == ' '))
        bytes--;
    return bytes > 0 ? g_strndup(text, bytes) : g_strdup(_("it gave no reason"));
}

static const char *find_meaning(const SmtpReply *reply)
{
    for (gsize i = 0; *reply->status && i < G_N_ELEMENTS(STATUSES); i++)
        if (!strcmp(reply->status + 2, STATUSES[i].status))
            return _(STATUSES[i].meaning);
    for (gsize i = 0; i < G_N_ELEMENTS(CODES); i++)
        if (CODES[i].code == reply->code)
            return _(CODES[i].meaning);
    return smtp_reply_may_pass(reply) ? _("the mail server cannot do that just now")
                                      : _("the mail server refused");
}

char *smtp_reply_meaning(const SmtpReply *reply)
{
    g_autofree char *words = smtp_reply_words(reply);

    return g_strdup_printf("%s: %s", find_meaning(reply), words);
}
