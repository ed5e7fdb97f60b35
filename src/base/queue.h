/*
 * queue.h - the one way in which threads hand things to each other.
 *
 * First in, first out, of pointers that belong to the queue while they are in it. A queue may be bounded: a
 * full one makes queue_push() wait, or queue_try_push() say no, and sets the `room` flag of the producer once
 * there is space again. The consumer waits in queue_pop(), or polls wake_fd(queue_wake(queue)) together with
 * other things.
 *
 *     producer: queue_push(q, item)              consumer: while ((item = queue_pop(q, DEADLINE_NONE))) …
 *
 * Built on pthreads for ThreadSanitizer's sake. Any thread.
 */
#ifndef TERN_BASE_QUEUE_H
#define TERN_BASE_QUEUE_H

#include "base/wake.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Queue Queue;

/* `capacity` 0: no bound. `free_item` is for what is still in it at the end; may be NULL. */
Queue *queue_new(size_t capacity, GDestroyNotify free_item);
void queue_free(Queue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Queue, queue_free)

/* Takes `item` (not NULL); waits while the queue is full. FALSE when it was closed: `item` stays the
 * caller's. */
gboolean queue_push(Queue *queue, void *item);
/* The same without waiting; FALSE also when full. */
gboolean queue_try_push(Queue *queue, void *item);

/* The oldest item, now the caller's; waits until `deadline_us` (clock.h). NULL: nothing came in time, or the
 * queue is closed and empty. */
void *queue_pop(Queue *queue, int64_t deadline_us);
/* The same without waiting. */
void *queue_try_pop(Queue *queue);

/* Nothing can be pushed any more; what is in it can still be popped; whoever waits is woken. */
void queue_close(Queue *queue);
gboolean queue_is_closed(Queue *queue);

size_t queue_length(Queue *queue);

/* Set whenever something was pushed or the queue was closed. Stays the queue's. */
Wake *queue_wake(Queue *queue);

#endif
