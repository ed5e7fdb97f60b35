/*
 * access.h - who may do what in a folder (ACL, RFC 4314), and how much room there is (QUOTA, RFC 9208).
 *
 * Only where IMAP_CAN_ACL or IMAP_CAN_QUOTA is offered; elsewhere a server refuses. Worker thread; errors as
 * in session.h.
 */
#ifndef TERN_IMAP_ACCESS_H
#define TERN_IMAP_ACCESS_H

#include "imap/session.h"

/* Rights, by what they allow here. The obsolete "c" and "d" (RFC 2086) stand for what they have become. */
typedef enum {
    IMAP_MAY_SEE = 1 << 0,           /* l: listed, subscribed */
    IMAP_MAY_READ = 1 << 1,          /* r */
    IMAP_MAY_KEEP_SEEN = 1 << 2,     /* s */
    IMAP_MAY_SET_FLAGS = 1 << 3,     /* w: flags other than \Seen and \Deleted */
    IMAP_MAY_INSERT = 1 << 4,        /* i: APPEND and COPY into it */
    IMAP_MAY_CREATE = 1 << 5,        /* k: folders under it */
    IMAP_MAY_DELETE_FOLDER = 1 << 6, /* x: also to rename it */
    IMAP_MAY_DELETE = 1 << 7,        /* t: \Deleted */
    IMAP_MAY_EXPUNGE = 1 << 8,       /* e */
    IMAP_MAY_ADMINISTER = 1 << 9,    /* a: change these rights */
    IMAP_MAY_POST = 1 << 10,         /* p */
} ImapRight;
#define IMAP_MAY_ALL ((1u << 11) - 1)

/* What one who is logged in may do: a set of ImapRight. */
gboolean imap_my_rights(ImapSession *session, const char *raw_name, guint *rights_out, GError **error);
/* The same for many folders at once, pipelined: rights_out[i], which stays as it was where the server
 * refuses. FALSE only when the session is dead. */
gboolean imap_my_rights_of(ImapSession *session, const char *const *raw_names, guint n, guint *rights_out,
                           GError **error);

/* One line of a folder's list: "ada", "anyone", "-bob" (taken away). */
typedef struct {
    char *who;     /* as the server says it; not made safe */
    char *letters; /* "lrswi"; only a-z and 0-9 */
    guint rights;  /* the same as ImapRight */
} ImapAclEntry;
/* ImapAclEntry *, with a free function; most servers refuse it to those without the right to administer. */
GPtrArray *imap_acl(ImapSession *session, const char *raw_name, GError **error);

/* One limit of one quota root. */
typedef struct {
    char *root;     /* as the server says it, "" often; not made safe */
    char *resource; /* "STORAGE" (bytes here, KiB on the wire), "MESSAGE" … */
    uint64_t used, limit;
} ImapQuota;
/* ImapQuota *, with a free function: all that limit this folder. */
GPtrArray *imap_quota(ImapSession *session, const char *raw_name, GError **error);

#endif
