/*
 * append.h - putting messages into a folder (APPEND, RFC 3501, 6.3.11; MULTIAPPEND, RFC 3502; LITERAL+ and
 * LITERAL-, RFC 7888; APPENDLIMIT, RFC 7889), streamed from files.
 *
 * Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_APPEND_H
#define TERN_IMAP_APPEND_H

#include "imap/session.h"

/* One message to append. */
typedef struct {
    int fd;                   /* a file, read from its start; lines that end in LF alone go out with CRLF */
    const char *const *flags; /* "\\Seen" …, NULL-terminated; NULL: none */
    int64_t date_s;           /* INTERNALDATE; 0: the server's now */
} ImapAppend;

/* What came of one message. */
typedef struct {
    gboolean is_there; /* the server said so */
    uint32_t uid;      /* 0: not told (no UIDPLUS) */
} ImapAppended;

/* Appends n messages, many on their way at once; in one command where MULTIAPPEND is offered (then all or
 * none of them). out[i] tells of each, also when this fails: REFUSED with the server's first refusal;
 * REFUSED, without a word to the server, for a message over its APPENDLIMIT, or the folder's as STATUS told it
 * (refusal TOOBIG), or with a NUL where it takes none; STORE when a file cannot be read (a file that shrinks meanwhile ends the session).
 * After NETWORK more may be there than was told. *uid_validity_out: of the folder, 0: not told. */
gboolean imap_append(ImapSession *session, const char *raw_name, const ImapAppend *messages, guint n,
                     ImapAppended *out, uint32_t *uid_validity_out, GError **error);

/* How many bytes a file has as a message on the wire, and so on the server: with CRLF. FALSE and STORE. */
gboolean imap_append_size(int fd, uint64_t *bytes_out, GError **error);

/* The most bytes that one message may have: for all folders (APPENDLIMIT=n), 0: not told. */
uint64_t imap_session_append_limit(const ImapSession *session);

#endif
