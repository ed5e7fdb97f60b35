/*
 * quirks.h - servers that do not do what they announce, and what tern leaves alone there; private to the
 * engine.
 */
#ifndef TERN_ENGINE_QUIRKS_H
#define TERN_ENGINE_QUIRKS_H

#include "imap/session.h"

typedef enum {
    QUIRK_NO_QRESYNC = 1 << 0, /* later visits go by CONDSTORE and the number of messages */
} Quirk;

/* A set of Quirk, after login. */
guint quirks_of(const ImapSession *session);
/* The same by the server's ID (NULL: none) and capabilities (NULL-terminated). */
guint quirks_of_server(const char *id, const char *const *capabilities);

#endif
