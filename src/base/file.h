/*
 * file.h - files and folders of one's own: read whole, written at once or not at all, locked.
 *
 * New files are 0600 and new folders 0700 whatever the umask; every descriptor is O_CLOEXEC. Errors are
 * TERN_ERROR_STORE and name the path; a missing file is told by file_read()'s return. Blocks on the disk.
 */
#ifndef TERN_BASE_FILE_H
#define TERN_BASE_FILE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the whole file, NUL-terminated (the NUL is not counted in *size_out, which may be NULL). NULL and
 * STORE, also for what is no plain file, or LIMIT past `max_bytes`. */
char *file_read(const char *path, gsize max_bytes, gsize *size_out, GError **error);

/* Replaces the file: temporary file beside it, fsync, rename, fsync of the folder. After a crash it is the
 * old or the new one. */
gboolean file_write_atomic(const char *path, const void *data, gsize size, GError **error);

/* Makes a folder and its parents, each new one 0700 and its name durable. */
gboolean file_make_folder(const char *path, GError **error);

/* Takes away all that is in a folder, as deep as there are descriptors for. No link is followed: those in
 * it are taken away themselves, and a path that is one is refused. One that is not there is empty. */
gboolean file_empty_folder(const char *path, GError **error);

/* fsyncs a folder, so that names made or taken away in it survive a power cut. */
gboolean file_sync_folder(const char *path, GError **error);

/* pread(2) of all of it, through interruptions and short reads: how many bytes there were, fewer than `size`
 * only at the file's end; -1 and errno. */
gssize file_read_at(int fd, void *data, gsize size, int64_t at);

/* write(2) of all of it, through interruptions and short writes. */
gboolean file_write_all(int fd, const void *data, gsize size, GError **error);

/* What is left of one file, to where the other stands. `unread`: what is said where the first cannot be
 * read. */
gboolean file_copy_rest(int from, int to, const char *unread, GError **error);

/* The open descriptor of a lock file with a flock(2) on it, shared or exclusive; closing it gives the lock
 * back. -1 with no error set when somebody else holds it (and `wait` is FALSE), -1 and STORE otherwise. */
int file_lock(const char *path, gboolean exclusive, gboolean wait, GError **error);

/* Whether the path's file system is a network one, where SQLite's locks cannot be trusted; *type_out its
 * name. */
gboolean file_is_on_network(const char *path, const char **type_out);

/* Whether `bytes` more on the path's file system would leave its reserve: LIMIT_DISK_RESERVE_BYTES, or a
 * tenth of a small one, which is for what exists only here. TRUE also where that cannot be told. */
gboolean file_leaves_reserve(const char *path, int64_t bytes);

#endif
