/* watch.c - see folders.h: hearing of what other programs do to a Maildir. */
#include "maildir/folders.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A whole file's arrival is a rename or a link from tmp/; flags are renames. */
#define PLACE_EVENTS (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
#define ROOT_EVENTS PLACE_EVENTS

struct MaildirWatch {
    char *root;
    int fd, root_wd;
    GHashTable *folders; /* raw name: those that are watched */
    GHashTable *names;   /* watch descriptor -> raw name */
    GHashTable
        *growing; /* watch descriptors of folders that have come, whose new/ and cur/ may still have to */
};

MaildirWatch *maildir_watch_new(const char *root)
{
    MaildirWatch *watch = g_new0(MaildirWatch, 1);

    watch->root = g_strdup(root);
    watch->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    watch->names = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    watch->growing = g_hash_table_new(g_direct_hash, g_direct_equal);
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    watch->root_wd = watch->fd < 0 ? -1 : inotify_add_watch(watch->fd, root, ROOT_EVENTS);
    if (watch->root_wd >= 0)
        return watch;
    maildir_watch_free(watch);
    return NULL;
}

void maildir_watch_free(MaildirWatch *watch)
{
    if (!watch)
        return;
    if (watch->fd >= 0)
        close(watch->fd);
    g_hash_table_unref(watch->folders);
    g_hash_table_unref(watch->names);
    g_hash_table_unref(watch->growing);
    g_free(watch->root);
    g_free(watch);
}

int maildir_watch_fd(const MaildirWatch *watch)
{
    return watch->fd;
}

gboolean maildir_watch_folder(MaildirWatch *watch, const char *raw_name)
{
    static const char *const PLACES[] = {"new", "cur"};

    if (g_hash_table_contains(watch->folders, raw_name))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(PLACES); i++) {
        g_autofree char *path = g_build_filename(watch->root, raw_name, PLACES[i], NULL);
        const int wd = inotify_add_watch(watch->fd, path, PLACE_EVENTS);
        if (wd < 0)
            return FALSE;
        g_hash_table_replace(watch->names, GINT_TO_POINTER(wd), g_strdup(raw_name));
    }
    g_hash_table_add(watch->folders, g_strdup(raw_name));
    return TRUE;
}

gboolean maildir_watch_file(MaildirWatch *watch, const char *path, const char *raw_name)
{
    const int wd = inotify_add_watch(watch->fd, path, IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF);

    if (wd >= 0)
        g_hash_table_replace(watch->names, GINT_TO_POINTER(wd), g_strdup(raw_name));
    return wd >= 0;
}

/* What is gone, or is something else under its old name, is watched anew when it is listed again. */
static void forget(MaildirWatch *watch, int wd)
{
    const char *raw_name = g_hash_table_lookup(watch->names, GINT_TO_POINTER(wd));

    if (raw_name)
        g_hash_table_remove(watch->folders, raw_name);
    g_hash_table_remove(watch->names, GINT_TO_POINTER(wd));
}

static gboolean is_name_of(void *wd, void *name, void *raw_name)
{
    (void)wd;
    return strcmp(name, raw_name) == 0;
}

/* A folder was renamed or taken away: its watches go on under the old name, which is no more. */
static void forget_folder(MaildirWatch *watch, const char *raw_name)
{
    GHashTableIter iter;
    void *wd, *name;

    g_hash_table_iter_init(&iter, watch->names);
    while (g_hash_table_iter_next(&iter, &wd, &name))
        if (is_name_of(wd, name, (void *)raw_name))
            inotify_rm_watch(watch->fd, GPOINTER_TO_INT(wd));
    g_hash_table_foreach_remove(watch->names, is_name_of, (void *)raw_name);
    g_hash_table_remove(watch->folders, raw_name);
}

static void watch_growing(MaildirWatch *watch, const char *raw_name)
{
    g_autofree char *path = g_build_filename(watch->root, raw_name, NULL);
    const int wd = inotify_add_watch(watch->fd, path, PLACE_EVENTS);

    if (wd >= 0)
        g_hash_table_add(watch->growing, GINT_TO_POINTER(wd));
}

static void take_event(MaildirWatch *watch, const struct inotify_event *event, GHashTable *changed,
                       gboolean *is_list_changed)
{
    const char *raw_name = g_hash_table_lookup(watch->names, GINT_TO_POINTER(event->wd));

    if (event->mask & IN_Q_OVERFLOW) {
        *is_list_changed = TRUE;
    } else if (event->wd == watch->root_wd) {
        /* The lists of keywords and of what is not subscribed stand here too, under their own names. */
        if (event->len && maildir_is_raw_name(event->name)) {
            forget_folder(watch, event->name);
            watch_growing(watch, event->name);
            *is_list_changed = TRUE;
        } else if (event->len && strstr(event->name, "keywords")) {
            g_hash_table_add(changed, g_strdup(MAILDIR_INBOX));
        }
    } else if (event->mask & IN_IGNORED) {
        g_hash_table_remove(watch->growing, GINT_TO_POINTER(event->wd));
        forget(watch, event->wd);
    } else if (g_hash_table_contains(watch->growing, GINT_TO_POINTER(event->wd))) {
        *is_list_changed = TRUE;
    } else if (raw_name) {
        g_hash_table_add(changed, g_strdup(raw_name));
    }
}

GHashTable *maildir_watch_take(MaildirWatch *watch, gboolean *is_list_changed_out)
{
    GHashTable *changed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size;

    *is_list_changed_out = FALSE;
    while ((size = read(watch->fd, buffer, sizeof buffer)) > 0) {
        for (const char *at = buffer; at < buffer + size;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            take_event(watch, event, changed, is_list_changed_out);
            at += sizeof *event + event->len;
        }
    }
    return changed;
}
