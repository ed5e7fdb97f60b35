/* script-play.c - see script-play.h. */
#include "tests/unit/script-play.h"

#include "tests/unit/imap-script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SILENCE_US (10 * 1000)

static const ScriptClient *client;

/* ---- playing a script ---- */

/* What each call gives, a text for each; NULL-terminated. */
static GStrv play(const Script *script, ScriptMode mode, char **complaint_out)
{
    int fd;
    ScriptServer *server = script_server_start(script, mode, &fd);
    const NetTarget target = {.host = "mail.example.org",
                              .port = 143,
                              .security = script->wants_starttls ? NET_STARTTLS : NET_PLAIN,
                              .label = "script"};
    const int64_t patience_us = mode.is_silent ? SILENCE_US : 20 * SECOND_US;
    NetStream *stream = net_stream_from_fds(fd, fd, &target, NULL);
    GString *out = g_string_new(NULL);
    GPtrArray *results = g_ptr_array_new();

    net_stream_set_timeout(stream, patience_us);
    void *session = client->begin(stream, out);
    for (guint i = 0; i < script->steps->len; i++) {
        const ScriptStep *step = g_ptr_array_index(script->steps, i);
        if (step->kind != '>')
            continue;
        g_string_truncate(out, 0);
        client->call(session, step->bytes->str, patience_us, out);
        g_ptr_array_add(results, g_strdup(out->str));
    }
    client->end(session);
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
                g_string_append_printf(text, "%s\n", step->bytes->str);
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
            return client->is_pure(step->bytes->str);
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

int script_play_folder(const char *name_of_folder, const ScriptClient *of)
{
    const char *source = g_getenv("srcdir");
    g_autofree char *folder = g_build_filename(source ? source : "..", "tests", "unit", name_of_folder, NULL);
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
    client = of;
    return _cmocka_run_group_tests(name_of_folder, tests, paths->len, NULL, NULL);
}
