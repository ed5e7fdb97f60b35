/*
 * body.h - whole messages of the selected folder, streamed to files as they arrive (BODY.PEEK[], CRLF made
 * LF): one that somebody waits for, or many by commands that are under way at once.
 *
 *      ImapBodies *bodies = imap_bodies_new(session, &taker);
 *      imap_bodies_send(bodies, "1:20") … imap_bodies_send(bodies, "30,35") …
 *      imap_bodies_wait(bodies) … imap_bodies_wait(bodies)
 *
 * Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_BODY_H
#define TERN_IMAP_BODY_H

#include "imap/session.h"

/* *found_out tells whether the server had it; *bytes_out what was written. */
gboolean imap_fetch_body(ImapSession *session, uint32_t uid, int fd, gboolean *found_out, int64_t *bytes_out,
                         GError **error);

/* Whoever takes the messages. Each open() is followed by one close(). */
typedef struct {
    /* One begins to come: the descriptor that its bytes are to be written to. -1 and an error: they are read
     * and dropped. */
    int (*open)(void *data, GError **error);
    /* It is here: `bytes` were written. `failed`: the error of open() or of the disk. UID 0: it made no
     * sense, or broke off. FALSE and an error: the session cannot go on. */
    gboolean (*close)(uint32_t uid, int64_t bytes, const GError *failed, void *data, GError **error);
    void *data;
} ImapBodyTaker;

typedef struct ImapBodies ImapBodies;

/* `taker` is copied. Between this and imap_bodies_free() the session does nothing else. */
ImapBodies *imap_bodies_new(ImapSession *session, const ImapBodyTaker *taker);
/* Everything that was sent has been waited for, or the session is dead. NULL is allowed. */
void imap_bodies_free(ImapBodies *bodies);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapBodies, imap_bodies_free)

/* Asks for the messages of a set of UIDs without waiting. */
gboolean imap_bodies_send(ImapBodies *bodies, const char *set, GError **error);
/* Waits for the end of the oldest that was sent and not yet waited for. Messages that the server does not
 * have are left out. */
gboolean imap_bodies_wait(ImapBodies *bodies, GError **error);

#endif
