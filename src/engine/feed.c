/* feed.c - see feed.h. */
#include "engine/feed.h"

#include <pthread.h>

struct Feed {
    Wake *wake;
    pthread_mutex_t lock;  /* all that follows */
    GQueue events;         /* EngineEvent */
    GHashTable *mergeable; /* key_of() -> its GList in `events` */
    guint alerts;
};

Feed *feed_new(void)
{
    Feed *feed = g_new0(Feed, 1);

    feed->wake = wake_new();
    pthread_mutex_init(&feed->lock, NULL);
    g_queue_init(&feed->events);
    feed->mergeable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return feed;
}

void feed_free(Feed *feed)
{
    EngineEvent *event;

    while ((event = g_queue_pop_head(&feed->events)))
        engine_event_free(event);
    g_hash_table_unref(feed->mergeable);
    wake_unref(feed->wake);
    pthread_mutex_destroy(&feed->lock);
    g_free(feed);
}

/* What an event shares with the one that it may be merged with; NULL: it stands alone. To be freed. */
static char *key_of(const EngineEvent *event)
{
    if (event->kind == ENGINE_EVENT_STATE)
        return g_strdup_printf("state\n%s", event->account ? event->account : "");
    if (event->kind == ENGINE_EVENT_FOLDER)
        return g_strdup_printf("folder\n%" G_GUINT64_FORMAT "\n%s\n%s", event->request,
                               event->account ? event->account : "", event->folder ? event->folder : "");
    if (event->kind == ENGINE_EVENT_ARRIVED)
        return g_strdup_printf("arrived\n%s\n%s", event->account ? event->account : "",
                               event->folder ? event->folder : "");
    if (event->kind == ENGINE_EVENT_OUTBOX)
        return g_strdup_printf("outbox\n%" G_GINT64_FORMAT, event->message_id);
    return NULL;
}

/* Both syncs of a folder as one: what they found together, and how the later one ended. */
static void add_earlier(EngineEvent *event, const EngineEvent *earlier)
{
    event->new_messages += earlier->new_messages;
    event->changed += earlier->changed;
    event->removed += earlier->removed;
    event->bytes += earlier->bytes;
    event->seconds += earlier->seconds;
}

static GList *find_alert(Feed *feed)
{
    for (GList *at = feed->events.head; at; at = at->next)
        if (((EngineEvent *)at->data)->kind == ENGINE_EVENT_ALERT)
            return at;
    return NULL;
}

static void append(Feed *feed, EngineEvent *event, char *key)
{
    if (event->kind == ENGINE_EVENT_ALERT && ++feed->alerts > FEED_ALERTS) {
        GList *oldest = find_alert(feed);
        engine_event_free(oldest->data);
        g_queue_delete_link(&feed->events, oldest);
        feed->alerts--;
    }
    g_queue_push_tail(&feed->events, event);
    if (key)
        g_hash_table_replace(feed->mergeable, g_steal_pointer(&key), feed->events.tail);
}

void feed_push(Feed *feed, EngineEvent *event)
{
    g_autofree char *key = key_of(event);

    pthread_mutex_lock(&feed->lock);
    GList *waiting = key ? g_hash_table_lookup(feed->mergeable, key) : NULL;
    if (waiting) {
        EngineEvent *earlier = waiting->data;
        if (event->kind == ENGINE_EVENT_FOLDER)
            add_earlier(event, earlier);
        waiting->data = event;
        engine_event_free(earlier);
    } else {
        append(feed, event, g_steal_pointer(&key));
    }
    pthread_mutex_unlock(&feed->lock);
    wake_set(feed->wake);
}

EngineEvent *feed_pop(Feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    EngineEvent *event = g_queue_pop_head(&feed->events);
    if (event && event->kind == ENGINE_EVENT_ALERT)
        feed->alerts--;
    if (event) {
        g_autofree char *key = key_of(event);
        if (key)
            g_hash_table_remove(feed->mergeable, key);
    }
    pthread_mutex_unlock(&feed->lock);
    return event;
}

Wake *feed_wake(Feed *feed)
{
    return feed->wake;
}
