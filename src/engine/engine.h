/*
 * engine.h - the connection manager: the one place that sees both the protocols and the store.
 *
 *     ui or command ── requests ──> Engine ── one worker thread a connection ── imap ── server
 *                   <── events ───    │
 *                                     └── store jobs (writer.h); what was synced is read from the store alone
 *
 * Of all processes on a profile one holds the engine lock and connects; in the others Engine forwards
 * requests to it through the control socket, and its events come back the same way. Callers cannot tell the
 * difference. Events are hints: the truth is in the store, and an event that is lost loses nothing.
 *
 * Requests may be made by any thread. Nothing here blocks but engine_stop(), which has a limit. Events are
 * polled by a Wake.
 */
#ifndef TERN_ENGINE_ENGINE_H
#define TERN_ENGINE_ENGINE_H

#include "base/wake.h"
#include "config/config.h"
#include "engine/transfer.h"
#include "store/store.h"

#include <glib.h>

typedef struct Engine Engine;

/* Starts connecting, or finds the process that does. `offline`: answers everything with what is here. NULL
 * and BUG: no thread. What is wrong with locks and socket is the error of each request meanwhile. */
Engine *engine_start(Config *config, Store *store, const Paths *paths, gboolean offline, GError **error);
/* Ends everything within 2 s and frees it: TRUE. FALSE: something still stands in a system call (a disk that
 * does not answer) and uses the store; nothing was freed, and the process is to end without closing the
 * store. */
gboolean engine_stop(Engine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Engine, engine_stop)

/* A connection's state, the worst of an account's. In words in SCREENS.md: status line. */
typedef enum {
    ENGINE_OFFLINE, /* told not to connect */
    ENGINE_CONNECTING,
    ENGINE_WORKING,   /* `what` names the folder, with done and total where known */
    ENGINE_IDLE,      /* connected, nothing to do */
    ENGINE_WAITING,   /* will try again at retry_at_us */
    ENGINE_ATTENTION, /* a person is needed: password, certificate */
} EngineState;

typedef enum {
    ENGINE_EVENT_STATE,   /* an account's state, or its progress, changed */
    ENGINE_EVENT_FOLDER,  /* a folder was synced: the numbers are there */
    ENGINE_EVENT_FETCHED, /* a message's file is here, or could not be had (error) */
    ENGINE_EVENT_DONE,    /* request `request` is finished (error: how it failed) */
    ENGINE_EVENT_ALERT,   /* something the server wants people to read */
    ENGINE_EVENT_ARRIVED, /* new mail is to be told: new_messages, message_id (the newest), what (a sentence) */
    ENGINE_EVENT_OUTBOX, /* a message in the outbox changed, or how far it is */
    ENGINE_EVENT_PARKED, /* engine_park() is done */
} EngineEventKind;

typedef struct {
    EngineEventKind kind;
    guint64 request; /* the request it belongs to; 0: none */
    char *account, *folder;
    EngineState state;
    gboolean is_live; /* STATE: the server tells of news by itself */
    char *what; /* the folder that is worked on, or NULL; an alert's text, made safe; OUTBOX: its state */
    int64_t done, total; /* total 0: unknown */
    int64_t retry_at_us;
    int64_t message_id;                           /* OUTBOX: its number there */
    int new_messages, changed, removed, messages; /* FOLDER */
    int64_t bytes; /* FOLDER; STATE: of a download, where bytes_total is not 0 */
    int64_t bytes_total;
    int64_t withheld; /* STATE: messages that engine_sync_deleting() would delete on the server */
    double seconds;
    GError *error; /* NULL: none */
} EngineEvent;
void engine_event_free(EngineEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineEvent, engine_event_free)

/* The next event, the caller's, or NULL; and what is set when there is one. Of states that follow each other
 * while nobody reads only the newest is there, and the syncs of one folder are one event. */
EngineEvent *engine_next_event(Engine *engine);
Wake *engine_wake(Engine *engine);

/* Each request is answered by exactly one ENGINE_EVENT_DONE with the number returned here, after its other
 * events. */

/* Folder list and folders: `account` NULL: all; `folder` NULL: all that are selectable and subscribed (the
 * Inbox first). */
guint64 engine_sync(Engine *engine, const char *account, const char *folder);
/* The same for a POP3 account, as the answer to the question of its first visit: what is safe here may be
 * deleted there, now and from now on, as keep-on-server says. */
guint64 engine_sync_deleting(Engine *engine, const char *account);
/* Downloads of POP3 accounts end; they go on with the next engine_sync(), or when it is time to look again.
 * */
void engine_halt(Engine *engine);
/* Looks whether a folder has changed, before background work: what opening it on the screen asks for. */
guint64 engine_open_folder(Engine *engine, int64_t folder_id);
/* A message's file into the cache, before background work. */
guint64 engine_fetch(Engine *engine, int64_t message_id);
/* What was changed of accounts whose mail is on this disk is played to it, by the calling thread; needs no
 * engine that runs. For commands. Where another tern has an account's folders for longer than a moment, that
 * one plays it. `tell`: what could not be done, for people. FALSE and STORE. */
gboolean engine_play_here(const Config *config, Store *store, const Paths *paths,
                          void (*tell)(const char *sentence, void *data), void *data, GError **error);
/* What the configuration says that folders are for (archive, trash …) counts from now on, as far as it is
 * another than when the server's folders were listed last. For whoever opens the store, before people see it;
 * needs no engine that runs. What cannot be written now counts with the next list. */
void engine_apply_roles(const Config *config, Store *store, StoreReader *reader);
/* Takes away what an import that was undone has left in data/imports. For commands; where there is an
 * engine, it does. What cannot be read now goes another time. */
void engine_tidy_imports(const Config *config, Store *store, const Paths *paths);
/* The path of a message's file when it is here, in the cache or where it lives, to be freed; NULL: it has to
 * be fetched. Needs no engine that runs. Any thread that may wait for the disk: the whole folder of a
 * Maildir is read when another program has changed the message's flags. */
char *engine_message_path(const Config *config, const Paths *paths, const StoreMessage *message);
/* The same without that, for the ui thread: some stat(2). NULL also: it is here and named otherwise. */
char *engine_message_likely_path(const Config *config, const Paths *paths, const StoreMessage *message);
/* What is to be read offline of an account, after what was asked for earlier; it is kept up from then on. */
guint64 engine_keep(Engine *engine, const char *account);
/* One attempt to send what is due in the outbox (maildir/outbox.h) for an account; done when nothing is due
 * any more. Its error is that of the connection; what became of each message its envelope says. */
guint64 engine_send(Engine *engine, const char *account);
/* Whether mail can be sent to or from such an address at all (RFC 5321, 4.1.2; UTF-8 as in RFC 6531). Any
 * thread. */
gboolean engine_address_is_valid(const char *address);
/* Connects and logs in: what `account check` does. */
guint64 engine_check(Engine *engine, const char *account);
/* The same with the server that its mail goes out by; no mail is sent. CONFIG: it has none. */
guint64 engine_check_sending(Engine *engine, const char *account);
/* Nobody waits for this request any more; an EVENT_DONE with CANCELLED follows. */
void engine_cancel(Engine *engine, guint64 request);
/* From now on the accounts stay connected and hear of news at once: what a screen wants, and a single
 * command does not. `shows_arrivals`: it tells people of ENGINE_EVENT_ARRIVED, of which one of those
 * processes that do hears each time, so that nobody is told twice. */
void engine_set_live(Engine *engine, gboolean shows_arrivals);
/* Looks whether folders have changed that the server tells nothing of, unless that was done just now. */
void engine_look(Engine *engine);
/* An account's password, for as long as this program and the one that connects run: it counts before what the
 * configuration says, and is tried at once. Where another process connects, it goes there through the control
 * socket, which is the user's alone. */
void engine_give_password(Engine *engine, const char *account, const char *password);
/* Runs an account's password-command, which it has, in the foreground of the terminal, which the caller has
 * left; gives what it prints, to be freed by engine_password_free(), which wipes it. NULL and AUTH: it
 * failed. Blocks until it ends. */
char *engine_password_ask(const ConfigAccount *account, GError **error);
void engine_password_free(char *password);
/* The answer to the question of a POP3 account's first visit: what is safe here may be deleted there. Waits
 * while mail is being fetched. FALSE and STORE. */
gboolean engine_allow_deleting(const ConfigAccount *account, const Paths *paths, GError **error);
/* What a person should know of mail of an account on this disk that no list shows since `incoming` is another
 * kind, a sentence, to be freed; NULL: there is none. Needs no engine that runs. */
char *engine_stranded_mail(const Config *config, const ConfigAccount *account, const Paths *paths);
/* Drops waiting times: connect now. */
void engine_retry(Engine *engine);
void engine_set_offline(Engine *engine, gboolean offline);
/* The last known state of an account, as its newest STATE event would say it; to be freed by
 * engine_event_free(). */
EngineEvent *engine_account_state(Engine *engine, const char *account);

/* Whether another tern of this profile connects: what waits goes out without this one. Any thread; does not
 * wait. */
gboolean engine_is_elsewhere(Engine *engine);

/* Ctrl-Z: workers stop and the engine lock goes to whoever wants it; within 2 s ENGINE_EVENT_PARKED tells
 * that the process may stand still. engine_resume() takes part again. */
void engine_park(Engine *engine);
void engine_resume(Engine *engine);

#endif
