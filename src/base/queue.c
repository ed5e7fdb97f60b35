/* queue.c - see queue.h. A GQueue (which has no locks of its own) under a mutex and two conditions. */
#include "base/queue.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct Queue {
    pthread_mutex_t lock;
    pthread_cond_t not_empty, not_full;
    GQueue items;
    size_t capacity; /* 0: no bound */
    gboolean closed;
    GDestroyNotify free_item;
    Wake *wake; /* the consumer's */
};

Queue *queue_new(size_t capacity, GDestroyNotify free_item)
{
    Queue *queue = g_new0(Queue, 1);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->not_empty, &monotonic);
    pthread_cond_init(&queue->not_full, &monotonic);
    pthread_condattr_destroy(&monotonic);
    g_queue_init(&queue->items);
    queue->capacity = capacity;
    queue->free_item = free_item;
    queue->wake = wake_new();
    return queue;
}

void queue_free(Queue *queue)
{
    void *item;

    if (!queue)
        return;
    while ((item = g_queue_pop_head(&queue->items)))
        if (queue->free_item)
            queue->free_item(item);
    wake_unref(queue->wake);
    pthread_cond_destroy(&queue->not_empty);
    pthread_cond_destroy(&queue->not_full);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

static gboolean is_full(const Queue *queue)
{
    return queue->capacity && queue->items.length >= queue->capacity;
}

static gboolean push(Queue *queue, void *item, gboolean wait)
{
    pthread_mutex_lock(&queue->lock);
    while (wait && is_full(queue) && !queue->closed)
        pthread_cond_wait(&queue->not_full, &queue->lock);
    gboolean taken = !queue->closed && !is_full(queue);
    if (taken) {
        g_queue_push_tail(&queue->items, item);
        pthread_cond_signal(&queue->not_empty);
        wake_set(queue->wake);
    }
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

gboolean queue_push(Queue *queue, void *item)
{
    return push(queue, item, TRUE);
}

gboolean queue_try_push(Queue *queue, void *item)
{
    return push(queue, item, FALSE);
}

/* With the lock held. */
static void *take_head(Queue *queue)
{
    void *item = g_queue_pop_head(&queue->items);

    /* For each one taken, full or not: several producers may wait, and each signal wakes only one. */
    pthread_cond_signal(&queue->not_full);
    return item;
}

void *queue_pop(Queue *queue, int64_t deadline_us)
{
    const struct timespec until = {.tv_sec = (time_t)(deadline_us / SECOND_US),
                                   .tv_nsec = (long)(deadline_us % SECOND_US) * 1000};
    int failed = 0;

    pthread_mutex_lock(&queue->lock);
    while (!queue->items.length && !queue->closed && failed != ETIMEDOUT) {
        if (deadline_us == DEADLINE_NONE)
            pthread_cond_wait(&queue->not_empty, &queue->lock);
        else
            failed = pthread_cond_timedwait(&queue->not_empty, &queue->lock, &until);
    }
    void *item = take_head(queue);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void *queue_try_pop(Queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    void *item = take_head(queue);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void queue_close(Queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = TRUE;
    pthread_cond_broadcast(&queue->not_empty);
    pthread_cond_broadcast(&queue->not_full);
    wake_set(queue->wake);
    pthread_mutex_unlock(&queue->lock);
}

gboolean queue_is_closed(Queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    gboolean closed = queue->closed;
    pthread_mutex_unlock(&queue->lock);
    return closed;
}

size_t queue_length(Queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t length = queue->items.length;
    pthread_mutex_unlock(&queue->lock);
    return length;
}

Wake *queue_wake(Queue *queue)
{
    return queue->wake;
}
