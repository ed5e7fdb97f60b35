/* A whole session with a server that says any bytes: each command meets them, nothing crashes or leaks, and a
 * session that is dead stays so. The first byte chooses the commands, and whether the server shuts up at the
 * end or closes. */
#include "base/clock.h"
#include "imap/access.h"
#include "imap/append.h"
#include "imap/body.h"
#include "imap/change.h"
#include "imap/folder.h"
#include "imap/search.h"
#include "imap/select.h"
#include "imap/watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What fits into a socket at once: nobody reads and writes at the same time here. */
#define MOST_BYTES (32 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char GREETING[] =
    "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ NAMESPACE ID ENABLE QRESYNC ESEARCH PARTIAL IDLE "
    "NOTIFY UIDPLUS "
    "MOVE UNSELECT LIST-EXTENDED LIST-STATUS SPECIAL-USE MULTIAPPEND ACL QUOTA OBJECTID X-GM-EXT-1 BINARY "
    "CREATE-SPECIAL-USE STATUS=SIZE] x\r\n";

/* ---- who listens; what is told must be sound ---- */

static void hear_gone(ImapUidSet *uids, gboolean is_earlier, void *data)
{
    (void)is_earlier, (void)data;
    if (uids && imap_uid_set_count(uids) == 0)
        g_error("nothing is gone");
}

static void hear_flags(uint32_t seq, uint32_t uid, const char *const *flags, uint64_t modseq, void *data)
{
    (void)uid, (void)modseq, (void)data;
    if (seq == 0)
        g_error("message 0");
    g_free(g_strjoinv(" ", (char **)flags));
}

static void hear_folder(const ImapFolder *folder, void *data)
{
    (void)data;
    g_free(g_strdup(folder->raw_name));
}

static void hear_listed(const ImapFolder *folder, const char *old_raw_name, gboolean is_gone, void *data)
{
    (void)is_gone;
    hear_folder(folder, data);
    g_free(g_strdup(old_raw_name));
}

static void hear_text(const char *text, void *data)
{
    (void)data;
    if (!g_utf8_validate(text, -1, NULL) || strpbrk(text, "\n\r\x1b"))
        g_error("not safe: %s", text);
}

static const ImapListener LISTENER = {.gone = hear_gone,
                                      .flags = hear_flags,
                                      .status = hear_folder,
                                      .listed = hear_listed,
                                      .alert = hear_text,
                                      .warning = hear_text};

static gboolean take_row(const ImapFetched *message, void *data, GError **error)
{
    (void)data, (void)error;
    if (message->seq == 0)
        g_error("message 0");
    return TRUE;
}

/* ---- the commands, by groups ---- */

static void open_and_resync(ImapSession *session)
{
    g_autoptr(ImapUidSet) known = imap_uid_set_parse("1:9,20", 0);
    const ImapResync resync = {.uid_validity = 7, .modseq = 5, .known = known};
    ImapSelected selected;

    imap_select_resync(session, "INBOX", FALSE, &resync, &selected, NULL);
    imap_fetch_changes(session, "1:9", 5, take_row, NULL, NULL);
    imap_map(session, NULL);
    imap_noop(session, NULL);
    imap_unselect(session, NULL);
}

static void newest_page(ImapSession *session)
{
    const ImapPage page = {.most = 3, .told = 5, .items = IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE};
    ImapSelected selected;

    imap_examine_ahead(session, "INBOX", &page, NULL);
    ImapListGaps gaps;
    g_autoptr(GPtrArray) listed = imap_list(session, &gaps, NULL);
    static const char *const FOLDERS[] = {"INBOX", "Lists", "Other"};
    for (gsize i = 0; i < G_N_ELEMENTS(FOLDERS); i++)
        if (imap_examine_page(session, FOLDERS[i], &page, &selected, NULL) && selected.has_page && i != 1)
            imap_fetch_wait(session, take_row, NULL, NULL);
}

static void change(ImapSession *session)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse("1:9", 0), more = imap_uid_set_parse("20,22", 0);
    const char *const flags[] = {"\\Seen", "$x", NULL};
    ImapSelected selected;

    imap_select(session, "INBOX", FALSE, &selected, NULL);
    imap_store_send(session, uids, IMAP_STORE_ADD, flags, 5, NULL);
    imap_copy_send(session, uids, "x", NULL);
    imap_move_send(session, more, "x", NULL);
    imap_expunge_send(session, uids, NULL);
    imap_look_send(session, more, NULL);
    for (int i = 0; i < 5; i++) {
        g_auto(ImapChanged) changed = {0};
        imap_change_wait(session, &changed, NULL);
        if (changed.copied && imap_copied_find(changed.copied, 1) &&
            !imap_copied_uid_validity(changed.copied))
            g_error("copied to nowhere");
        if (changed.absent && imap_uid_set_count(changed.absent) > imap_uid_set_count(more))
            g_error("more are gone than were looked for");
    }
}

static void search(ImapSession *session)
{
    ImapSelected selected;

    imap_select(session, "INBOX", FALSE, &selected, NULL);
    imap_uid_set_free(imap_search(session, "ALL", NULL, NULL));
    imap_uid_set_free(imap_search_message_id(session, 5, "<a>", NULL, NULL));
    imap_fetch(session, TRUE, "1:5", IMAP_FETCH_FLAGS | IMAP_FETCH_IDS | IMAP_FETCH_LABELS, take_row, NULL,
               NULL);
    imap_fetch(session, TRUE, "1:9", IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE | IMAP_FETCH_STRUCTURE, take_row,
               NULL, NULL);
}

static void body_and_append(ImapSession *session)
{
    const int fd = memfd_create("body", MFD_CLOEXEC);
    const ImapAppend messages[] = {{.fd = fd, .date_s = 1}, {.fd = fd}};
    ImapAppended appended[2];
    ImapSelected selected;
    gboolean found;
    int64_t bytes;
    uint32_t uid_validity;

    imap_select(session, "INBOX", FALSE, &selected, NULL);
    imap_fetch_body(session, 5, fd, &found, &bytes, NULL);
    if (found && (bytes < 0 || lseek(fd, 0, SEEK_END) != bytes))
        g_error("%d bytes were told", (int)bytes);
    imap_append(session, "x", messages, 2, appended, &uid_validity, NULL);
    imap_append(session, "x", messages, 1, appended, &uid_validity, NULL);
    close(fd);
}

static void folders(ImapSession *session)
{
    ImapListGaps gaps;
    g_autoptr(GPtrArray) list = imap_list(session, &gaps, NULL);
    const char *const names[] = {"INBOX", "x"};
    guint rights[2];

    if (list)
        imap_status(session, (ImapFolder *const *)list->pdata, MIN(list->len, 5), NULL);
    imap_create(session, "x", IMAP_ROLE_SENT, NULL, NULL);
    imap_my_rights_of(session, names, 2, rights, NULL);
    GPtrArray *acl = imap_acl(session, "x", NULL), *quota = imap_quota(session, "x", NULL);
    g_clear_pointer(&acl, g_ptr_array_unref);
    g_clear_pointer(&quota, g_ptr_array_unref);
}

static void watch(ImapSession *session)
{
    ImapSelected selected;

    imap_select(session, "INBOX", FALSE, &selected, NULL);
    imap_notify(session, 15, NULL);
    imap_listen(session, NULL, 0, NULL);
    imap_idle_start(session, NULL);
    imap_listen(session, NULL, 0, NULL);
    imap_idle_stop(session, NULL);
    imap_noop(session, NULL);
    imap_idle_start(session, NULL);
    imap_listen(session, NULL, 0, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const GROUPS[])(ImapSession *) = {open_and_resync, change, search,     body_and_append,
                                                    folders,         watch,  newest_page};
    static const NetTarget TARGET = {.host = "fuzz", .port = 143, .security = NET_PLAIN, .label = "fuzz"};
    const int room = 1 << 20;
    int fds[2];

    if (size < 1 || size > MOST_BYTES || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return 0;
    for (int i = 0; i < 2; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (send(fds[0], GREETING, strlen(GREETING), 0) < 0 || send(fds[0], data + 1, size - 1, 0) < 0)
        g_error("the socket is too small");
    shutdown(fds[0], SHUT_WR);

    g_autoptr(ImapSession) session =
        imap_session_new(net_stream_from_fds(fds[1], fds[1], &TARGET, NULL), &LISTENER);
    g_autoptr(GError) error = NULL;
    imap_greet(session, &error);
    imap_login(session, "ada", "x", TRUE, NULL);
    GROUPS[data[0] % G_N_ELEMENTS(GROUPS)](session);
    const gboolean was_alive = imap_session_is_alive(session);
    if (!was_alive && imap_noop(session, NULL))
        g_error("it came back to life");
    imap_logout(session, clock_now_us() + SECOND_US);
    if (imap_session_is_alive(session))
        g_error("it lives on");
    close(fds[0]);
    return 0;
}
