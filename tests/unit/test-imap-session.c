/* Sessions against scripted servers (the files in imap/): as written; with the server's bytes one at a time;
 * cut off in each thing the server says; and with a server that falls silent there. In the last two each call
 * must come out as written or end with a network error, and the one that was cut must end so, unless it is
 * written to fail and had reason enough before. */
#include "base/error.h"
#include "imap/folder.h"
#include "imap/search.h"
#include "imap/select.h"
#include "tests/unit/imap-script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define SILENCE_US (10 * 1000)

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

/* ---- what a script can ask for; each appends lines, and FALSE with an error ---- */

typedef gboolean (*CallFunc)(ImapSession *session, char **words, GString *out, GError **error);

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
    if (folder->mailbox_id)
        g_string_append_printf(out, " id=%s", folder->mailbox_id);
    g_string_append_c(out, '\n');
}

static gboolean call_list(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autoptr(GPtrArray) folders = imap_list(session, error);

    (void)words;
    for (guint i = 0; folders && i < folders->len; i++)
        add_folder(out, g_ptr_array_index(folders, i));
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

static gboolean call_select(ImapSession *session, char **words, GString *out, GError **error)
{
    ImapSelected selected;
    gboolean ok = imap_select(session, words[1], !strcmp(words[0], "examine"), &selected, error);

    assert_int_equal(ok, imap_session_selected(session) != NULL);
    if (ok)
        add_line(out, "%u %u %u %" G_GUINT64_FORMAT "%s", selected.exists, selected.uid_next,
                 selected.uid_validity, selected.highest_modseq, selected.is_read_only ? " read-only" : "");
    return ok;
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
    g_string_append_c(out, '\n');
    if (message->uid != 666)
        return TRUE;
    tern_error_set(error, TERN_ERROR_STORE, "no room for 666");
    return FALSE;
}

static ImapFetchItems items_of(const char *words)
{
    return (strstr(words, "flags") ? IMAP_FETCH_FLAGS : 0) |
           (strstr(words, "envelope") ? IMAP_FETCH_ENVELOPE : 0) |
           (strstr(words, "structure") ? IMAP_FETCH_STRUCTURE : 0);
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

static gboolean call_search(ImapSession *session, char **words, GString *out, GError **error)
{
    g_autofree char *criteria = g_strjoinv(" ", words + 1);
    g_autoptr(ImapUidSet) uids = imap_search(session, criteria, error);
    g_autofree char *text = uids ? imap_uid_set_text(uids) : NULL;

    if (uids)
        add_line(out, "found %s", text);
    return uids != NULL;
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
} CALLS[] = {
    {"greet", call_greet},   {"login", call_login},   {"login-safely", call_login}, {"about", call_about},
    {"list", call_list},     {"status", call_status}, {"select", call_select},      {"examine", call_select},
    {"fetch", call_fetch},   {"send", call_send},     {"wait", call_wait},          {"body", call_body},
    {"search", call_search}, {"noop", call_noop},     {"logout", call_logout},
};

static void do_call(ImapSession *session, const char *line, GString *out)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GError) error = NULL;
    CallFunc call = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(CALLS); i++)
        if (!strcmp(words[0], CALLS[i].name))
            call = CALLS[i].call;
    assert_non_null(call);
    if (call(session, words, out, &error)) {
        assert_null(error);
        add_line(out, "ok");
        return;
    }
    assert_non_null(error);
    const char *refusal = tern_error_is(error, TERN_ERROR_REFUSED) ? imap_session_refusal(session) : NULL;
    add_line(out, "error %s%s%s: %s", tern_error_kind_name(tern_error_kind(error)), refusal ? " " : "",
             refusal ? refusal : "", error->message);
}

/* ---- playing a script ---- */

/* What each call gives, a text for each; NULL-terminated. */
static GStrv play(const Script *script, ScriptMode mode, char **complaint_out)
{
    int fd;
    ScriptServer *server = script_server_start(script, mode, &fd);
    const NetTarget target = {.host = "mail.example.org",
                              .port = 143,
                              .security = script->wants_starttls ? NET_STARTTLS : NET_PLAIN,
                              .label = "imap test"};
    NetStream *stream = net_stream_from_fds(fd, fd, &target, NULL);
    GString *out = g_string_new(NULL);
    const ImapListener listener = {.exists = hear_exists,
                                   .gone = hear_gone,
                                   .flags = hear_flags,
                                   .status = hear_status,
                                   .listed = hear_listed,
                                   .overflow = hear_overflow,
                                   .alert = hear_alert,
                                   .warning = hear_warning,
                                   .data = out};
    GPtrArray *results = g_ptr_array_new();

    net_stream_set_timeout(stream, mode.is_silent ? SILENCE_US : 20 * SECOND_US);
    ImapSession *session = imap_session_new(stream, &listener);
    for (guint i = 0; i < script->steps->len; i++) {
        const ScriptStep *step = g_ptr_array_index(script->steps, i);
        if (step->kind != '>')
            continue;
        g_string_truncate(out, 0);
        do_call(session, step->bytes->str, out);
        g_ptr_array_add(results, g_strdup(out->str));
    }
    imap_session_free(session);
    *complaint_out = script_server_end(server);
    g_ptr_array_add(results, NULL);
    g_string_free(out, TRUE);
    return (GStrv)g_ptr_array_free(results, FALSE);
}

static GStrv written(const Script *script)
{
    GPtrArray *texts = g_ptr_array_new();

    for (guint call = 0; call < script->n_calls; call++) {
        GString *text = g_string_new(NULL);
        for (guint i = 0; i < script->steps->len; i++) {
            const ScriptStep *step = g_ptr_array_index(script->steps, i);
            if (step->kind == '=' && step->call == call)
                add_line(text, "%s", step->bytes->str);
        }
        g_ptr_array_add(texts, g_string_free(text, FALSE));
    }
    g_ptr_array_add(texts, NULL);
    return (GStrv)g_ptr_array_free(texts, FALSE);
}

static void check_as_written(const Script *script, gboolean by_byte)
{
    g_autofree char *complaint = NULL;
    g_auto(GStrv) expected = written(script);
    g_auto(GStrv) results =
        play(script, (ScriptMode){.most_said = G_MAXUINT, .by_byte = by_byte}, &complaint);

    for (guint i = 0; expected[i]; i++)
        if (strcmp(expected[i], results[i]) != 0)
            fail_msg("%s%s, call %u: expected\n%sgot\n%s%s", script->name, by_byte ? " by byte" : "", i + 1,
                     expected[i], results[i], complaint ? complaint : "");
    if (complaint)
        fail_msg("%s%s: the client %s", script->name, by_byte ? " by byte" : "", complaint);
}

static gboolean is_network_error(const char *result)
{
    const char *last = g_strrstr(result, "error ");

    return last && g_str_has_prefix(last, "error network");
}

/* The call in which the first step stands that was not said; G_MAXUINT for none. */
static guint call_cut(const Script *script, guint most_said)
{
    guint said = 0;

    for (guint i = 0; i < script->steps->len; i++) {
        const ScriptStep *step = g_ptr_array_index(script->steps, i);
        if (step->kind == 'S' && said++ == most_said)
            return step->call;
    }
    return G_MAXUINT;
}

/* Whether a call is none that could notice a broken connection. */
static gboolean is_exempt(const Script *script, guint call)
{
    for (guint i = 0; i < script->steps->len; i++) {
        const ScriptStep *step = g_ptr_array_index(script->steps, i);
        if (step->kind == '>' && step->call == call)
            return !strcmp(step->bytes->str, "logout") || !strcmp(step->bytes->str, "about");
    }
    return FALSE;
}

static void check_broken(const Script *script, ScriptMode mode)
{
    g_autofree char *complaint = NULL;
    g_auto(GStrv) expected = written(script);
    g_auto(GStrv) results = play(script, mode, &complaint);
    guint cut = call_cut(script, mode.most_said);

    for (guint i = 0; expected[i]; i++)
        if (strcmp(expected[i], results[i]) != 0 && !is_network_error(results[i]) && !is_exempt(script, i))
            fail_msg("%s, %s after %u, call %u: %s", script->name, mode.is_cut ? "cut" : "silent",
                     mode.most_said, i + 1, results[i]);
    gboolean is_noticed = is_network_error(results[cut]) ||
                          (!strcmp(results[cut], expected[cut]) && g_strrstr(results[cut], "error "));
    if (!is_exempt(script, cut) && !is_noticed)
        fail_msg("%s, %s after %u: call %u does not notice: %s", script->name, mode.is_cut ? "cut" : "silent",
                 mode.most_said, cut + 1, results[cut]);
    if (complaint)
        fail_msg("%s, %s after %u: the client %s", script->name, mode.is_cut ? "cut" : "silent",
                 mode.most_said, complaint);
}

static void test_script(void **state)
{
    Script *script = script_read(*state);

    check_as_written(script, FALSE);
    if (!script->is_whole) {
        check_as_written(script, TRUE);
        for (guint i = 0; i < script->n_said; i++) {
            check_broken(script, (ScriptMode){.most_said = i, .is_cut = TRUE});
            check_broken(script, (ScriptMode){.most_said = i, .is_silent = TRUE});
        }
    }
    script_free(script);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int main(void)
{
    const char *source = g_getenv("srcdir");
    g_autofree char *folder = g_build_filename(source ? source : "..", "tests", "unit", "imap", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!dir)
        g_error("no scripts in %s", folder);
    while ((name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".txt"))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(paths, compare_names);

    g_autofree struct CMUnitTest *tests = g_new0(struct CMUnitTest, paths->len);
    for (guint i = 0; i < paths->len; i++)
        tests[i] = (struct CMUnitTest){.name = strrchr(g_ptr_array_index(paths, i), '/') + 1,
                                       .test_func = test_script,
                                       .initial_state = g_ptr_array_index(paths, i)};
    return _cmocka_run_group_tests("imap scripts", tests, paths->len, NULL, NULL);
}
