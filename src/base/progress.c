/* progress.c - see progress.h. */
#include "base/progress.h"

#include "base/clock.h"

/* Before that the rate says nothing. */
#define SETTLED_US (2 * SECOND_US)

void progress_note(Progress *progress, gboolean is_new, int64_t done, int64_t total, int64_t bytes,
                   int64_t bytes_all)
{
    if (is_new || total != progress->total || bytes_all != progress->bytes_all || done < progress->done)
        *progress = (Progress){.began_us = clock_now_us(), .began_done = done, .began_bytes = bytes};
    progress->done = done;
    progress->total = total;
    progress->bytes = bytes;
    progress->bytes_all = bytes_all;
}

static int64_t spent_us(const Progress *progress)
{
    const int64_t spent = clock_now_us() - progress->began_us;

    return progress->began_us && spent >= SETTLED_US ? spent : 0;
}

int64_t progress_rate(const Progress *progress)
{
    const int64_t spent = spent_us(progress);

    return spent > 0
               ? (int64_t)((double)(progress->bytes - progress->began_bytes) * SECOND_US / (double)spent)
               : 0;
}

/* By bytes where they are counted: messages are large and small. */
int64_t progress_left_s(const Progress *progress)
{
    const gboolean by_bytes = progress->bytes_all > 0;
    const int64_t done = by_bytes ? progress->bytes : progress->done,
                  all = by_bytes ? progress->bytes_all : progress->total;
    const int64_t made = done - (by_bytes ? progress->began_bytes : progress->began_done);
    const int64_t spent = spent_us(progress);

    if (made <= 0 || spent <= 0 || done >= all)
        return -1;
    return (int64_t)((double)spent / (double)made * (double)(all - done)) / SECOND_US;
}
