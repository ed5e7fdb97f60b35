/*
 * page.c - see select.h: a folder's newest messages in the flight that opens it.
 *
 *      "A2 EXAMINE Lists" "A3 FETCH 905:1004 (…)"        as many messages as were told: 1004
 *      "A2 EXAMINE INBOX" "A3 LIST …" "A4 UID FETCH 1:* (…) (PARTIAL -1:-100)"         however many there are
 *
 * The FETCH is under way without anybody waiting for it until imap_examine_page() claims it. An EXAMINE that
 * is refused makes it refused as well.
 */
#include "imap/private.h"

static gboolean can_partial(const ImapSession *session)
{
    return imap_session_can(session, IMAP_CAN_PARTIAL);
}

/* NULL: it cannot be said which messages the page is of. To be freed. */
static char *page_command(const ImapSession *session, const ImapPage *page)
{
    if (session->refuses_pages)
        return NULL;
    if (can_partial(session)) {
        g_autofree char *modifiers = g_strdup_printf("(PARTIAL -1:-%u)", page->most);
        return imap_fetch_command(session, TRUE, "1:*", page->items, modifiers);
    }
    if (!page->told)
        return NULL;
    const uint32_t first = page->told > page->most ? page->told - page->most + 1 : 1;
    g_autofree char *set = g_strdup_printf("%u:%u", first, page->told);
    return imap_fetch_command(session, FALSE, set, page->items, NULL);
}

gboolean imap_page_send(ImapSession *session, const ImapPage *page, GError **error)
{
    g_autofree char *command = page_command(session, page);

    if (!command)
        return TRUE;
    session->page = imap_pending_new(session);
    session->page->items = page->items;
    session->page->expected = page->most;
    session->page->is_unawaited = TRUE;
    g_autofree char *line = g_strdup_printf("A%u %s", session->page->tag, command);
    return imap_write(session, line, error) && imap_send(session, error);
}

gboolean imap_page_fits(const ImapSession *session, const ImapPage *page, uint32_t exists)
{
    return can_partial(session) ? exists > 0 : exists == page->told;
}

gboolean imap_page_drop(ImapSession *session, GError **error)
{
    if (!session->page)
        return TRUE;
    session->page->is_unawaited = FALSE;
    session->page = NULL;
    return imap_drain(session, error);
}
