/*
 * event.h - making, copying and sending what engine.h calls events and requests; private to the engine.
 *
 * Both cross a socket between two terns of the same user as GVariants, which are checked when they are read:
 * a frame is a 32-bit little-endian length and that many bytes. Whoever changes verbs, kinds or a frame's
 * fields raises STORE_ENGINE_PROTOCOL (store/locks.h), which is in the socket's name. Any thread.
 */
#ifndef TERN_ENGINE_EVENT_H
#define TERN_ENGINE_EVENT_H

#include "engine/engine.h"

typedef enum {
    ENGINE_VERB_SYNC,          /* account, folder: NULL for all; number: ENGINE_SYNC_DELETING, or 0 */
    ENGINE_VERB_OPEN_FOLDER,   /* number: folder id */
    ENGINE_VERB_FETCH,         /* number: message id */
    ENGINE_VERB_CHECK,         /* account */
    ENGINE_VERB_KEEP,          /* account */
    ENGINE_VERB_SEND,          /* account */
    ENGINE_VERB_CHECK_SENDING, /* account */
    ENGINE_VERB_CANCEL,        /* number: the request to give up */
    ENGINE_VERB_RETRY,         /* this one and those that follow: nobody hears of their end */
    ENGINE_VERB_LIVE, /* the sender wants to hear of news at once; number 1: it tells people of what arrives */
    ENGINE_VERB_LOOK,     /* what nobody hears of is to be looked at */
    ENGINE_VERB_PASSWORD, /* account, secret */
    ENGINE_VERB_HALT,     /* downloads end */
    ENGINE_VERB_LAST = ENGINE_VERB_HALT,
    /* From here on: between a process's own threads, never on the socket. */
    ENGINE_VERB_OFFLINE, /* number: 1 on, 0 off */
    ENGINE_VERB_PARK,
    ENGINE_VERB_RESUME,
    ENGINE_VERB_STOP,
    ENGINE_VERB_COPIES, /* account: a copy of what was sent is to be filed */
} EngineVerb;

/* Of a sync: what is safe here may be deleted on the server from now on. */
#define ENGINE_SYNC_DELETING 1

typedef struct {
    EngineVerb verb;
    guint64 id;
    char *account, *folder;
    int64_t number;
    char *secret; /* PASSWORD: wiped when it goes, as are the frames that it crosses in; NULL: none */
} EngineRequest;

EngineRequest *engine_request_new(EngineVerb verb, guint64 id, const char *account, const char *folder,
                                  int64_t number);
EngineRequest *engine_request_copy(const EngineRequest *request);
void engine_request_free(EngineRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineRequest, engine_request_free)

EngineEvent *engine_event_new(EngineEventKind kind, guint64 request, const char *account);
EngineEvent *engine_event_copy(const EngineEvent *event);

/* Appends a frame. */
void engine_request_encode(const EngineRequest *request, GByteArray *into);
void engine_event_encode(const EngineEvent *event, GByteArray *into);

/* Wipes and takes away the first bytes of a buffer of frames. */
void engine_frame_drop(GByteArray *from, gsize n_bytes);
/* Takes the first whole frame out of `from`: TRUE, and its bytes in *frame_out (NULL when there is no whole
 * one yet). FALSE: the peer breaks the rules (LIMIT_CONTROL_BYTES). */
gboolean engine_frame_take(GByteArray *from, GBytes **frame_out);
/* NULL: not a well-formed one. */
EngineRequest *engine_request_decode(GBytes *frame);
EngineEvent *engine_event_decode(GBytes *frame);

#endif
