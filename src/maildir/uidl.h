/*
 * uidl.h - the log of what was fetched from a POP3 mailbox: the truth about what is not to be fetched again.
 *
 *      data/uidl/ACCOUNT     tern-uidl 1
 *                            + UIDL SIZE TIME HEADER-HASH BASE CHECK       fetched; BASE: its file's (maildir/name.h)
 *                            % UIDL SIZE TIME HEADER-HASH BASE CHECK       fetched, and perhaps another one's text
 *                            ~ UIDL SIZE TIME HEADER-HASH BASE CHECK       only its header was (engine/stubs.h)
 *                            - UIDL CHECK                                  the server has it no more
 *                            ! UIDL CHECK                                  deleted here: to be deleted there
 *                            ? WORD CHECK                                  something a person has decided
 *                            = MAILBOX CHECK                               whose it is
 *                            * MAILBOX CHECK                               the same, and it is in the marks, for ever
 *
 * Append-only; uidl_log_sync() makes what was appended durable, which comes after the message's own fsyncs
 * and before its DELE. A line that a power cut tore has no right CHECK and counts as not written; the next
 * opening repairs the end. A file that lost its line is known by its mark, a hash of account and UIDL in its
 * base, and gets the line (uidl_log_add()). Rewritten as a whole, by a rename, when most of it is of messages
 * that are gone.
 *
 * UIDLs of one mailbox say nothing of another's. When the account becomes another mailbox (uidl_log_turn_to()),
 * its log is put aside beside it, as ACCOUNT.was-HASH, until the account goes back to it, and a new one begins;
 * marks are made with the mailbox then (uidl_log_marks()), since the same UIDL may have been the other's. One that
 * is likely to be the same by another name keeps the log, and everything in it is in doubt (uidl_log_adopt()).
 *
 * One process at a time has it open (flock). A handle belongs to one thread. Errors are STORE. Blocks on the
 * disk.
 */
#ifndef TERN_MAILDIR_UIDL_H
#define TERN_MAILDIR_UIDL_H

#include <glib.h>
#include <stdint.h>

typedef struct UidlLog UidlLog;

typedef struct {
    const char *uidl;
    int64_t size_bytes;  /* as LIST said, or what came, where that was less */
    int64_t fetched_s;   /* of a stub: when its header was seen on the server last */
    guint64 header_hash; /* uidl_hash() of what the caller takes to know it by; 0: none */
    const char *base;    /* "": not known, or it was not here any more when its mailbox got another name */
    gboolean is_unwanted;
    gboolean is_stub; /* it counts as not fetched */
    gboolean
        is_doubtful; /* what came may be another one's text: its header on the server is to be looked at */
} UidlEntry;

/* Makes the file and its folder where there are none. NULL without an error: another process has it. NULL and
 * STORE, also for a file of another format, which is left alone. */
UidlLog *uidl_log_open(const char *path, GError **error);
/* What was not synced may be lost. NULL is allowed. */
void uidl_log_close(UidlLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UidlLog, uidl_log_close)

/* What was fetched and not told gone; the log's. NULL: not fetched. */
const UidlEntry *uidl_log_find(const UidlLog *log, const char *uidl);
/* By a hash that is not 0, for mailboxes whose UIDLs have all changed. */
const UidlEntry *uidl_log_find_hash(const UidlLog *log, guint64 header_hash);
/* By the message's file: for what was deleted here. */
const UidlEntry *uidl_log_find_base(const UidlLog *log, const char *base);
guint uidl_log_count(const UidlLog *log);
/* All of them, in no order: const UidlEntry *, the log's; the array is the caller's. */
GPtrArray *uidl_log_entries(const UidlLog *log);
gboolean uidl_log_is_decided(const UidlLog *log, const char *word);

/* To be durable after uidl_log_sync(). Adding one that is there replaces it. */
void uidl_log_add(UidlLog *log, const UidlEntry *entry);
void uidl_log_gone(UidlLog *log, const char *uidl);
void uidl_log_unwanted(UidlLog *log, const char *uidl);
/* The same by the message's file; FALSE: it is none of the log's, or was marked before. */
gboolean uidl_log_unwanted_base(UidlLog *log, const char *base);
void uidl_log_decide(UidlLog *log, const char *word);
/* Writes and fsyncs. After a failure nothing of it counts as written, and the log can be used on. */
gboolean uidl_log_sync(UidlLog *log, GError **error);
/* The messages of these files (char *: bases) were deleted here, also those of the account's other mailboxes:
 * into their logs, which lie aside beside that of `path`, durably. For who has that one open. A file that no
 * log knows is none of theirs. */
gboolean uidl_aside_unwanted(const char *path, const GPtrArray *bases, GError **error);

/* ---- whose it is: "user@host" ---- */

/* It is that mailbox's, or nobody's yet. */
gboolean uidl_log_is_of(const UidlLog *log, const char *mailbox);
/* The one that was put aside for that mailbox, as uidl_log_parse() makes one; NULL: there is none. FALSE and
 * STORE. */
gboolean uidl_log_read_aside(const UidlLog *log, const char *mailbox, UidlLog **aside_out, GError **error);
/* That mailbox's in place of `taken`, which is closed or comes back: nobody's is its own from now on, another's is
 * put aside. NULL and STORE. */
UidlLog *uidl_log_turn_to(UidlLog *taken, const char *mailbox, GError **error);
/* Another's is that mailbox's from now on, since it is likely to be the same: all messages are in doubt, nothing
 * is decided, and of what is not in `here` (a set of bases) the base is not known any more. As it was it is put
 * aside, for the case that it is not the same. FALSE and STORE. */
gboolean uidl_log_adopt(UidlLog *log, const char *mailbox, GHashTable *here, GError **error);

/* ---- without a file ---- */

/* A log from bytes: for tests and the fuzzer. *good_bytes_out: how much of it is whole
 * lines, up to the first byte that the repair cuts off. */
UidlLog *uidl_log_parse(const char *text, gsize size, gsize *good_bytes_out);
/* As it would be rewritten. */
GString *uidl_log_format(const UidlLog *log);

/* ---- the names of fetched files ---- */

/* What goes for the account in the marks of a log's files, to be freed. */
char *uidl_log_marks(const UidlLog *log, const char *account);

/* "U" and 32 hex digits, to be freed: the same for the same account and UIDL for ever. */
char *uidl_mark(const char *account, const char *uidl);
/* A base that carries the mark, another one each time, to be freed. */
char *uidl_new_base(const char *mark);
/* The mark in a base, to be freed; NULL: it has none. */
char *uidl_mark_of(const char *base);

/* 64 bits of SHA-256, never 0. */
guint64 uidl_hash(const void *data, gsize size);

#endif
