/*
 * private.h - what the files of a session share: its state, and how a command is written and waited for.
 *
 *     ImapPending *pending = imap_begin(session, handler, data, error);      "A7 "
 *     imap_write(session, "STATUS ", error) && imap_write_string(…)     arguments, literals where needed
 *     imap_finish(session, pending, error)                                   CRLF, then reads up to "A7 OK"
 *
 * Whatever comes untagged goes to the handler first, then to take_untagged() in read.c. After NETWORK,
 * PROTOCOL, LIMIT or CANCELLED a session is dead: each later call fails with the same error.
 */
#ifndef TERN_IMAP_PRIVATE_H
#define TERN_IMAP_PRIVATE_H

#include "imap/fetch.h"
#include "imap/parser.h"
#include "imap/response.h"
#include "imap/select.h"
#include "imap/session.h"
#include "imap/uid_map.h"

/* A command under way. */
typedef struct {
    guint tag;
    ImapResponseKind result; /* IMAP_OTHER until its tagged answer is there */
    char *code, *text;       /* of that answer */
    ImapFetchItems items;    /* FETCH: what was asked for */
    uint64_t expected;       /* FETCH: answers that there can be */
    gboolean is_unawaited;   /* nobody waits for its answer; it is freed when that comes */
    ImapUidSet *uids;        /* a change: what it is of */
    gboolean is_move;
    char *copied;       /* MOVE: the COPYUID that came untagged */
    gboolean is_last;   /* a change: the last command of it */
    gboolean is_page;   /* a FETCH that went with EXAMINE, and is waited for */
    ImapUidSet *absent; /* imap_look_send(): what was not found yet; NULL: another command */
} ImapPending;

/* TRUE: it was for me. FALSE without an error: somebody else's. FALSE with an error ends the session. */
typedef gboolean (*ImapUntaggedFunc)(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                     void *data, GError **error);

#define IMAP_IN_BYTES (64 << 10)
/* Small commands of one kind under way at once. */
#define IMAP_WINDOW 50

struct ImapSession {
    NetStream *stream;
    ImapListener listener;
    ImapParser *parser;
    char in[IMAP_IN_BYTES];
    gsize in_at, in_end;
    GError *death;

    guint last_tag;
    GQueue pending; /* ImapPending, oldest first: FETCHes sent ahead, or the command under way */
    ImapUntaggedFunc handler;
    void *handler_data;
    ImapPending *idle;        /* the IDLE that runs, in `pending` too */
    gboolean is_idle_agreed;  /* its "+" is there */
    gboolean wants_compress;  /* COMPRESS is to be sent behind the next command that is waited for */
    ImapPending *compressing; /* that COMPRESS, in `pending` too: nothing may be sent before it is answered */
    guint alerts;             /* handed on so far */
    guint warnings;           /* the same */
    guint skipped, skipped_told;
    guint odd_folders; /* lines about folders passed over since that was told last */
    char *odd_folder;  /* which folder the first of them was of, for people */
    guint unsolicited; /* untagged responses since the last tagged one that answered nothing */

    gboolean is_in;            /* logged in */
    gboolean is_notified;      /* NOTIFY tells of other folders */
    uint64_t capabilities;     /* a bit for each ImapCapability */
    uint64_t enabled;          /* the same */
    uint64_t append_limit;     /* for all folders; 0: not told */
    GHashTable *append_limits; /* raw name -> uint64_t *, of folders that have one of their own; NULL: none */
    GStrv capability_names;    /* NULL: not known (any more) */
    gboolean capabilities_are_new; /* told since a login began */
    char *greeting, *mechanism, *server;
    AuthStrength least, strength; /* that the server has to offer, and did */
    char *refusal;                /* code of the last tagged NO */
    char *said;                   /* text of the last tagged NO or BAD, made safe */
    char *ok_code;                /* code of the last tagged OK, as it came; NULL: none */
    GPtrArray *namespaces;        /* ImapNamespace * */

    struct ImapAhead *ahead; /* an EXAMINE that nobody has asked the result of yet; NULL: none */
    ImapPending *page;       /* a FETCH that went with one, in `pending` too, unawaited so far; NULL: none */
    gboolean refuses_pages;  /* the server did not understand one */
    char *selected;          /* raw name; NULL: none */
    uint32_t exists, uid_validity;
    gboolean is_read_only;         /* opened by EXAMINE, or the server said so */
    uint64_t highest_modseq;       /* of the selected folder at SELECT; 0: it keeps none */
    GStrv permanent_flags;         /* of it; NULL: not told */
    ImapUidMap *map;               /* of it; NULL: not kept */
    GPtrArray *texts;              /* flags and labels of the FETCH response being read */
    struct ImapFetching *fetching; /* who waits for FETCH responses; NULL: nobody, they are dropped */
};

/* ---- command.c and session.c ---- */

/* One more command under way, of which nothing is written yet. The session's. */
ImapPending *imap_pending_new(ImapSession *session);
/* Reads and drops what is left of FETCHes nobody waited for, then writes a tag. NULL and an error when the
 * session is dead. The session's, until imap_finish(). */
ImapPending *imap_begin(ImapSession *session, ImapUntaggedFunc handler, void *data, GError **error);
gboolean imap_write(ImapSession *session, const char *text, GError **error);
gboolean imap_write_bytes(ImapSession *session, const char *bytes, gsize size, GError **error);
/* append.c: a folder's own APPENDLIMIT, as its STATUS told it, or that it has none (RFC 7889). */
void imap_learn_folders_limit(ImapSession *session, const ImapFolder *folder);
/* Announces a literal (`prefix` "~" for one with NULs) and, where that has to be, waits until the server
 * wants it. When it does not, the rest of the command is not written, and imap_wait() tells. */
gboolean imap_begin_literal(ImapSession *session, ImapPending *pending, const char *prefix, uint64_t bytes,
                            GError **error);
gboolean imap_flush(ImapSession *session, GError **error);
/* An astring: quoted, or a literal where it has to be. */
gboolean imap_write_string(ImapSession *session, ImapPending *pending, const char *text, gboolean secret,
                           GError **error);
/* Ends the command's line without waiting. */
gboolean imap_send(ImapSession *session, GError **error);
/* Waits until a command whose line was ended has its tagged answer, which stays in `pending`. */
gboolean imap_await(ImapSession *session, ImapPending *pending, GError **error);
/* imap_await() and imap_conclude(): takes `pending`. */
gboolean imap_wait(ImapSession *session, ImapPending *pending, GError **error);
/* imap_send() and imap_wait(). */
gboolean imap_finish(ImapSession *session, ImapPending *pending, GError **error);
/* A whole command in one call. */
gboolean imap_command(ImapSession *session, const char *command, ImapUntaggedFunc handler, void *data,
                      GError **error);
/* Reads until "+" (TRUE, its text in *text_out, to be freed, may be NULL) or until the command's tagged
 * answer (TRUE, and pending->result is set). */
gboolean imap_wait_continue(ImapSession *session, ImapPending *pending, char **text_out, GError **error);

/* Reads the next response, whatever it is. FALSE: the session is dead. */
gboolean imap_read(ImapSession *session, ImapTree *tree_out, ImapResponse *response_out, GError **error);
/* Notes that the session is dead of *failure, hands it on, and returns FALSE. */
gboolean imap_die(ImapSession *session, GError **failure, GError **error);
/* The same of a "+" though nothing was to be continued. */
gboolean imap_die_of_continuation(ImapSession *session, GError **error);
/* Sets the error for a tagged NO or BAD, and the refusal. */
void imap_refused(ImapSession *session, const ImapPending *pending, GError **error);
/* A server's words made safe and short, to be freed. */
char *imap_for_people(const char *words);
/* BYE as an error; returns FALSE. */
gboolean imap_say_bye(const ImapResponse *response, GError **error);
void imap_pending_free(ImapPending *pending);

/* Reads and drops the answers to FETCHes that nobody waited for. FALSE: the session is dead. */
gboolean imap_drain(ImapSession *session, GError **error);
/* Of several commands' errors the first counts, but the session's death most of all: *failed goes to *first
 * or is freed. */
void imap_keep_error(const ImapSession *session, GError **first, GError **failed);
/* The oldest command under way that somebody is to wait for, or NULL. */
ImapPending *imap_first_awaited(ImapSession *session);
/* Sends a whole command of which only what it says untagged matters, in the flight of the next one. */
gboolean imap_send_unawaited(ImapSession *session, const char *command, GError **error);
/* Waits until all such are answered, up to a page (below); a NO or BAD is no error. FALSE: the session is
 * dead. */
gboolean imap_catch_up(ImapSession *session, GError **error);

/* Whether the session can take a command; FALSE and its death's error otherwise. */
gboolean imap_check_alive(ImapSession *session, GError **error);

/* Something the server sent makes no sense and is passed over: notes it, clears *problem (may be NULL). TRUE,
 * or FALSE with an error when there is no end to it. */
gboolean imap_skip(ImapSession *session, GError **problem, GError **error);
/* The same of a LIST, LSUB or STATUS: one folder's odd name must not lose the others. */
gboolean imap_skip_folder(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                          GError **problem, GError **error);
/* Tells the listener of what was skipped since it was told last. */
void imap_tell_skipped(ImapSession *session);
/* Hands an untagged response to the handler, or to where such go. FALSE: the session is dead. */
gboolean imap_hand_on(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                      GError **error);
/* Gives a tagged answer to its command. FALSE: there is none, the session is dead. */
gboolean imap_settle(ImapSession *session, const ImapResponse *response, GError **error);
/* Takes a command that has its answer out of those under way. TRUE when that is OK; else the error of its NO
 * or BAD. */
gboolean imap_conclude(ImapSession *session, ImapPending *pending, GError **error);

/* ---- compress.c; FALSE: the session is dead ---- */

/* Sends COMPRESS, if it is wanted: behind a command whose line was ended, before its answer is waited for. */
gboolean imap_send_compress(ImapSession *session, GError **error);
/* A tagged answer is there and all that was read behind it is in session->in: when it is COMPRESS's,
 * compresses. */
gboolean imap_take_compress(ImapSession *session, const ImapPending *pending, GError **error);
/* Before anything is sent: until COMPRESS is answered, if it is under way. */
gboolean imap_await_compress(ImapSession *session, GError **error);

/* ---- select.c: an EXAMINE that went ahead (select.h) ---- */

typedef struct ImapAhead ImapAhead;
void imap_ahead_free(ImapAhead *ahead);
/* Whether an untagged response was for it alone. */
gboolean imap_ahead_takes(ImapSession *session, const ImapResponse *response);
/* A command that nobody waits for has its answer. */
void imap_ahead_answered(ImapSession *session, const ImapPending *pending);
/* The selected folder is not any more what it said. */
void imap_ahead_is_stale(ImapSession *session);
/* Sends the page that was asked for with it, if it was not sent yet: behind a command whose line was ended,
 * before its answer is waited for. FALSE: the session is dead. */
gboolean imap_ahead_send_page(ImapSession *session, GError **error);

/* ---- page.c, fetch.c: the newest messages in the flight of an EXAMINE (select.h) ---- */

/* Sends the FETCH, where the page can be asked for: session->page. FALSE: the session is dead. */
gboolean imap_page_send(ImapSession *session, const ImapPage *page, GError **error);
/* Whether what was sent is the page of a folder that has so many messages. */
gboolean imap_page_fits(const ImapSession *session, const ImapPage *page, uint32_t exists);
/* Reads and drops the answer to one that is under way. FALSE: the session is dead. */
gboolean imap_page_drop(ImapSession *session, GError **error);
/* Makes it the FETCH that imap_fetch_wait() waits for next. FALSE: there is none. */
gboolean imap_page_claim(ImapSession *session);
/* The command, without its end; `modifiers` (NULL: none) with their parentheses. To be freed. */
char *imap_fetch_command(const ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                         const char *modifiers);

/* ---- news.c: what comes though nobody asked ---- */

/* EXISTS, EXPUNGE, VANISHED, FETCH of the selected folder; TRUE for others. */
gboolean imap_take_folder_news(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                               GError **error);
/* FALSE and NETWORK where an OK tells another UIDVALIDITY of the selected folder (RFC 3501, 2.3.1.1 and 7.1):
 * commands under way name messages that are others now, and so will answers; nothing is safe but to begin
 * anew, where SELECT tells of it. */
gboolean imap_check_validity(ImapSession *session, const ImapResponse *response, GError **error);
/* STATUS and LIST that NOTIFY told, and its overflow. */
gboolean imap_take_account_news(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                GError **error);

/* ---- search.c ---- */

/* The UIDs of an untagged SEARCH, or ESEARCH of the command with that tag (of another's: none). To be freed; NULL
 * and PROTOCOL: nonsense. */
ImapUidSet *imap_found_uids(const ImapTree *tree, const ImapResponse *response, guint tag, GError **error);

/* ---- folder.c, status.c ---- */

gboolean imap_is_inbox(const char *raw_name);
/* The raw name as the key of a table: INBOX is one in any case. */
const char *imap_name_key(const char *raw_name);
/* The raw name of a folder that the server has told, which may have been unasked: Dovecot 2.3.19 spells names
 * in what NOTIFY tells in UTF-8, whatever the session speaks, also amidst the answers to LIST. Borrowed from
 * `told` or *made, to be freed. */
const char *imap_name_told(const ImapSession *session, const char *told, char **made);
/* What STATUS, alone or within LIST, asks for, in parentheses; to be freed. */
char *imap_status_items(const ImapSession *session);

/* ---- login.c ---- */

/* ID, NAMESPACE and ENABLED answers; others are left alone. */
void imap_take_introduction(ImapSession *session, const ImapTree *tree, const ImapResponse *response);

/* ---- capability.c ---- */

/* From the words of a response or code; replaces what was known. */
void imap_learn_capabilities(ImapSession *session, char **names);
void imap_learn_capability_code(ImapSession *session, const char *code);
void imap_forget_capabilities(ImapSession *session);
/* Those that start with "AUTH=", without it; NULL-terminated, to be freed with g_free(), the names are the
 * session's. */
const char **imap_sasl_mechanisms(const ImapSession *session);
gboolean imap_has_capability(const ImapSession *session, const char *name);
/* "ENABLE QRESYNC …" of what is offered, to be freed; NULL for none. */
char *imap_enable_command(const ImapSession *session);
void imap_learn_enabled(ImapSession *session, const ImapTree *tree, const ImapResponse *response);
void imap_forget_enabled(ImapSession *session, ImapCapability capability);
/* Whether names are UTF-8 on the wire. */
gboolean imap_speaks_utf8(const ImapSession *session);

#endif
