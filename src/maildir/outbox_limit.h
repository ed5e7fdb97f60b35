/*
 * outbox_limit.h - how large a message the server takes that an account sends by, as it said last (SIZE of
 * EHLO, RFC 1870), so that the writer can be told before the message is on its way.
 *
 *     data/outbox/limits/ACCOUNT     "67108864\n"; the name percent-encoded
 *
 * It may be out of date, and is no promise: the server has the last word. Any thread; blocks on the disk.
 */
#ifndef TERN_MAILDIR_OUTBOX_LIMIT_H
#define TERN_MAILDIR_OUTBOX_LIMIT_H

#include <stdint.h>

/* 0: nobody knows, or there is no limit. `data`: the profile's folder. */
int64_t outbox_limit(const char *data, const char *account);
/* Writes it where it is another one than before. A disk that cannot keep it is no reason to fail. */
void outbox_limit_remember(const char *data, const char *account, int64_t bytes);

#endif
