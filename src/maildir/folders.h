/*
 * folders.h - the folders of a Maildir (Maildir++): which there are, making, renaming, deleting them; and
 * hearing of changes.
 *
 *      ROOT/{new,cur,tmp}   ROOT/.Work/{new,cur,tmp}   ROOT/.Work.2026/{new,cur,tmp}
 *      INBOX                Work                       Work/2026
 *
 * A folder is known by its raw name (name.h). Each call can be made again after a kill. Errors are STORE, or
 * INPUT for a name that cannot be. Blocks on the disk.
 */
#ifndef TERN_MAILDIR_FOLDERS_H
#define TERN_MAILDIR_FOLDERS_H

#include "maildir/name.h"

/* Whether there is a Maildir at all: 1; nothing, an empty folder, or one that a kill has left half made: 0;
 * something else, or -1 and STORE. */
int maildir_root_is_there(const char *root, GError **error);

/* Raw names, sorted, the Inbox first; with a free function. Only reads: the Maildir may be somebody
 * else's. NULL and STORE. */
GPtrArray *maildir_folders(const char *root, GError **error);
/* What holds mail in it too, but is called as no folder (an empty level; without a dot, as some programs lay Maildirs
 * into each other): sorted, with a free function. Empty where there is nothing, or it cannot be read. */
GPtrArray *maildir_no_folders(const char *root);

/* With its parents up to ROOT, but not the folders above it in the name. One that is there is no error.
 * Durable. */
gboolean maildir_make_folder(const char *root, const char *raw_name, GError **error);
/* With all that is under it. INPUT: there is a folder of the new name. One that is not there, while the new
 * one is, was renamed before. */
gboolean maildir_rename_folder(const char *root, const char *raw_name, const char *new_raw_name,
                               GError **error);
/* With its mail, without what is under it. One that is not there is no error. Of a link only the link
 * goes. */
gboolean maildir_delete_folder(const char *root, const char *raw_name, GError **error);
/* Takes away what deletions that were cut off have left. Only in an account's own root. */
void maildir_finish_deletions(const char *root);

/* Folders that a person does not want to see every day: raw names, in a set. Others are subscribed to. */
GHashTable *maildir_unsubscribed(const char *root, GError **error);
gboolean maildir_subscribe(const char *root, const char *raw_name, gboolean on, GError **error);

/* ---- hearing of changes (inotify) ---- */

typedef struct MaildirWatch MaildirWatch;

/* NULL: it cannot be had (the kernel's limits); look from time to time instead. */
MaildirWatch *maildir_watch_new(const char *root);
void maildir_watch_free(MaildirWatch *watch);
/* Readable when something changed. */
int maildir_watch_fd(const MaildirWatch *watch);
/* From now on that folder too. FALSE: not possible. One that is watched already is no error. */
gboolean maildir_watch_folder(MaildirWatch *watch, const char *raw_name);
/* The same of a folder that is a file (an mbox). */
gboolean maildir_watch_file(MaildirWatch *watch, const char *path, const char *raw_name);
/* What changed since the last time: raw names in a set, to be unreffed; *is_list_changed_out: folders came or
 * went, or what changed is not known. */
GHashTable *maildir_watch_take(MaildirWatch *watch, gboolean *is_list_changed_out);

#endif
