/*
 * thread.h - threads by pthreads, since GLib's cannot set a stack and are not seen by ThreadSanitizer.
 *
 * Signals are blocked in every thread but the first one. A thread ends by returning; whoever started it joins
 * it.
 */
#ifndef TERN_BASE_THREAD_H
#define TERN_BASE_THREAD_H

#include <glib.h>
#include <stddef.h>

typedef struct Thread Thread;

/* Runs `run(data)` on a new thread of that stack size (0: the system's). `name` (15 bytes at most count) is
 * seen in top and gdb. NULL and TERN_ERROR_BUG when the system has no more threads. */
Thread *thread_start(const char *name, size_t stack_bytes, void (*run)(void *data), void *data,
                     GError **error);

/* Waits for its end and frees it. NULL is allowed. */
void thread_join(Thread *thread);

/* The same without anybody waiting: for helpers that may be abandoned (getaddrinfo). */
gboolean thread_start_detached(const char *name, size_t stack_bytes, void (*run)(void *data), void *data,
                               GError **error);

/* For a program that a person sits in front of, to be called once, early: what calls thread_stand_back() then
 * gets the processor only after the others, so that a key is answered at once while it works. */
void thread_set_interactive(void);
/* The calling thread's work is long, and nobody waits for it. */
void thread_stand_back(void);

#endif
