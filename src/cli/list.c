/* list.c - tern list: a folder's messages, or its threads, newest first. */
#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/message_json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"
#include "store/view.h"

#include <string.h>

/* Rows read at once; what has been printed is not kept. */
#define PAGE_ROWS 256

/* A thread that is being put together from its rows, which follow each other in an unfolded view. */
typedef struct {
    int64_t thread;
    char *subject;
    int messages, unread;
    GArray *anchors; /* StoreAnchor of each message */
    int64_t newest_s;
} Conversation;

typedef struct {
    CliContext *context;
    CliSession *session;
    StoreView *view;
    int64_t left; /* lines still to be printed; G_MAXINT64: all */
    Conversation conversation;
    gboolean has_conversation;
} Listing;

static char *column(const char *text, int cols)
{
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);

    return text_pad(safe, cols, FALSE);
}

static gboolean print_message(Listing *listing, const StoreRow *row, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StoreMessage) message = store_read_message(listing->session->reader, row->anchor.id, &failed);
    char marks[6];
    int offset_min = 0;

    if (!message) { /* gone since the page was read, or a failure */
        if (failed)
            g_propagate_error(error, failed);
        return !failed;
    }
    listing->left--;
    if (listing->context->json) {
        g_auto(CliJson) json = {0};
        cli_json_begin(&json, NULL);
        cli_json_message(&json, message);
        cli_json_end(&json);
        cli_json_print(&json);
        return TRUE;
    }
    cli_message_marks(message->flags, marks);
    g_autofree char *date = date_short(cli_message_date(message, &offset_min), clock_wall_s());
    g_autofree char *when = column(date, 7), *who = column(cli_first_person(message->from), 22);
    g_autofree char *subject = cli_one_line(message->subject);
    g_autofree char *size = message->flags & STORE_STUB ? cli_size(message->size_bytes) : NULL;
    g_autofree char *note = size ? g_strdup_printf(_("  (%s, on the server only)"), size) : g_strdup("");
    cli_print("%7" G_GINT64_FORMAT "  %s  %s  %s  %s%s\n", message->id, when, marks, who, subject, note);
    return TRUE;
}

static int by_key_newest_first(const void *a, const void *b)
{
    const StoreAnchor *first = a, *second = b;

    return (first->key < second->key) - (first->key > second->key);
}

/* Prints the thread that is complete, if there is one. */
static void end_conversation(Listing *listing)
{
    Conversation *it = &listing->conversation;

    if (!listing->has_conversation)
        return;
    listing->has_conversation = FALSE;
    listing->left--;
    g_array_sort(it->anchors, by_key_newest_first);
    if (listing->context->json) {
        g_auto(CliJson) json = {0};
        cli_json_begin(&json, NULL);
        cli_json_int(&json, "thread", it->thread);
        cli_json_string(&json, "subject", it->subject);
        cli_json_int(&json, "messages", it->messages);
        cli_json_int(&json, "unread", it->unread);
        cli_json_time(&json, "newest", it->newest_s, 0);
        cli_json_begin_array(&json, "ids");
        for (guint i = 0; i < it->anchors->len; i++)
            cli_json_int(&json, NULL, g_array_index(it->anchors, StoreAnchor, i).id);
        cli_json_end(&json);
        cli_json_end(&json);
        cli_json_print(&json);
    } else {
        g_autofree char *date = date_short(it->newest_s, clock_wall_s());
        g_autofree char *when = column(date, 7), *subject = cli_one_line(it->subject);
        cli_print("%7" G_GINT64_FORMAT "  %s  %4d  %c  %s\n", it->thread, when, it->messages,
                  it->unread ? 'N' : '-', subject);
    }
    g_free(it->subject);
    g_array_unref(it->anchors);
}

static void add_to_conversation(Listing *listing, const StoreRow *row)
{
    Conversation *it = &listing->conversation;

    if (listing->has_conversation && it->thread != row->anchor.thread)
        end_conversation(listing);
    if (!listing->left)
        return;
    if (!listing->has_conversation) {
        *it = (Conversation){.thread = row->anchor.thread,
                             .subject = g_strdup(row->subject),
                             .anchors = g_array_new(FALSE, FALSE, sizeof(StoreAnchor)),
                             .newest_s = row->date_s};
        listing->has_conversation = TRUE;
    }
    it->messages++;
    it->unread += !(row->flags & STORE_SEEN);
    it->newest_s = MAX(it->newest_s, row->date_s);
    g_array_append_val(it->anchors, row->anchor);
}

static gboolean print_rows(Listing *listing, const StorePage *page, guint from, GError **error)
{
    for (guint i = from; i < page->rows->len && listing->left > 0; i++) {
        const StoreRow *row = page->rows->pdata[i];
        if (store_view_is_threaded(listing->view))
            add_to_conversation(listing, row);
        else if (!print_message(listing, row, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean print_all(Listing *listing, GError **error)
{
    StoreAnchor anchor = STORE_ANCHOR_NEWEST;
    gboolean at_last = FALSE;
    int64_t last_id = 0;

    while (!at_last && listing->left > 0 && cli_is_read()) {
        g_autoptr(StorePage) page =
            store_view_page(listing->view, listing->session->reader, anchor, 0, PAGE_ROWS, error);
        if (!page)
            return FALSE;
        if (!page->rows->len)
            break;
        /* A page begins with its anchor, which the one before ended with; when that went away meanwhile, with
         * its neighbour. */
        const StoreRow *first = page->rows->pdata[0], *last = page->rows->pdata[page->rows->len - 1];
        if (!print_rows(listing, page, first->anchor.id == last_id, error))
            return FALSE;
        at_last = page->at_last || last->anchor.id == last_id;
        anchor = last->anchor;
        last_id = last->anchor.id;
    }
    end_conversation(listing);
    return TRUE;
}

int cli_command_list(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    gboolean threads = FALSE;
    int64_t limit = G_MAXINT64;
    const CliOption options[] = {{"threads", '\0', CLI_FLAG, &threads},
                                 {"limit", 'n', CLI_NUMBER, &limit},
                                 {NULL, '\0', CLI_FLAG, NULL}};
    g_autofree char **words = cli_arguments(context, options, argv, 0, 1);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    g_autoptr(StoreFolder) folder = session ? cli_target_folder(session, words[0], &error) : NULL;
    if (!folder)
        return cli_fail(context, error);
    g_autoptr(StoreView) view = store_view_new(folder->id, threads);
    store_view_fold_all(view, FALSE);
    Listing listing = {.context = context, .session = session, .view = view, .left = limit};
    return print_all(&listing, &error) ? CLI_DONE : cli_fail(context, error);
}
