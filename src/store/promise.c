/* promise.c - see promise.h. */
#include "store/promise.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MARK "Tern"

/* As it stands in the file: of this machine only, as the log itself in part is. */
typedef struct {
    char mark[4];
    StoreWalMark log;
    int64_t last_entry;
} Kept;

static int open_promise(const char *path, int flags)
{
    g_autofree char *folder = g_path_get_dirname(path), *file = g_build_filename(folder, "promised", NULL);

    return open(file, flags | O_CLOEXEC, 0600);
}

void store_promise_read(const char *path, StorePromise *promise_out)
{
    const int fd = open_promise(path, O_RDONLY);
    Kept kept;

    *promise_out = (StorePromise){0};
    if (fd < 0)
        return;
    if (read(fd, &kept, sizeof kept) == (ssize_t)sizeof kept &&
        memcmp(kept.mark, MARK, sizeof kept.mark) == 0)
        *promise_out = (StorePromise){kept.log, kept.last_entry};
    close(fd);
}

void store_promise_write(const char *path, const StorePromise *promise)
{
    const int fd = open_promise(path, O_WRONLY | O_CREAT);
    Kept kept = {.log = promise->log, .last_entry = promise->last_entry};

    if (fd < 0)
        return;
    memcpy(kept.mark, MARK, sizeof kept.mark);
    if (pwrite(fd, &kept, sizeof kept, 0) < 0) { /* then less is known, that is all */
    }
    close(fd);
}

int64_t store_promise_last_entry(StoreDb *db)
{
    int64_t last[1] = {0};

    return store_db_get(db, store_db_start(db, SQL_JOURNAL_LAST, 0, NULL, NULL), 1, last, NULL) == 1 ? last[0]
                                                                                                     : 0;
}

void store_promise_keep(const char *path, const uint32_t *salts, uint32_t frames, int64_t last_entry)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    StorePromise promise = {.log.frames = frames}, before;

    store_wal_salts(log, promise.log.salts);
    if (memcmp(promise.log.salts, salts, sizeof promise.log.salts) != 0)
        return;
    store_promise_read(path, &before);
    if (memcmp(before.log.salts, salts, sizeof promise.log.salts) == 0)
        promise.log.frames = MAX(frames, before.log.frames);
    promise.last_entry = last_entry ? last_entry : before.last_entry;
    store_promise_write(path, &promise);
}
