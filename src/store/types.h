/*
 * types.h - the plain values of the store: flags, roles, folders, messages.
 *
 * Messages are named by `id` (given once, stable through moves), never by UID; a UID is only the server's
 * half of a row.
 */
#ifndef TERN_STORE_TYPES_H
#define TERN_STORE_TYPES_H

#include <glib.h>
#include <stdint.h>

/* Bits of a row's flags, the shown ones and the server's alike. */
typedef enum {
    STORE_SEEN = 1 << 0,
    STORE_FLAGGED = 1 << 1,
    STORE_ANSWERED = 1 << 2,
    STORE_DRAFT = 1 << 3,
    STORE_DELETED = 1 << 4,
    STORE_FORWARDED = 1 << 5,    /* $Forwarded, which the list shows; it is a keyword in JSON */
    STORE_HAS_KEYWORDS = 1 << 6, /* the side table has some */
    STORE_STUB = 1 << 7, /* only its header is here, and in no file of its own; no person changes that */
    STORE_WITH_LABELS = 1 << 8, /* never of a row, but of what a server tells of one: its labels (label.h) are
                                 * among the keywords; else those that are known stay */
} StoreFlag;

/* Special uses (RFC 6154), and the Inbox. */
typedef enum {
    STORE_ROLE_NONE,
    STORE_ROLE_INBOX,
    STORE_ROLE_SENT,
    STORE_ROLE_DRAFTS,
    STORE_ROLE_TRASH,
    STORE_ROLE_JUNK,
    STORE_ROLE_ARCHIVE,
    STORE_ROLE_ALL,
    STORE_ROLE_FLAGGED
} StoreRole;
#define STORE_ROLES (STORE_ROLE_FLAGGED + 1)

/* "inbox", "sent" … as in JSON; "none". Static. */
const char *store_role_name(StoreRole role);

/* Whose a folder is (RFC 2342). */
typedef enum { STORE_SPACE_OWN, STORE_SPACE_OTHERS, STORE_SPACE_SHARED } StoreSpace;

/* What the server lets one do in a folder (RFC 4314), by what tern does. */
typedef enum {
    STORE_MAY_READ = 1 << 0,
    STORE_MAY_MARK_SEEN = 1 << 1,
    STORE_MAY_FLAG = 1 << 2,   /* the other flags and keywords */
    STORE_MAY_INSERT = 1 << 3, /* move and copy messages into it */
    STORE_MAY_DELETE = 1 << 4, /* messages, and so move them out of it */
    STORE_MAY_CREATE = 1 << 5, /* folders below it */
    STORE_MAY_REMOVE = 1 << 6, /* it, and so rename it */
} StoreRight;
#define STORE_MAY_ALL 0x7fu
/* What it takes one of to change anything in a folder that one has not made. */
#define STORE_MAY_CHANGE (STORE_MAY_INSERT | STORE_MAY_DELETE | STORE_MAY_FLAG)
/* Why something that needs these rights cannot be done in that folder, for people, to be freed; NULL: it can.
 * */
char *store_rights_problem(const char *folder, guint rights, guint needed);

/* How full a mailbox is; limit 0: not known, or there is none. */
typedef struct {
    int64_t used_bytes, limit_bytes;
} StoreQuota;

/* What a sync remembers of a folder on the server. */
typedef struct {
    uint32_t uid_validity; /* 0: never synced */
    uint32_t uid_next;     /* every UID below it was seen by tern, but for those below backfill_uid */
    uint32_t backfill_uid; /* lowest UID fetched so far; 1: all of them; 0: nothing yet */
    uint64_t highest_modseq;
    int64_t synced_s; /* wall clock of the last complete sync; 0: never */
} StoreSync;

typedef struct {
    int64_t id, account_id;
    char *account;
    char *name;       /* UTF-8, levels parted by '/' */
    char *raw_name;   /* as the server spells it */
    char *mailbox_id; /* what the server calls it whatever its name is (RFC 8474); NULL: not told */
    char delimiter;
    StoreRole role;
    StoreSpace space;
    guint rights; /* StoreRight; all of them where the server told of none */
    gboolean selectable, subscribed;
    int messages, unread, threads; /* as shown */
    /* as STATUS said, for folders that were not synced yet; -1: not known */
    int64_t server_messages, server_unseen;
    StoreSync sync;
} StoreFolder;
/* Whether a folder's raw name only stands for one that the server has not got yet. */
gboolean store_raw_name_is_new(const char *raw_name);
void store_folder_free(StoreFolder *folder);
/* What a list of folders says: the messages that are shown where it was synced, else those that the server
 * told of; -1: not known. */
int store_folder_messages(const StoreFolder *folder);
int store_folder_unread(const StoreFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreFolder, store_folder_free)

typedef struct {
    char *name, *address;
} StoreAddress;

/* A message that came from outside, to be given a row. Borrowed for the call. */
typedef struct {
    uint32_t uid;
    uint32_t flags;
    const char *const
        *keywords; /* those that are no StoreFlag but FORWARDED's, as spelled; NULL-terminated or NULL */
    int64_t arrival_s;
    gboolean has_date;
    int64_t date_s; /* the Date field */
    int date_offset_min;
    int64_t size_bytes;
    int attachments; /* -1: not known */
    const StoreAddress *from, *to, *cc;
    guint n_from, n_to, n_cc;
    const char *subject, *message_id;
    const char *const *references; /* oldest first, the direct parent last; NULL-terminated or NULL */
    const char *list_id;           /* NULL: none */
    const char *
        email_id; /* the server's for what is the same in any folder (RFC 8474, 4.2; Gmail's); NULL: not told */
} StoreNewMessage;

/* A message as stored, whole: row and envelope. */
typedef struct {
    int64_t id, key, thread, folder_id;
    int64_t
        body_id; /* what its text is kept by: its id, or what all messages that are the same share (below 0) */
    uint32_t uid; /* in its folder; 0: none (a move on its way) */
    uint32_t flags;
    char **keywords; /* NULL-terminated, never NULL; $Forwarded among them */
    /* Where it stands on the server (or disk): another folder, and perhaps account, than the one that shows
     * it, as long as a move waits. NULL and 0: nowhere. */
    char *server_account;
    int64_t server_folder_id;
    uint32_t server_uid; /* 0: it waits for one */
    int64_t arrival_s;
    gboolean has_date;
    int64_t date_s;
    int date_offset_min;
    int64_t size_bytes;
    int attachments;            /* -1: not known */
    GPtrArray *from, *to, *cc;  /* StoreAddress * */
    char *subject, *message_id; /* message_id NULL: none */
    char **references;
    char *list_id; /* NULL: it came by no list */
    char *account, *folder;
    /* Of one that stands in a local account: the raw name of the folder that its file is in, the file's name
     * (files.h), and the flags that it has there; NULL: it is in no file of its own. */
    char *file_folder, *file_name;
    uint32_t file_flags;
    /* Of one that was imported and is not on its server yet: that account, and its file (engine/across.h);
     * else NULL. */
    char *import_account, *import_file;
} StoreMessage;
void store_message_free(StoreMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMessage, store_message_free)

#endif
