/*
 * peer.h - whom a session's last error is about, and what speaks at the other end if it is not the protocol.
 *
 *      "the IMAP server closed the connection"
 *        -> "imap.example.org:993: the IMAP server closed the connection"
 *      "the server does not greet as an IMAP server does"
 *        -> "imap.example.org:25: the server …: an SMTP server speaks there; check host and port in incoming = …"
 *
 * A parser knows no host, and a person with three accounts has to be told of one. So the three protocols
 * hand the error that ends a session to this one function. On the stream's thread.
 */
#ifndef TERN_NET_PEER_H
#define TERN_NET_PEER_H

#include "net/stream.h"

typedef enum { NET_SPEAKS_IMAP, NET_SPEAKS_POP3, NET_SPEAKS_SMTP } NetSpeech;

/* Puts "HOST:PORT: " before the sentence of an error that the server is at fault for, unless it names the
 * host already, and behind it what to try where the peer's first words are another protocol's. The kind stays.
 * Once for each error. Does not block. */
void net_stream_name_peer(const NetStream *stream, NetSpeech speech, GError *error);

#endif
