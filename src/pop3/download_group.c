/* download_group.c - see download_private.h: messages are made durable in groups, while the next ones come. */
#include "pop3/download_private.h"

#include "base/clock.h"

/* A group ends with the first of these; each of its files is open meanwhile. The time makes the newest
 * messages visible while others still come. */
#define GROUP_MESSAGES 100
#define GROUP_OCTETS (8 << 20)
#define GROUP_US SECOND_US

void pop3_download_join(Pop3Download *download, Pop3Item *item, uint64_t octets)
{
    if (download->group->len == 0)
        download->group_ends_us = clock_now_us() + GROUP_US;
    g_ptr_array_add(download->group, item);
    download->group_octets += octets;
}

gboolean pop3_download_commit(Pop3Download *download, GError **error)
{
    if (!download->keeper.commit(download->keeper.data, error))
        return FALSE;
    for (guint i = 0; i < download->preparing->len; i++) {
        Pop3Item *item = download->preparing->pdata[i];
        if (item->is_whole && item->step == POP3_FETCH &&
            item->deletes_then) /* not that its header is here */
            g_queue_push_tail(&download->to_delete, item);
    }
    g_ptr_array_set_size(download->preparing, 0);
    return TRUE;
}

/* The group is complete; the one before was committed. */
static gboolean end_group(Pop3Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    GPtrArray *empty = download->preparing;

    download->preparing = download->group;
    download->group = empty;
    download->group_octets = 0;
    return keeper->prepare ? keeper->prepare(keeper->data, error) : pop3_download_commit(download, error);
}

static gboolean is_group_full(const Pop3Download *download)
{
    return download->group->len >= GROUP_MESSAGES || download->group_octets >= GROUP_OCTETS ||
           (download->group->len > 0 && clock_now_us() >= download->group_ends_us);
}

gboolean pop3_download_settle(Pop3Download *download, gboolean waits, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    const gboolean ends = !waits || is_group_full(download);

    if (download->preparing->len > 0 && (ends || keeper->is_prepared(keeper->data)) &&
        !pop3_download_commit(download, error))
        return FALSE;
    return !ends || download->group->len == 0 || end_group(download, error);
}

void pop3_download_settle_meanwhile(Pop3Download *download)
{
    const Pop3Keeper *keeper = &download->keeper;
    const gboolean has_to_commit = download->preparing->len > 0 && keeper->is_prepared(keeper->data);

    if (!download->failed && (has_to_commit || is_group_full(download)))
        pop3_download_settle(download, TRUE, &download->failed);
}

void pop3_download_save(Pop3Download *download)
{
    if (download->preparing->len > 0)
        pop3_download_commit(download, NULL);
    if (download->group->len > 0 && end_group(download, NULL) && download->preparing->len > 0)
        pop3_download_commit(download, NULL);
    else if (download->is_doubted)
        download->keeper.commit(download->keeper.data, NULL);
}
