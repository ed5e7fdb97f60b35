/* copied.c - see copied.h. */
#include "imap/copied.h"

#include "imap/parser.h"
#include "imap/response.h"

#include <string.h>

/* The UIDs from `old` on, n of them, have become those from `new_uid` on. */
typedef struct {
    uint32_t old_uid, new_uid, n;
} Run;

struct ImapCopied {
    uint32_t uid_validity;
    GArray *runs;
};

ImapCopied *imap_copied_new(void)
{
    ImapCopied *copied = g_new0(ImapCopied, 1);

    copied->runs = g_array_new(FALSE, FALSE, sizeof(Run));
    return copied;
}

void imap_copied_free(ImapCopied *copied)
{
    if (!copied)
        return;
    g_array_unref(copied->runs);
    g_free(copied);
}

/* A set as it is written, not sorted: its order is what pairs the two. */
typedef struct {
    const char *at, *end;
    uint32_t first;
    uint64_t left; /* of the run being read; 0: read on */
} Walk;

/* The next run; FALSE at the end or at nonsense, which leaves walk->at before the end. "4:2" is 2:4 (RFC
 * 4315, 3). */
static gboolean next_run(Walk *walk)
{
    const char *comma = memchr(walk->at, ',', (gsize)(walk->end - walk->at));
    const char *end = comma ? comma : walk->end;
    g_autofree char *piece = g_strndup(walk->at, (gsize)(end - walk->at));
    g_autoptr(ImapUidSet) set = walk->at < walk->end ? imap_uid_set_parse(piece, 0) : NULL;
    guint n;

    if (!set)
        return FALSE;
    const ImapUidRange *range = imap_uid_set_ranges(set, &n);
    walk->first = range->first;
    walk->left = (uint64_t)range->last - range->first + 1;
    walk->at = comma && comma + 1 < walk->end ? comma + 1 : end;
    return TRUE;
}

static void take(Walk *walk, uint32_t n)
{
    walk->first += n;
    walk->left -= n;
}

static gboolean pair(GArray *runs, Walk *old, Walk *now, uint64_t most)
{
    uint64_t pairs = 0;

    for (;;) {
        const gboolean has_old = old->left > 0 || next_run(old), has_new = now->left > 0 || next_run(now);
        if (!has_old || !has_new)
            return !has_old && !has_new && old->at == old->end && now->at == now->end;

        const Run run = {old->first, now->first, (uint32_t)MIN(MIN(old->left, now->left), UINT32_MAX)};
        if ((pairs += run.n) > most)
            return FALSE;
        g_array_append_val(runs, run);
        take(old, run.n);
        take(now, run.n);
    }
}

gboolean imap_copied_add_code(ImapCopied *copied, const char *code, uint64_t most)
{
    g_auto(GStrv) words = NULL;
    uint64_t validity;
    const guint before = copied->runs->len;

    if (!imap_code_is(code, "COPYUID"))
        return FALSE;
    words = g_strsplit(code, " ", 5);
    if (g_strv_length(words) != 4 || !imap_digits(words[1], strlen(words[1]), UINT32_MAX, &validity) ||
        validity == 0 || (copied->uid_validity && copied->uid_validity != validity))
        return FALSE;

    Walk old = {words[2], words[2] + strlen(words[2]), 0, 0},
         now = {words[3], words[3] + strlen(words[3]), 0, 0};
    if (!pair(copied->runs, &old, &now, most)) {
        g_array_set_size(copied->runs, before);
        return FALSE;
    }
    copied->uid_validity = (uint32_t)validity;
    return TRUE;
}

uint32_t imap_copied_uid_validity(const ImapCopied *copied)
{
    return copied->uid_validity;
}

uint32_t imap_copied_find(const ImapCopied *copied, uint32_t uid)
{
    for (guint i = 0; i < copied->runs->len; i++) {
        const Run *run = &g_array_index(copied->runs, Run, i);
        if (uid >= run->old_uid && uid - run->old_uid < run->n)
            return run->new_uid + (uid - run->old_uid);
    }
    return 0;
}

void imap_copied_foreach(const ImapCopied *copied,
                         void (*each)(uint32_t old_uid, uint32_t new_uid, void *data), void *data)
{
    for (guint i = 0; i < copied->runs->len; i++) {
        const Run *run = &g_array_index(copied->runs, Run, i);
        for (uint32_t n = 0; n < run->n; n++)
            each(run->old_uid + n, run->new_uid + n, data);
    }
}
