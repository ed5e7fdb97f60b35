/*
 * peer.h - one end of the control socket between two terns: frames in, frames out, never blocking; private to
 * the engine, on the dispatcher's thread.
 */
#ifndef TERN_ENGINE_PEER_H
#define TERN_ENGINE_PEER_H

#include <glib.h>

typedef struct Peer Peer;

/* Takes over a connected, non-blocking socket. */
Peer *peer_new(int fd);
void peer_free(Peer *peer);

int peer_fd(const Peer *peer);
/* What to poll it for. */
short peer_poll_events(const Peer *peer);

/* Whether its process tells people of new mail (ENGINE_VERB_LIVE); kept here for the dispatcher. */
void peer_set_shows_arrivals(Peer *peer, gboolean shows);
gboolean peer_shows_arrivals(const Peer *peer);

/* Reads what is there. FALSE: it hung up or broke the rules; free it. */
gboolean peer_read(Peer *peer);
/* The next whole frame, or NULL. To be asked until NULL after each peer_read(). */
GBytes *peer_take_frame(Peer *peer);
/* Whether a frame was too long; what is left of the stream means nothing then. */
gboolean peer_is_broken(const Peer *peer);

/* The buffer to append frames to; then peer_flush(). FALSE: it hung up. */
GByteArray *peer_out(Peer *peer);
gboolean peer_flush(Peer *peer);
/* Whether it has not read what it was sent, so that hints should not be added. */
gboolean peer_is_slow(const Peer *peer);

#endif
