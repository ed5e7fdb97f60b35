/* imap-calls.c - see imap-calls.h. */
#include "tests/unit/imap-calls.h"

#include "base/clock.h"
#include "base/error.h"
#include "imap/access.h"
#include "imap/append.h"
#include "imap/change.h"
#include "imap/body.h"
#include "imap/fetch.h"
#include "imap/folder.h"
#include "imap/search.h"
#include "imap/select.h"
#include "imap/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- what the listener hears ---- */

static void add_line(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_line(GString *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(out, format, args);
    va_end(args);
    g_string_append_c(out, '\n');
}

static void hear_exists(uint32_t count, void *data)
{
    add_line(data, "! exists %u", count);
}

static void hear_gone(ImapUidSet *uids, gboolean is_earlier, void *data)
{
    g_autofree char *text = uids ? imap_uid_set_text(uids) : g_strdup("one");
    add_line(data, "! gone %s%s", text, is_earlier ? " earlier" : "");
}

static void hear_flags(uint32_t seq, uint32_t uid, const char *const *flags, uint64_t modseq, void *data)
{
    g_autofree char *joined = g_strjoinv(" ", (char **)flags);
    add_line(data, "! flags %u %u (%s) %" G_GUINT64_FORMAT, seq, uid, joined, modseq);
}

static void add_folder(GString *out, const ImapFolder *folder);

static void hear_status(const ImapFolder *folder, void *data)
{
    g_string_append(data, "! status ");
    add_folder(data, folder);
}

static void hear_listed(const ImapFolder *folder, const char *old_raw_name, gboolean is_gone, void *data)
{
    g_string_append_printf(data, "! %s%s%s ", is_gone ? "gone" : "listed", old_raw_name ? " was " : "",
                           old_raw_name ? old_raw_name : "");
    add_folder(data, folder);
}

static void hear_overflow(void *data)
{
    add_line(data, "! overflow");
}

static void hear_alert(const char *text, void *data)
{
    add_line(data, "! alert %s", text);
}

static void hear_warning(const char *text, void *data)
{
    add_line(data, "! warning %s", text);
}

static ImapListener calls_listener(GString *out)
{
    return (ImapListener){.exists = hear_exists,
                          .gone = hear_gone,
                          .flags = hear_flags,
                          .status = hear_status,
                          .listed = hear_listed,
                          .overflow = hear_overflow,
                          .alert = hear_alert,
                          .warning = hear_warning,
                          .data = out};
}

/* ---- what a script can ask for; each appends lines, and FALSE with an error ---- */

typedef gboolean (*CallFunc)(ImapSession *session, char **words, GString *out, GError **error);

static int64_t patience; /* us; of the call under way */

static const char *const ROLES[] = {"none", "inbox",   "sent", "drafts", "trash",
                                    "junk", "archive", "all",  "flagged"};

static gboolean call_greet(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_greet(session, error);
}

static gboolean call_login(ImapSession *session, char **words, GString *out, GError **error)
{
    if (!imap_login(session, words[1], words[2], !strcmp(words[0], "login"), error))
        return FALSE;
    add_line(out, "by %s", imap_session_mechanism(session));
    return TRUE;
}

static gboolean call_about(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)error;
    const char *server = imap_session_server(session);
    g_autofree char *capabilities = g_strjoinv(" ", (char **)imap_session_capabilities(session));
    add_line(out, "%s: %s", server ? server : "?", capabilities);
    return TRUE;
}

static void add_folder(GString *out, const ImapFolder *folder)
{
    g_autofree char *raw_name = g_strescape(folder->raw_name, NULL);

    g_string_append_printf(out, "%s <%s> %c %s%s%s%s", folder->name ? folder->name : "", raw_name,
                           folder->delimiter ? folder->delimiter : '-', ROLES[folder->role],
                           folder->selectable ? "" : " noselect", folder->subscribed ? " subscribed" : "",
                           folder->has_children ? " children" : "");
    if (folder->has_status)
        g_string_append_printf(out, " %u %u %u %u %" G_GUINT64_FORMAT, folder->messages, folder->unseen,
                               folder->uid_next, folder->uid_validity, folder->highest_modseq);
    if (folder->told & IMAP_TOLD_SIZE)
        g_string_append_printf(out, " size=%" G_GINT64_FORMAT, folder->size_bytes);
    if (folder->told & IMAP_TOLD_APPEND_LIMIT)
        g_string_append_printf(out, " limit=%" G_GINT64_FORMAT, folder->append_limit);
    g_string_append_c(out, '\n');
}

static gboolean call_list(ImapSession *session, char **words, GString *out, GError **error)
{
    ImapListGaps gaps;
    g_autoptr(GPtrArray) folders = imap_list(session, &gaps, error);

    (void)words;
    for (guint i = 0; folders && i < folders->len; i++)
        add_folder(out, g_ptr_array_index(folders, i));
    if (folders && gaps.has_more)
        g_string_append(out, "and more\n");
    if (folders && gaps.has_odd)
        g_string_append(out, "and odd ones\n");
    return folders != NULL;
}

static gboolean call_status(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);

    for (char **name = words + 1; *name; name++) {
        ImapFolder *folder = g_new0(ImapFolder, 1);
        folder->raw_name = g_strdup(*name);
        folder->name = g_strdup(*name);
        folder->selectable = TRUE;
        g_ptr_array_add(folders, folder);
    }
    if (!imap_status(session, (ImapFolder *const *)folders->pdata, folders->len, error))
        return FALSE;
    for (guint i = 0; i < folders->len; i++)
        add_folder(out, g_ptr_array_index(folders, i));
    return TRUE;
}

static void add_selected(GString *out, const ImapSelected *selected)
{
    add_line(out, "%u %u %u %" G_GUINT64_FORMAT "%s%s%s%s", selected->exists, selected->uid_next,
             selected->uid_validity, selected->highest_modseq, selected->is_read_only ? " read-only" : "",
             selected->is_resynced ? " resynced" : "", *selected->mailbox_id ? " id=" : "",
             selected->mailbox_id);
}

static gboolean call_select(ImapSession *session, char **words, GString *out, GError **error)
{
    ImapSelected selected;
    gboolean ok = imap_select(session, words[1], !strcmp(words[0], "examine"), &selected, error);

    assert_int_equal(ok, imap_session_selected(session) != NULL);
    if (ok)
        add_selected(out, &selected);
    return ok;
}

static ImapFetchItems items_of(const char *words)
{
    return (strstr(words, "flags") ? IMAP_FETCH_FLAGS : 0) |
           (strstr(words, "envelope") ? IMAP_FETCH_ENVELOPE : 0) |
           (strstr(words, "structure") ? IMAP_FETCH_STRUCTURE : 0) |
           (strstr(words, "ids") ? IMAP_FETCH_IDS : 0) | (strstr(words, "threads") ? IMAP_FETCH_THREADS : 0) |
           (strstr(words, "labels") ? IMAP_FETCH_LABELS : 0);
}

/* MOST TOLD ITEMS */
static ImapPage page_of(char **words)
{
    return (ImapPage){(guint)atoi(words[0]), (uint32_t)atoi(words[1]), items_of(words[2])};
}

/* ahead FOLDER [MOST TOLD ITEMS] */
static gboolean call_ahead(ImapSession *session, char **words, GString *out, GError **error)
{
    const ImapPage page = words[2] ? page_of(words + 2) : (ImapPage){0};

    (void)out;
    return imap_examine_ahead(session, words[1], words[2] ? &page : NULL, error);
}

/* page FOLDER MOST TOLD ITEMS */
static gboolean call_page(ImapSession *session, char **words, GString *out, GError **error)
{
    const ImapPage page = page_of(words + 2);
    ImapSelected selected;

    if (!imap_examine_page(session, words[1], &page, &selected, error))
        return FALSE;
    add_selected(out, &selected);
    if (selected.has_page)
        add_line(out, "its page comes");
    return TRUE;
}

/* resync FOLDER UIDVALIDITY MODSEQ [KNOWN [SEQS UIDS]] */
static gboolean call_resync(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(ImapUidSet) known = words[4] ? imap_uid_set_parse(words[4], 0) : NULL;
    const ImapResync resync = {.uid_validity = (uint32_t)atoi(words[2]),
                               .modseq = g_ascii_strtoull(words[3], NULL, 10),
                               .known = known,
                               .match_seqs = words[4] ? words[5] : NULL,
                               .match_uids = words[4] && words[5] ? words[6] : NULL};
    ImapSelected selected;

    if (!imap_select_resync(session, words[1], FALSE, &resync, &selected, error))
        return FALSE;
    add_selected(out, &selected);
    return TRUE;
}

static gboolean call_unselect(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_unselect(session, error);
}

static gboolean call_map(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_map(session, error);
}

/* The selected folder, as the session knows it. */
static gboolean call_selected(ImapSession *session, char **words, GString *out, GError **error)
{
    const char *raw_name = imap_session_selected(session);

    (void)words, (void)error;
    add_line(out, "%s %u%s", raw_name ? raw_name : "none", imap_session_uid_validity(session),
             imap_session_is_read_only(session) ? " read-only" : "");
    return TRUE;
}

static gboolean call_keeps(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)error;
    for (char **flag = words + 1; *flag; flag++)
        add_line(out, "%s %s", *flag, imap_session_keeps_flag(session, *flag) ? "yes" : "no");
    return TRUE;
}

static gboolean call_enabled(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)error;
    add_line(out, "condstore %d qresync %d utf8 %d rev2 %d limit %" G_GUINT64_FORMAT,
             imap_session_is_enabled(session, IMAP_CAN_CONDSTORE),
             imap_session_is_enabled(session, IMAP_CAN_QRESYNC),
             imap_session_is_enabled(session, IMAP_CAN_UTF8_ACCEPT),
             imap_session_is_enabled(session, IMAP_CAN_REV2), imap_session_append_limit(session));
    return TRUE;
}

static gboolean take_row(const ImapFetched *message, void *data, GError **error)
{
    GString *out = data;

    g_string_append_printf(out, "%u %u", message->seq, message->uid);
    if (message->has_flags) {
        g_autofree char *flags = g_strjoinv(" ", (char **)message->flags);
        g_string_append_printf(out, " (%s)", flags);
    }
    if (message->has_date)
        g_string_append_printf(out, " date=%" G_GINT64_FORMAT, message->internal_date_s);
    if (message->has_size)
        g_string_append_printf(out, " size=%" G_GINT64_FORMAT, message->size_bytes);
    if (message->header) {
        assert_int_equal(strlen(message->header), message->header_bytes);
        g_autofree char *header = g_strescape(message->header, NULL);
        g_string_append_printf(out, " header=%s", header);
    }
    if (message->has_attachments_count)
        g_string_append_printf(out, " attachments=%d", message->attachments);
    if (message->modseq > 0)
        g_string_append_printf(out, " modseq=%" G_GUINT64_FORMAT, message->modseq);
    if (message->email_id || message->thread_id)
        g_string_append_printf(out, " ids=%s,%s", message->email_id, message->thread_id);
    if (message->has_labels) {
        g_autofree char *labels = g_strjoinv("|", (char **)message->labels);
        g_string_append_printf(out, " labels=%s", labels);
    }
    g_string_append_c(out, '\n');
    if (message->uid != 666)
        return TRUE;
    tern_error_set(error, TERN_ERROR_STORE, "no room for 666");
    return FALSE;
}

static gboolean call_fetch(ImapSession *session, char **words, GString *out, GError **error)
{
    return imap_fetch(session, !strcmp(words[1], "uid"), words[2], items_of(words[3]), take_row, out, error);
}

static gboolean call_send(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)out;
    return imap_fetch_send(session, !strcmp(words[1], "uid"), words[2], items_of(words[3]), error);
}

static gboolean call_wait(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words;
    return imap_fetch_wait(session, take_row, out, error);
}

static gboolean call_body(ImapSession *session, char **words, GString *out, GError **error)
{
    int fd = words[2] ? -1 : memfd_create("body", MFD_CLOEXEC);
    char bytes[4096] = "";
    gboolean found;
    int64_t size;
    gboolean ok = imap_fetch_body(session, (uint32_t)strtoul(words[1], NULL, 10), fd, &found, &size, error);

    if (ok && found) {
        assert_true(size < (int64_t)sizeof bytes);
        assert_int_equal(pread(fd, bytes, sizeof bytes, 0), size);
        g_autofree char *escaped = g_strescape(bytes, NULL);
        add_line(out, "%d: %s", (int)size, escaped);
    } else if (ok) {
        add_line(out, "not there");
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Messages that come by commands under way at once: each adds a line as it ends. */
typedef struct {
    int fd;
    GString *out;
} Many;

static int open_many(void *data, GError **error)
{
    (void)error;
    return ((Many *)data)->fd = memfd_create("bodies", MFD_CLOEXEC);
}

static gboolean close_many(uint32_t uid, int64_t size, const GError *failed, void *data, GError **error)
{
    Many *many = data;
    char bytes[4096] = "";

    (void)error;
    assert_null(failed);
    assert_true(size < (int64_t)sizeof bytes);
    assert_int_equal(pread(many->fd, bytes, sizeof bytes, 0), size);
    close(many->fd);
    g_autofree char *escaped = g_strescape(bytes, NULL);
    add_line(many->out, uid ? "%u: %s" : "nonsense", uid, escaped);
    return TRUE;
}

/* "bodies SET SET …" */
static gboolean call_bodies(ImapSession *session, char **words, GString *out, GError **error)
{
    Many many = {-1, out};
    g_autoptr(ImapBodies) bodies = imap_bodies_new(session, &(ImapBodyTaker){open_many, close_many, &many});
    gboolean ok = TRUE;

    for (char **set = words + 1; *set && ok; set++)
        ok = imap_bodies_send(bodies, *set, error);
    for (char **set = words + 1; *set && ok; set++)
        ok = imap_bodies_wait(bodies, error);
    return ok;
}

static gboolean call_changes(ImapSession *session, char **words, GString *out, GError **error)
{
    return imap_fetch_changes(session, words[1], g_ascii_strtoull(words[2], NULL, 10), take_row, out, error);
}

/* ---- searching ---- */

static gboolean add_found(GString *out, ImapUidSet *uids)
{
    g_autofree char *text = uids ? imap_uid_set_text(uids) : NULL;

    if (uids)
        add_line(out, "found %s", text);
    imap_uid_set_free(uids);
    return text != NULL;
}

static gboolean call_search(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autofree char *criteria = g_strjoinv(" ", words + 1);

    gboolean is_told = TRUE;
    const gboolean ok = add_found(out, imap_search(session, criteria, &is_told, error));

    if (ok && !is_told)
        add_line(out, "not told");
    return ok;
}

static gboolean call_message_id(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autofree char *id = g_strcompress(words[2]);

    return add_found(out, imap_search_message_id(session, (uint32_t)atoi(words[1]), id, NULL, error));
}

/* ---- changing ---- */

static void add_copied(uint32_t old_uid, uint32_t new_uid, void *data)
{
    g_string_append_printf(data, " %u>%u", old_uid, new_uid);
}

static void add_changed(GString *out, ImapChanged *changed)
{
    g_autofree char *modified = imap_uid_set_text(changed->modified);
    g_autofree char *refused = imap_uid_set_text(changed->refused);
    g_autofree char *absent = imap_uid_set_text(changed->absent);

    if (*absent)
        add_line(out, "absent %s", absent);
    if (*modified)
        add_line(out, "modified %s", modified);
    if (*refused)
        add_line(out, "refused %s", refused);
    if (!imap_copied_uid_validity(changed->copied))
        return;
    g_string_append_printf(out, "copied to %u:", imap_copied_uid_validity(changed->copied));
    imap_copied_foreach(changed->copied, add_copied, out);
    g_string_append_c(out, '\n');
}

/* send-store UIDS + FLAG[,FLAG…] [UNCHANGED-SINCE] */
static gboolean call_send_store(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse(words[1], 0);
    g_auto(GStrv) flags = g_strsplit(words[3], ",", -1);

    (void)out;
    return imap_store_send(session, uids, *words[2] == '+' ? IMAP_STORE_ADD : IMAP_STORE_REMOVE,
                           (const char *const *)flags, words[4] ? g_ascii_strtoull(words[4], NULL, 10) : 0,
                           error);
}

/* send-labels UIDS + LABEL[,LABEL…] */
static gboolean call_send_labels(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse(words[1], 0);
    g_auto(GStrv) labels = g_strsplit(words[3], ",", -1);

    (void)out;
    return imap_labels_send(session, uids, *words[2] == '+' ? IMAP_STORE_ADD : IMAP_STORE_REMOVE,
                            (const char *const *)labels, error);
}

/* send-copy UIDS FOLDER, send-move UIDS FOLDER, send-expunge UIDS, send-look UIDS; every other one of "half:N" (a long
 * set) */
static gboolean call_send_change(ImapSession *session, char **words, GString *out, GError **error)
{
    const gboolean is_half = g_str_has_prefix(words[1], "half:");
    g_autoptr(ImapUidSet) uids = is_half ? imap_uid_set_new() : imap_uid_set_parse(words[1], 0);

    (void)out;
    for (uint32_t uid = 1; is_half && uid <= (uint32_t)atoi(words[1] + 5); uid += 2)
        imap_uid_set_add(uids, uid);
    if (!strcmp(words[0], "send-copy"))
        return imap_copy_send(session, uids, words[2], error);
    if (!strcmp(words[0], "send-move"))
        return imap_move_send(session, uids, words[2], error);
    return !strcmp(words[0], "send-look") ? imap_look_send(session, uids, error)
                                          : imap_expunge_send(session, uids, error);
}

static gboolean call_changed(ImapSession *session, char **words, GString *out, GError **error)
{
    g_auto(ImapChanged) changed = {0};
    gboolean ok = imap_change_wait(session, &changed, error);

    (void)words;
    add_changed(out, &changed);
    return ok;
}

/* change store …, change copy …: as the send- ones, and waited for */
static gboolean call_change(ImapSession *session, char **words, GString *out, GError **error)
{
    g_auto(ImapChanged) changed = {0};
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse(words[2], 0);
    const char *flags[] = {words[3] ? words[4] : NULL, NULL};
    gboolean ok = FALSE;

    if (!strcmp(words[1], "store"))
        ok = imap_store(session, uids, *words[3] == '+' ? IMAP_STORE_ADD : IMAP_STORE_REMOVE, flags, 0,
                        &changed, error);
    else if (!strcmp(words[1], "copy"))
        ok = imap_copy(session, uids, words[3], &changed, error);
    else if (!strcmp(words[1], "move"))
        ok = imap_move(session, uids, words[3], &changed, error);
    else
        ok = imap_expunge(session, uids, &changed, error);
    if (changed.copied)
        add_changed(out, &changed);
    return ok;
}

#define MOST_APPENDS 64

/* append FOLDER FLAGS|- DATE TEXT [FLAGS|- DATE TEXT …]; in TEXT "_" is a space, and C's escapes stand for
 * what they do; "*N" is a message of N lines of 10 bytes */
static gboolean call_append(ImapSession *session, char **words, GString *out, GError **error)
{
    ImapAppend messages[MOST_APPENDS];
    ImapAppended appended[MOST_APPENDS];
    g_autoptr(GPtrArray) flags = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    uint32_t uid_validity;
    guint n = 0;

    for (char **word = words + 2; *word; word += 3, n++) {
        g_autofree char *spaced = g_strdelimit(g_strdup(word[2]), "_", ' ');
        g_autofree char *text = g_strcompress(spaced);
        g_autoptr(GString) bytes = g_string_new(*text == '*' ? "A: b\n\n" : text);
        for (int i = 0; *text == '*' && i < atoi(text + 1); i++)
            g_string_append(bytes, "123456789\n");
        if (strstr(word[2], "NUL"))
            bytes->str[0] = '\0';
        assert_true(n < MOST_APPENDS);
        g_ptr_array_add(flags, strcmp(word[0], "-") != 0 ? g_strsplit(word[0], ",", -1) : NULL);
        messages[n] = (ImapAppend){.fd = memfd_create("message", MFD_CLOEXEC),
                                   .flags = g_ptr_array_index(flags, n),
                                   .date_s = g_ascii_strtoll(word[1], NULL, 10)};
        assert_int_equal(write(messages[n].fd, bytes->str, bytes->len), bytes->len);
    }
    gboolean ok = imap_append(session, words[1], messages, n, appended, &uid_validity, error);
    g_string_append_printf(out, "%u:", uid_validity);
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(out, " %s%u", appended[i].is_there ? "" : "-", appended[i].uid);
        close(messages[i].fd);
    }
    g_string_append_c(out, '\n');
    return ok;
}

/* ---- folders ---- */

static gboolean call_create(ImapSession *session, char **words, GString *out, GError **error)
{
    ImapRole role = IMAP_ROLE_NONE;
    gboolean took_role;

    for (guint i = 0; words[2] && i < G_N_ELEMENTS(ROLES); i++)
        if (!strcmp(words[2], ROLES[i]))
            role = (ImapRole)i;
    if (!imap_create(session, words[1], role, &took_role, error))
        return FALSE;
    add_line(out, took_role ? "with role" : "plain");
    return TRUE;
}

static gboolean call_folder(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)out;
    if (!strcmp(words[0], "delete"))
        return imap_delete(session, words[1], error);
    if (!strcmp(words[0], "rename"))
        return imap_rename(session, words[1], words[2], error);
    return imap_subscribe(session, words[1], !strcmp(words[0], "subscribe"), error);
}

static gboolean call_namespaces(ImapSession *session, char **words, GString *out, GError **error)
{
    const GPtrArray *namespaces = imap_session_namespaces(session);

    (void)words, (void)error;
    for (guint i = 0; i < namespaces->len; i++) {
        const ImapNamespace *one = g_ptr_array_index(namespaces, i);
        add_line(out, "%u <%s> %c", one->kind, one->prefix, one->delimiter ? one->delimiter : '-');
    }
    return TRUE;
}

static gboolean call_raw(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autofree char *raw = imap_raw_name(session, words[2], *words[1] == '-' ? 0 : *words[1], error);
    g_autofree char *shown = raw ? imap_shown_name(session, raw, *words[1] == '-' ? 0 : *words[1]) : NULL;

    if (raw)
        add_line(out, "<%s> %s", raw, shown);
    return raw != NULL;
}

static gboolean call_rights(ImapSession *session, char **words, GString *out, GError **error)
{
    guint rights[8] = {0}, n = g_strv_length(words) - 1;

    if (n == 1 ? !imap_my_rights(session, words[1], rights, error)
               : !imap_my_rights_of(session, (const char *const *)words + 1, n, rights, error))
        return FALSE;
    for (guint i = 0; i < n; i++)
        add_line(out, "%s %x", words[i + 1], rights[i]);
    return TRUE;
}

static gboolean call_acl(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(GPtrArray) entries = imap_acl(session, words[1], error);

    for (guint i = 0; entries && i < entries->len; i++) {
        const ImapAclEntry *entry = g_ptr_array_index(entries, i);
        add_line(out, "%s %s %x", entry->who, entry->letters, entry->rights);
    }
    return entries != NULL;
}

static gboolean call_quota(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(GPtrArray) quotas = imap_quota(session, words[1], error);

    for (guint i = 0; quotas && i < quotas->len; i++) {
        const ImapQuota *quota = g_ptr_array_index(quotas, i);
        add_line(out, "<%s> %s %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, quota->root, quota->resource,
                 quota->used, quota->limit);
    }
    return quotas != NULL;
}

/* ---- watching ---- */

static guint lines_of(const GString *out)
{
    guint n = 0;

    for (const char *at = out->str; *at; at++)
        n += *at == '\n';
    return n;
}

/* listen N: until the listener has heard so much */
static gboolean call_listen(ImapSession *session, char **words, GString *out, GError **error)
{
    while (lines_of(out) < (guint)atoi(words[1])) {
        int ready = imap_listen(session, NULL, clock_now_us() + patience, error);
        if (ready == NET_ERROR)
            return FALSE;
        if (ready == NET_TIMED_OUT) {
            imap_logout(session, clock_now_us()); /* nothing works from here on */
            tern_error_set(error, TERN_ERROR_NETWORK, "silence");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean call_idle(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_idle_start(session, error);
}

static gboolean call_done(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_idle_stop(session, error);
}

static gboolean call_notify(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)out;
    return imap_notify(session, (guint)atoi(words[1]), error);
}

static gboolean call_compress(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out, (void)error;
    imap_compress(session);
    return TRUE;
}

static gboolean call_noop(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return imap_noop(session, error);
}

static gboolean call_logout(ImapSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out, (void)error;
    imap_logout(session, clock_now_us() + 2 * SECOND_US);
    return TRUE;
}

static const struct {
    const char *name;
    CallFunc call;
    gboolean is_pure; /* says nothing to the server that is answered at once */
} CALLS[] = {
    {"greet", call_greet, FALSE},
    {"login", call_login, FALSE},
    {"login-safely", call_login, FALSE},
    {"about", call_about, TRUE},
    {"list", call_list, FALSE},
    {"status", call_status, FALSE},
    {"select", call_select, FALSE},
    {"examine", call_select, FALSE},
    {"ahead", call_ahead, TRUE},
    {"page", call_page, FALSE},
    {"resync", call_resync, FALSE},
    {"unselect", call_unselect, FALSE},
    {"map", call_map, FALSE},
    {"keeps", call_keeps, TRUE},
    {"selected", call_selected, TRUE},
    {"enabled", call_enabled, TRUE},
    {"fetch", call_fetch, FALSE},
    {"send", call_send, FALSE},
    {"wait", call_wait, FALSE},
    {"changes", call_changes, FALSE},
    {"body", call_body, FALSE},
    {"bodies", call_bodies, FALSE},
    {"search", call_search, FALSE},
    {"message-id", call_message_id, FALSE},
    {"send-store", call_send_store, FALSE},
    {"send-labels", call_send_labels, FALSE},
    {"send-copy", call_send_change, FALSE},
    {"send-move", call_send_change, FALSE},
    {"send-expunge", call_send_change, FALSE},
    {"send-look", call_send_change, FALSE},
    {"changed", call_changed, FALSE},
    {"change", call_change, FALSE},
    {"append", call_append, FALSE},
    {"create", call_create, FALSE},
    {"delete", call_folder, FALSE},
    {"rename", call_folder, FALSE},
    {"subscribe", call_folder, FALSE},
    {"unsubscribe", call_folder, FALSE},
    {"namespaces", call_namespaces, TRUE},
    {"raw", call_raw, TRUE},
    {"rights", call_rights, FALSE},
    {"acl", call_acl, FALSE},
    {"quota", call_quota, FALSE},
    {"listen", call_listen, FALSE},
    {"idle", call_idle, FALSE},
    {"done", call_done, TRUE},
    {"notify", call_notify, FALSE},
    {"compress", call_compress, TRUE},
    {"noop", call_noop, FALSE},
    {"logout", call_logout, TRUE},
};

static gsize find_call(const char *line)
{
    gsize bytes = strcspn(line, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(CALLS); i++)
        if (strlen(CALLS[i].name) == bytes && !strncmp(line, CALLS[i].name, bytes))
            return i;
    fail_msg("what is \"%s\"?", line);
    return 0;
}

static gboolean calls_is_pure(const char *line)
{
    return CALLS[find_call(line)].is_pure;
}

static void calls_do(void *session, const char *line, int64_t patience_us, GString *out)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GError) error = NULL;

    patience = patience_us;
    if (CALLS[find_call(line)].call(session, words, out, &error)) {
        assert_null(error);
        add_line(out, "ok");
        return;
    }
    assert_non_null(error);
    const gboolean is_refused = tern_error_is(error, TERN_ERROR_REFUSED);
    const char *refusal = is_refused ? imap_session_refusal(session) : NULL;
    add_line(out, "error %s%s%s%s: %s", tern_error_kind_name(tern_error_kind(error)), refusal ? " " : "",
             refusal ? refusal : "",
             is_refused && imap_session_refusal_may_pass(session) ? " (may pass)" : "", error->message);
}

static void *calls_open(NetStream *stream, GString *out)
{
    const ImapListener listener = calls_listener(out);

    return imap_session_new(stream, &listener);
}

static void calls_close(void *session)
{
    imap_session_free(session);
}

const ScriptClient IMAP_CLIENT = {calls_open, calls_do, calls_is_pure, calls_close};
