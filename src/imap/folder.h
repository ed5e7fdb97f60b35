/*
 * folder.h - the folders of an account: listed, counted, made, renamed, deleted, subscribed (RFC 3501 and
 * 9051, 6.3).
 *
 * A folder has two names. The raw one is exactly as the server spells it, and commands take it; the shown one
 * is for people, its levels parted by '/'. imap_raw_name() makes a raw one for a folder that is to be made.
 * Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_FOLDER_H
#define TERN_IMAP_FOLDER_H

#include "imap/session.h"

typedef enum {
    IMAP_ROLE_NONE,
    IMAP_ROLE_INBOX,
    IMAP_ROLE_SENT,
    IMAP_ROLE_DRAFTS,
    IMAP_ROLE_TRASH,
    IMAP_ROLE_JUNK,
    IMAP_ROLE_ARCHIVE,
    IMAP_ROLE_ALL,
    IMAP_ROLE_FLAGGED
} ImapRole;

typedef enum { IMAP_PERSONAL, IMAP_OTHER_USERS, IMAP_SHARED } ImapNamespaceKind;

/* Which of a folder's numbers a STATUS told. */
typedef enum {
    IMAP_TOLD_MESSAGES = 1 << 0,
    IMAP_TOLD_UNSEEN = 1 << 1,
    IMAP_TOLD_UID_NEXT = 1 << 2,
    IMAP_TOLD_UID_VALIDITY = 1 << 3,
    IMAP_TOLD_MODSEQ = 1 << 4,
    IMAP_TOLD_SIZE = 1 << 5,
    IMAP_TOLD_APPEND_LIMIT = 1 << 6,
} ImapTold;

/* One folder as LIST, LIST-STATUS and STATUS tell it. */
typedef struct ImapFolder {
    char *raw_name;          /* exactly as the server spells it, for commands */
    char *name;              /* decoded to UTF-8, levels parted by '/'; "INBOX" in any case is "INBOX" */
    char delimiter;          /* 0: flat */
    ImapRole role;           /* by SPECIAL-USE only */
    ImapRole told_role;      /* not set here: what `role` was before others were considered */
    ImapNamespaceKind space; /* whose it is; by LIST only */
    gboolean selectable, subscribed, has_children;
    gboolean can_have_children; /* FALSE: \Noinferiors */
    gboolean has_status;        /* some number was told: which, is in `told` */
    guint told;                 /* ImapTold */
    uint32_t messages, unseen, uid_next, uid_validity;
    uint64_t highest_modseq; /* 0: not told, or the folder keeps none */
    int64_t size_bytes;      /* of all its messages (STATUS=SIZE) */
    int64_t append_limit;    /* bytes of one message (APPENDLIMIT) */
    char *mailbox_id;        /* NULL: nobody has asked (ImapSelected tells) */
} ImapFolder;
void imap_folder_free(ImapFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapFolder, imap_folder_free)

/* What is not in a list. */
typedef struct {
    gboolean
        has_more; /* the server has more than LIMIT_IMAP_FOLDERS, of which the Inbox and the first are here */
    gboolean
        has_odd; /* a line about one folder that made no sense was passed over, and the listener's `warning` told */
} ImapListGaps;

/* All folders of all namespaces, with their status in the same answer where LIST-STATUS is offered:
 * ImapFolder *, with a free function. NULL and an error otherwise. */
GPtrArray *imap_list(ImapSession *session, ImapListGaps *gaps_out, GError **error);
/* STATUS of each of `folders` (n of them), pipelined: fills their numbers and has_status, which stays as it
 * was for one that the server refuses. For servers without LIST-STATUS, where each one costs the server an
 * open folder. FALSE only when the session is dead. */
gboolean imap_status(ImapSession *session, ImapFolder *const *folders, guint n, GError **error);

/* ---- names ---- */

/* From a name as people write it, levels parted by '/', to what the server wants, to be freed: '/' to
 * `delimiter`, in modified UTF-7, or UTF-8 where that was enabled. NULL and INPUT for an empty name or level,
 * a control character, the delimiter within a level, or levels where the server has none (delimiter 0). */
char *imap_raw_name(const ImapSession *session, const char *name, char delimiter, GError **error);
/* How a raw name is shown, to be freed; what ImapFolder.name has, unless two folders look the same. */
char *imap_shown_name(const ImapSession *session, const char *raw_name, char delimiter);

typedef struct {
    ImapNamespaceKind kind;
    char *prefix;   /* raw, "" or with the delimiter at its end */
    char delimiter; /* 0: flat */
} ImapNamespace;
/* ImapNamespace *, the session's; empty where the server told of none. Known after the first imap_list(). */
const GPtrArray *imap_session_namespaces(const ImapSession *session);

/* ---- changes; each a command of its own, REFUSED when the server says no ---- */

/* With a role (RFC 6154), where CREATE-SPECIAL-USE is offered and role has a name there; a server that
 * refuses only the role is asked again without it. *role_out (may be NULL) tells whether it took the role. */
gboolean imap_create(ImapSession *session, const char *raw_name, ImapRole role, gboolean *role_out,
                     GError **error);
gboolean imap_delete(ImapSession *session, const char *raw_name, GError **error);
/* With all that is under it. */
gboolean imap_rename(ImapSession *session, const char *raw_name, const char *new_raw_name, GError **error);
gboolean imap_subscribe(ImapSession *session, const char *raw_name, gboolean on, GError **error);

#endif
