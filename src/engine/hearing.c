/* hearing.c - see hearing.h. */
#include "engine/hearing.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "imap/folder.h"
#include "imap/select.h"

/* Other folders that wait to be looked at, before everything is. */
#define MOST_OTHERS 1000

Ear *ear_new(const char *raw_name, Intake *intake)
{
    Ear *ear = g_new0(Ear, 1);

    ear->raw_name = g_strdup(raw_name);
    ear->intake = intake;
    ear->refs = 1;
    return ear;
}

void ear_free(Ear *ear)
{
    if (!ear || --ear->refs > 0)
        return;
    intake_free(ear->intake);
    g_free(ear->raw_name);
    g_free(ear);
}

Ear *ear_ref(Ear *ear)
{
    ear->refs++;
    return ear;
}

gboolean ear_has_news(const Ear *ear)
{
    return ear->has_new || ear->is_unclear || intake_is_waiting(ear->intake);
}

static GHashTable *new_others(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)imap_folder_free);
}

void hearing_init(Hearing *hearing, void (*tell)(const char *text, void *data), void *data)
{
    *hearing = (Hearing){.others = new_others(), .left = left_new(), .tell = tell, .data = data};
}

void hearing_clear(Hearing *hearing)
{
    g_hash_table_unref(hearing->others);
    left_free(hearing->left);
}

void hearing_begin(Hearing *hearing, ImapSession *session)
{
    hearing->session = session;
    hearing->on = NULL;
    hearing->is_list_changed = hearing->is_lost = FALSE;
    g_hash_table_remove_all(hearing->others);
    left_clear(hearing->left);
}

void hearing_push(Hearing *hearing, Ear *ear)
{
    ear->outer = hearing->on;
    hearing->on = ear;
}

void hearing_replace(Hearing *hearing, const Ear *ear, Ear *by)
{
    Ear **at = &hearing->on;

    while (*at && *at != ear)
        at = &(*at)->outer;
    if (!*at)
        return;
    if (by)
        by->outer = ear->outer;
    *at = by ? by : ear->outer;
}

GHashTable *hearing_take_others(Hearing *hearing)
{
    GHashTable *others = hearing->others;

    hearing->others = new_others();
    return others;
}

/* Takes the folder over. */
static void add_other(Hearing *hearing, ImapFolder *folder)
{
    if (g_hash_table_size(hearing->others) < MOST_OTHERS ||
        g_hash_table_contains(hearing->others, folder->raw_name)) {
        g_hash_table_replace(hearing->others, folder->raw_name, folder);
    } else {
        hearing->is_lost = TRUE;
        imap_folder_free(folder);
    }
}

void hearing_missed(Hearing *hearing, const char *raw_name)
{
    ImapFolder *folder = g_new0(ImapFolder, 1);

    folder->raw_name = g_strdup(raw_name);
    add_other(hearing, folder);
}

/* The ear for what comes now; NULL: none, and that something came is kept. What is said while a folder is
 * being opened is how it is, not news. */
static Ear *listening(Hearing *hearing)
{
    Ear *ear = hearing->on;
    const char *selected = hearing->session ? imap_session_selected(hearing->session) : NULL;

    if (ear && (selected ? g_str_equal(selected, ear->raw_name) : ear->is_selecting))
        return ear;
    if (selected)
        hearing_missed(hearing, selected);
    return NULL;
}

static void on_exists(uint32_t count, void *data)
{
    Ear *ear = listening(data);

    if (!ear)
        return;
    if (count > ear->exists)
        ear->has_new = TRUE;
    ear->exists = count;
}

static void on_gone(ImapUidSet *uids, gboolean is_earlier, void *data)
{
    Ear *ear = listening(data);

    if (!ear)
        return;
    if (!is_earlier)
        ear->exists -= (uint32_t)MIN(uids ? imap_uid_set_count(uids) : 1, ear->exists);
    if (uids)
        intake_gone(ear->intake, uids, NULL); /* which keeps its error */
    else
        ear->is_unclear = TRUE;
}

static void on_flags(uint32_t seq, uint32_t uid, const char *const *flags, uint64_t modseq, void *data)
{
    Ear *ear = listening(data);

    (void)seq, (void)modseq;
    if (ear && uid)
        intake_flags(ear->intake, uid, flags, NULL);
    else if (ear)
        ear->is_unclear = TRUE;
}

void hearing_told(Hearing *hearing, const ImapFolder *folder)
{
    ImapFolder *copy = g_memdup2(folder, sizeof *folder);
    copy->raw_name = g_strdup(folder->raw_name);
    copy->name = g_strdup(folder->name);
    copy->has_status = TRUE;
    add_other(hearing, copy);
}

static void on_status(const ImapFolder *folder, void *data)
{
    hearing_told(data, folder);
}

static void on_left(const char *raw_name, void *data)
{
    left_note(((Hearing *)data)->left, raw_name, clock_now_us());
}

static void on_listed(const ImapFolder *folder, const char *old_raw_name, gboolean is_gone, void *data)
{
    (void)folder, (void)old_raw_name, (void)is_gone;
    ((Hearing *)data)->is_list_changed = TRUE;
}

static void on_overflow(void *data)
{
    ((Hearing *)data)->is_lost = TRUE;
}

static void on_alert(const char *text, void *data)
{
    const Hearing *hearing = data;
    g_autofree char *sentence = g_strdup_printf(_("the server says: %s"), text);

    hearing->tell(sentence, hearing->data);
}

static void on_text(const char *text, void *data)
{
    const Hearing *hearing = data;

    hearing->tell(text, hearing->data);
}

ImapListener hearing_listener(Hearing *hearing)
{
    return (ImapListener){.exists = on_exists,
                          .gone = on_gone,
                          .flags = on_flags,
                          .left = on_left,
                          .status = on_status,
                          .listed = on_listed,
                          .overflow = on_overflow,
                          .alert = on_alert,
                          .warning = on_text,
                          .data = hearing};
}
