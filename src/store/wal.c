/* wal.c - see wal.h. Numbers stand in the file with their highest byte first. */
#include "store/wal.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24
#define PAGE_BYTES 4096
#define FRAME_BYTES (FRAME_HEADER_BYTES + PAGE_BYTES)
/* The last bit tells the order of bytes in which words are summed up; ones that tern writes are
 * little-endian. */
#define MAGIC 0x377f0682u
#define FORMAT_VERSION 3007000

typedef struct {
    FILE *file;
    gboolean has_header, is_big_endian;
    uint32_t salts[2];
    uint32_t sum[2]; /* kept with what was read last */
    gboolean is_whole, is_commit;
    unsigned char frame[FRAME_BYTES];
} Log;

static uint32_t number_at(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_number(unsigned char *at, uint32_t number)
{
    for (int i = 3; i >= 0; i--, number >>= 8)
        at[i] = number & 0xff;
}

static void take_numbers(const unsigned char *at, uint32_t *numbers_out)
{
    numbers_out[0] = number_at(at);
    numbers_out[1] = number_at(at + 4);
}

/* SQLite's sum: two numbers over pairs of words, which goes on from `sum`. */
static void add_up(gboolean is_big_endian, const unsigned char *bytes, gsize size, uint32_t *sum)
{
    for (gsize i = 0; i < size; i += 8) {
        uint32_t pair[2];
        take_numbers(bytes + i, pair);
        sum[0] += (is_big_endian ? pair[0] : GUINT32_SWAP_LE_BE(pair[0])) + sum[1];
        sum[1] += (is_big_endian ? pair[1] : GUINT32_SWAP_LE_BE(pair[1])) + sum[0];
    }
}

static gboolean same(const uint32_t *a, const uint32_t *b)
{
    return a[0] == b[0] && a[1] == b[1];
}

/* ---- reading ---- */

/* FALSE: there is not even a header. One that is broken is no reason: has_header tells. */
static gboolean log_start(Log *log)
{
    unsigned char header[HEADER_BYTES];
    uint32_t sum[2] = {0, 0};

    rewind(log->file);
    if (fread(header, 1, sizeof header, log->file) != sizeof header)
        return FALSE;
    const uint32_t magic = number_at(header);
    log->is_big_endian = magic == (MAGIC | 1);
    add_up(log->is_big_endian, header, HEADER_BYTES - 8, sum);
    take_numbers(header + 24, log->sum);
    log->has_header = (magic & ~1u) == MAGIC && number_at(header + 8) == PAGE_BYTES && same(sum, log->sum);
    if (log->has_header)
        take_numbers(header + 16, log->salts);
    return TRUE;
}

/* The next frame, whole or not. FALSE: what is left is none. */
static gboolean log_next(Log *log)
{
    uint32_t sum[2] = {log->sum[0], log->sum[1]}, salts[2];

    if (fread(log->frame, 1, FRAME_BYTES, log->file) != FRAME_BYTES)
        return FALSE;
    add_up(log->is_big_endian, log->frame, 8, sum);
    add_up(log->is_big_endian, log->frame + FRAME_HEADER_BYTES, PAGE_BYTES, sum);
    take_numbers(log->frame + 8, salts);
    take_numbers(log->frame + 16, log->sum);
    log->is_whole = number_at(log->frame) != 0 && same(salts, log->salts) && same(sum, log->sum);
    log->is_commit = log->is_whole && number_at(log->frame + 4) != 0;
    return TRUE;
}

/* Of a log whose header is broken: the salts of the first two frames that go together. */
static gboolean find_salts(Log *log)
{
    uint32_t salts[2];

    while (log_next(log)) {
        take_numbers(log->frame + 8, salts);
        if (!same(salts, log->salts))
            memcpy(log->salts, salts, sizeof salts);
        else if (log->is_whole)
            return TRUE;
    }
    return FALSE;
}

static gboolean log_open(Log *log, const char *path)
{
    *log = (Log){.file = fopen(path, "re")};
    return log->file && log_start(log);
}

static void log_close(Log *log)
{
    if (log->file)
        fclose(log->file);
}

void store_wal_salts(const char *path, uint32_t *salts_out)
{
    Log log;

    salts_out[0] = salts_out[1] = 0;
    if (log_open(&log, path) && log.has_header)
        memcpy(salts_out, log.salts, sizeof log.salts);
    log_close(&log);
}

gboolean store_wal_is_broken(const char *path)
{
    struct stat status;
    Log log;

    if (lstat(path, &status) != 0)
        return FALSE;
    if (!S_ISREG(status.st_mode))
        return TRUE;
    const gboolean is_broken = log_open(&log, path) && !log.has_header;
    log_close(&log);
    return is_broken;
}

gboolean store_wal_is_cut(const char *path, const StoreWalMark *there_were)
{
    gboolean is_cut = FALSE;
    uint32_t n = 0;
    Log log;

    if (!there_were->frames)
        return FALSE;
    if (log_open(&log, path) && log.has_header && same(log.salts, there_were->salts)) {
        while (n < there_were->frames && log_next(&log) && log.is_whole)
            n++;
        is_cut = n < there_were->frames;
    }
    log_close(&log);
    return is_cut;
}

/* ---- mending ---- */

static gboolean write_header(const Log *log, int to, uint32_t *sum, GError **error)
{
    unsigned char header[HEADER_BYTES];
    const uint32_t numbers[] = {MAGIC, FORMAT_VERSION, PAGE_BYTES, 0, log->salts[0], log->salts[1]};

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        put_number(header + 4 * i, numbers[i]);
    sum[0] = sum[1] = 0;
    add_up(FALSE, header, HEADER_BYTES - 8, sum);
    put_number(header + 24, sum[0]);
    put_number(header + 28, sum[1]);
    return file_write_all(to, header, sizeof header, error);
}

static gboolean write_frame(Log *log, int to, uint32_t *sum, GError **error)
{
    add_up(FALSE, log->frame, 8, sum);
    add_up(FALSE, log->frame + FRAME_HEADER_BYTES, PAGE_BYTES, sum);
    put_number(log->frame + 16, sum[0]);
    put_number(log->frame + 20, sum[1]);
    return file_write_all(to, log->frame, FRAME_BYTES, error);
}

/* The frames up to the last commit: those behind it belong to a change that was never made. */
static gsize frames_committed(Log *log)
{
    gsize n = 0, n_committed = 0;

    while (log_next(log)) {
        n++;
        if (log->is_commit)
            n_committed = n;
    }
    return n_committed;
}

static gboolean copy_frames(Log *log, int to, gboolean *is_whole_out, GError **error)
{
    uint32_t sum[2];
    gboolean is_done;

    if (log_start(log) && !log->has_header && find_salts(log))
        log_start(log);
    gsize n = frames_committed(log);
    is_done = write_header(log, to, sum, error) && log_start(log);
    for (; is_done && n > 0 && log_next(log); n--) {
        *is_whole_out &= log->is_whole;
        is_done = !log->is_whole || write_frame(log, to, sum, error);
    }
    return is_done;
}

gboolean store_wal_mend(const char *path, const char *to, gboolean *is_whole_out, GError **error)
{
    const int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    Log log;

    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file beside %s"), path);
        return FALSE;
    }
    *is_whole_out = log_open(&log, path);
    const gboolean is_done = !*is_whole_out || copy_frames(&log, fd, is_whole_out, error);
    log_close(&log);
    close(fd);
    return is_done;
}
