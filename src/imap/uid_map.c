/* uid_map.c - see uid_map.h. */
#include "imap/uid_map.h"

#include <string.h>

#define BLOCK_RUNS 256

typedef struct {
    ImapUidRange runs[BLOCK_RUNS];
    guint n;
    uint32_t count; /* UIDs in all of them */
} Block;

struct ImapUidMap {
    GPtrArray *blocks; /* Block *, none empty */
    uint32_t known;
    uint32_t highest; /* UID */
};

static uint32_t count_of(const ImapUidRange *run)
{
    return run->last - run->first + 1;
}

static Block *add_block(ImapUidMap *map, guint at)
{
    Block *block = g_new0(Block, 1);

    g_ptr_array_insert(map->blocks, (gint)at, block);
    return block;
}

static void append_run(ImapUidMap *map, ImapUidRange run)
{
    Block *block = map->blocks->len ? g_ptr_array_index(map->blocks, map->blocks->len - 1) : NULL;

    if (!block || block->n == BLOCK_RUNS)
        block = add_block(map, map->blocks->len);
    block->runs[block->n++] = run;
    block->count += count_of(&run);
    map->known += count_of(&run);
    map->highest = run.last;
}

ImapUidMap *imap_uid_map_new(ImapUidSet *uids)
{
    ImapUidMap *map = g_new0(ImapUidMap, 1);
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(uids, &n);

    map->blocks = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++)
        append_run(map, ranges[i]);
    return map;
}

void imap_uid_map_free(ImapUidMap *map)
{
    if (!map)
        return;
    g_ptr_array_unref(map->blocks);
    g_free(map);
}

uint32_t imap_uid_map_known(const ImapUidMap *map)
{
    return map->known;
}

/* Where the message that has `left` others before it stands; *left becomes its place in the run. */
static void find_place(const ImapUidMap *map, uint32_t *left, guint *block_out, guint *run_out)
{
    guint at = 0, run = 0;

    for (; *left >= ((Block *)g_ptr_array_index(map->blocks, at))->count; at++)
        *left -= ((Block *)g_ptr_array_index(map->blocks, at))->count;
    const Block *block = g_ptr_array_index(map->blocks, at);
    for (; *left >= count_of(&block->runs[run]); run++)
        *left -= count_of(&block->runs[run]);
    *block_out = at;
    *run_out = run;
}

uint32_t imap_uid_map_find(const ImapUidMap *map, uint32_t seq)
{
    uint32_t left = seq - 1;
    guint block, run;

    if (seq == 0 || seq > map->known)
        return 0;
    find_place(map, &left, &block, &run);
    return ((Block *)g_ptr_array_index(map->blocks, block))->runs[run].first + left;
}

void imap_uid_map_learn(ImapUidMap *map, uint32_t seq, uint32_t uid)
{
    Block *block = map->blocks->len ? g_ptr_array_index(map->blocks, map->blocks->len - 1) : NULL;

    if (seq == 0 || seq - 1 != map->known || uid <= map->highest)
        return;
    if (!block || block->runs[block->n - 1].last != uid - 1) {
        append_run(map, (ImapUidRange){uid, uid});
        return;
    }
    block->runs[block->n - 1].last = map->highest = uid;
    block->count++;
    map->known++;
}

/* ---- taking away ---- */

/* Room for one more run at `at`; a full block gives its second half to a new one. */
static void insert_run(ImapUidMap *map, guint block_at, guint at, ImapUidRange run)
{
    Block *block = g_ptr_array_index(map->blocks, block_at);

    if (block->n == BLOCK_RUNS) {
        Block *second = add_block(map, block_at + 1);
        second->n = BLOCK_RUNS / 2;
        block->n = BLOCK_RUNS - second->n;
        memcpy(second->runs, block->runs + block->n, second->n * sizeof(ImapUidRange));
        for (guint i = 0; i < second->n; i++)
            second->count += count_of(&second->runs[i]);
        block->count -= second->count;
        if (at > block->n) {
            at -= block->n;
            block = second;
        }
    }
    memmove(block->runs + at + 1, block->runs + at, (block->n - at) * sizeof(ImapUidRange));
    block->runs[at] = run;
    block->n++;
    block->count += count_of(&run);
}

static void remove_run(ImapUidMap *map, guint block_at, guint at)
{
    Block *block = g_ptr_array_index(map->blocks, block_at);

    block->n--;
    memmove(block->runs + at, block->runs + at + 1, (block->n - at) * sizeof(ImapUidRange));
    if (block->n == 0)
        g_ptr_array_remove_index(map->blocks, block_at);
}

uint32_t imap_uid_map_expunge(ImapUidMap *map, uint32_t seq)
{
    uint32_t left = seq - 1;
    guint block_at, at;

    if (seq == 0 || seq > map->known)
        return 0;
    find_place(map, &left, &block_at, &at);

    Block *block = g_ptr_array_index(map->blocks, block_at);
    ImapUidRange *run = &block->runs[at];
    const uint32_t uid = run->first + left;
    const ImapUidRange behind = {uid + 1, run->last};

    map->known--;
    block->count--;
    if (run->first == run->last) {
        remove_run(map, block_at, at);
    } else if (uid == run->first) {
        run->first++;
    } else {
        run->last = uid - 1;
        if (behind.first <= behind.last && uid != behind.last) {
            block->count -= count_of(&behind);
            insert_run(map, block_at, at + 1, behind);
        }
    }
    return uid;
}
