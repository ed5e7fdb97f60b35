/* quirks.c - see quirks.h. */
#include "engine/quirks.h"

#include <string.h>

/* In `sent_by`: the host where the mailbox is. */
#define OWN_HOST "="

/* A row fits by one of the first two. */
static const struct {
    const char *greeting;   /* how the server's greeting begins; NULL: whatever it is */
    const char *capability; /* NULL: whatever it has */
    guint quirks;
    const char *sent_by[3]; /* what goes out by these hosts it files by itself */
} TABLE[] = {
    /* iCloud: VANISHED with what did not vanish, and no ENABLED (as of 2026; other clients switched it off
     * too). */
    {NULL, "XAPPLELITERAL", QUIRK_NO_QRESYNC, {NULL}},

    /* Yahoo and AOL: SEARCH HEADER finds nothing, also what is there (MailCore 823, 2014), or ends in NO
     * [SERVERBUG] after some seconds (node-imap 737, 2018). Where it is not seen that a lost COPY or APPEND
     * was done, it is done twice. */
    {NULL, "XYMHIGHESTMODSEQ", QUIRK_BLIND_SEARCH, {NULL}},

    /* Exchange since 2007, Microsoft 365, Outlook.com: RFC822.SIZE may be what a message takes in the
     * database, so long as its size as mail is not known there ([MS-STANOIMAP] 2.2.25). The greeting is that,
     * unless the administrator writes another (Set-ImapSettings -Banner); the capability is told after login.
     * What is sent is filed by Microsoft's hosts on the net (thunderbird-android 7134, deltachat 5013), not
     * by a company's own Exchange. */
    {"The Microsoft Exchange IMAP4 service",
     NULL,
     QUIRK_ROUGH_SIZES,
     {"smtp.office365.com", "smtp-mail.outlook.com"}},
    {NULL, "CLIENTACCESSRULES", QUIRK_ROUGH_SIZES, {"smtp.office365.com", "smtp-mail.outlook.com"}},

    /* Gmail: every message that goes out is in All Mail, with the label for sent mail. */
    {NULL, "X-GM-EXT-1", 0, {OWN_HOST, "smtp.gmail.com", "smtp.googlemail.com"}},
};

static gboolean fits(guint row, const ImapSession *session)
{
    const char *const *capability = imap_session_capabilities(session);

    if (TABLE[row].greeting && g_str_has_prefix(imap_session_greeting(session), TABLE[row].greeting))
        return TRUE;
    for (; TABLE[row].capability && *capability; capability++)
        if (g_ascii_strcasecmp(*capability, TABLE[row].capability) == 0)
            return TRUE;
    return FALSE;
}

guint quirks_of(const ImapSession *session)
{
    guint quirks = 0;

    for (guint i = 0; i < G_N_ELEMENTS(TABLE); i++)
        if (fits(i, session))
            quirks |= TABLE[i].quirks;
    return quirks;
}

/* ---- what is sent ---- */

static gboolean is_sent_by(guint row, const char *incoming_host, const char *outgoing_host)
{
    for (guint i = 0; i < G_N_ELEMENTS(TABLE[row].sent_by) && TABLE[row].sent_by[i]; i++) {
        const char *host = strcmp(TABLE[row].sent_by[i], OWN_HOST) ? TABLE[row].sent_by[i] : incoming_host;
        if (host && g_ascii_strcasecmp(host, outgoing_host) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean quirks_files_sent(const ImapSession *session, const char *incoming_host, const char *outgoing_host)
{
    for (guint i = 0; i < G_N_ELEMENTS(TABLE); i++)
        if (is_sent_by(i, incoming_host, outgoing_host) && fits(i, session))
            return TRUE;
    return FALSE;
}
