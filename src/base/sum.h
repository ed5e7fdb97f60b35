/*
 * sum.h - SHA-256 of what comes in pieces, fast enough for mailboxes of gigabytes.
 *
 *      sum_begin() ── sum_add() … ── sum_end() ── sum_begin() …
 *
 * OpenSSL's uses what the processor has for it: 2 GB a second where GLib's GChecksum does 0.3 (a processor
 * with SHA extensions, GLib 2.74). For a few hundred bytes GChecksum is as good. A Sum belongs to one thread
 * at a time; nothing blocks or fails.
 */
#ifndef TERN_BASE_SUM_H
#define TERN_BASE_SUM_H

#include <glib.h>

#define SUM_DIGITS 64

typedef struct Sum Sum;

/* It has begun. */
Sum *sum_new(void);
/* NULL is allowed. */
void sum_free(Sum *sum);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sum, sum_free)

/* What was added before is forgotten. */
void sum_begin(Sum *sum);
/* Small pieces are gathered, and cost little more than their bytes. */
void sum_add(Sum *sum, const void *bytes, gsize size);
/* In lower-case hexadecimal digits, ended by a NUL. Then it is to be begun anew. */
void sum_end(Sum *sum, char digits_out[SUM_DIGITS + 1]);

#endif
