/*
 * notify.h - telling of new mail those who look elsewhere; private to the engine.
 *
 *      workers ── notifier_arrived() ──> Notifier
 *                                           └─ MERGE_US later: what of it is still unread ─┬─> ENGINE_EVENT_ARRIVED
 *                                                                                          └─> notify-command
 *
 * One for each process that connects, with a thread of its own, since the command takes its time and what
 * comes together is told together. What somebody has read meanwhile, here or elsewhere, is not told, and what
 * stands in two folders (OBJECTID, Gmail) is told once. One of the
 * screens rings or writes OSC 9/777 by the event; the command is run here, once for all terns of the profile.
 * It is words, not a shell's line: what is in the mail reaches it only as whole words and in the environment.
 */
#ifndef TERN_ENGINE_NOTIFY_H
#define TERN_ENGINE_NOTIFY_H

#include "config/config.h"
#include "engine/engine.h"

typedef struct Notifier Notifier;

/* Where events go, as a worker's. */
typedef struct {
    void (*post)(EngineEvent *event, guint crew, void *data);
    void *data;
    guint crew;
} NotifyPost;

/* Config and store are borrowed. NULL and BUG: no thread. */
Notifier *notifier_start(const Config *config, Store *store, const NotifyPost *post, GError **error);
/* That it is to end, with a command that runs; waits for nothing. */
void notifier_end(Notifier *notifier);
/* The same, waits for the thread's end, and gives up the reference of notifier_start(). NULL is
 * allowed. */
void notifier_stop(Notifier *notifier);
/* For a worker that may be abandoned: what it says afterwards is dropped. */
Notifier *notifier_ref(Notifier *notifier);
void notifier_unref(Notifier *notifier);

/* A sync found messages from that UID on in the folder; those whose row has no higher id than `after_id` were
 * known here before (moved by hand, say), and are no news. Any thread. */
void notifier_arrived(Notifier *notifier, int64_t folder_id, uint32_t first_uid, int64_t after_id);

/* What is told of new messages; text made safe, one line each. */
typedef struct {
    const char *account, *folder, *from, *subject; /* of the newest message */
    int count;
    int64_t id;
} NotifyNews;

/* "Ada: Budget meeting", or "12 new messages in work/INBOX"; to be freed. */
char *notify_sentence(const NotifyNews *news);
/* The words of a command line (shell quoting, no shell), with {text}, {from}, {subject}, {account}, {folder},
 * {count} and {id} put in: a word stays one word, and none begins with "-" that did not before. NULL and
 * CONFIG: it is none. */
GStrv notify_words(const char *command, const NotifyNews *news, GError **error);
/* The same as TERN_TEXT, TERN_FROM …, added to this process's environment. */
GStrv notify_environment(const NotifyNews *news);

#endif
