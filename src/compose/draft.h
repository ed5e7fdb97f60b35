/*
 * draft.h - a message that is being written: what its writer typed, as typed, and where it is kept.
 *
 *      Draft ── draft_save() ──> data/drafts/cur/ID:2,DS   a message (RFC 5322) that any program can read
 *        │  <── draft_load() ──    with X-Tern- fields for what a message has no place for
 *        └── draft_check() ──> DraftAddresses, or which field is wrong and where ──> message.h
 *
 * Header fields are text until they are checked: who is in the middle of an address has a draft, too.
 * Attachments are files, named by their paths; what came out of another message lies in
 * data/drafts/files/ID/, and goes with the draft. The X-Tern- fields of a message that was not written here
 * mean nothing: they name files (draft_load() is for the profile's own folder only). A draft belongs to one
 * thread at a time; draft_save() blocks on the disk.
 */
#ifndef TERN_COMPOSE_DRAFT_H
#define TERN_COMPOSE_DRAFT_H

#include "compose/identity.h"

#include <glib.h>
#include <stdint.h>

/* What a draft has to do with the message it came from. */
typedef enum { DRAFT_NEW, DRAFT_REPLY, DRAFT_FORWARD, DRAFT_RESEND } DraftKind;

/* What a writer may ask for, of one message. */
typedef enum {
    DRAFT_ASKS_DELIVERY = 1 << 0, /* the mail servers tell whether it was delivered (DSN, RFC 3461) */
    DRAFT_ASKS_RECEIPT = 1 << 1,  /* the reader tells that it was read (RFC 8098) */
    DRAFT_ASKS_TLS = 1 << 2,      /* encrypted all the way, or not at all (REQUIRETLS, RFC 8689) */
} DraftAsks;

/* The fields that are typed, in the order in which they are shown. */
typedef enum {
    DRAFT_FROM,
    DRAFT_TO,
    DRAFT_CC,
    DRAFT_BCC,
    DRAFT_REPLY_TO,
    DRAFT_SUBJECT,
    DRAFT_FIELDS,
} DraftField;
/* "From", "Reply-To": as in a message. */
const char *draft_field_name(DraftField field);

typedef struct {
    char *path;
    char *name;  /* as the receiver sees it */
    char *type;  /* "application/pdf" */
    char *words; /* the same for people: "PDF document" */
    int64_t size_bytes;
    gboolean is_own; /* it lies in the draft's own folder */
} DraftAttachment;
void draft_attachment_free(DraftAttachment *attachment);

typedef struct {
    char *id;      /* of its file: "1795608000.a81bc81b" */
    char *account; /* whose outbox it will go to; follows From */
    DraftKind kind;
    int64_t original;           /* the row that is answered or forwarded; 0: none */
    char *fields[DRAFT_FIELDS]; /* as typed, UTF-8, one line each; never NULL */
    char *body;                 /* UTF-8 with LF */
    gsize cursor;               /* where one writes, a byte of the body */
    char *message_id;           /* NULL until it is sent */
    char *in_reply_to;          /* without brackets; NULL: none */
    char *original_id;          /* DRAFT_FORWARD: the original's Message-ID, likewise */
    char **references;          /* oldest first; never NULL */
    GPtrArray *attachments;     /* DraftAttachment * */
    GPtrArray *own_fields;      /* MimeField *: further header fields */
    guint asks;                 /* DraftAsks */
    gboolean is_digest;         /* messages that are attached go as one multipart/digest (RFC 2046 5.1.5) */
    gboolean is_markdown;       /* HTML is made of it (markdown.h) */
    gboolean is_from_chosen;    /* whom it is from: by hand, so that it follows no recipient */
    char *home;                 /* From, unless a recipient says otherwise; NULL: as it stands */
    gboolean is_template;       /* fields of a template in its text are still to be filled in */
    char *signature;            /* which one tern put into the text (identity_change.h); NULL: none */
    char *resent;               /* DRAFT_RESEND: the message's file, which goes out as it is; NULL */
    char *copy_to;              /* the account's folder that its copy goes to; NULL: that for sent mail */
    char *filed; /* the version (upload.h) that it is the same as, as its Message-ID; NULL: changed since */
} Draft;

/* An empty draft of that identity (NULL: none is known), with a new id. */
Draft *draft_new(const Identity *identity);
Draft *draft_copy(const Draft *draft);
void draft_free(Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

/* Sets a field; line ends and other controls become blanks. */
void draft_set(Draft *draft, DraftField field, const char *text);
/* Sets the body; line ends of any kind become LF, and what is no UTF-8 is read as best as one can. */
void draft_set_body(Draft *draft, const char *text, gsize bytes);

/* Why that cannot be attached, a few words ("it is no file"); static. NULL: it can. Looks at the disk. */
const char *draft_attach_problem(const char *path);
/* Attaches a file: its name, its type by content and name (shared-mime-info), its size. FALSE and INPUT when
 * it cannot be read or is no file; `name` and `type` may be NULL. Looks at the disk. */
gboolean draft_attach(Draft *draft, const char *path, const char *name, const char *type, GError **error);
/* Takes the attachment of that number away, and its file if it is the draft's own. */
void draft_detach(Draft *draft, guint n);

/* A file's type: by its name and its first bytes; to be freed. */
char *draft_file_type(const char *path);

/* Whether there is nothing in it that a writer would miss: no recipients, no subject, no attachments, and a
 * body that is blank but for a signature. */
gboolean draft_is_empty(const Draft *draft);
/* Whether the text (quotes and signature aside) speaks of an attachment, and there is none. */
gboolean draft_misses_attachment(const Draft *draft);

/* ---- checked ---- */

typedef struct {
    GPtrArray *from, *to, *cc, *bcc, *reply_to; /* MimeMailbox *, never NULL */
} DraftAddresses;
void draft_addresses_free(DraftAddresses *addresses);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DraftAddresses, draft_addresses_free)

/* Reads all address fields. NULL and INPUT with the field and the byte in it where the mistake is (both may
 * be NULL). From must be one address; `to_send`: somebody must be there to send it to. */
DraftAddresses *draft_check(const Draft *draft, gboolean to_send, DraftField *field_out, gsize *where_out,
                            GError **error);
/* Everybody it goes to, each once, as in an envelope (char *, domains in ASCII); to be unreffed. NULL and
 * INPUT. */
GPtrArray *draft_recipients(const DraftAddresses *addresses, GError **error);

/* ---- kept (draft_file.c) ---- */

/* Saves it in the profile's data folder: after a crash it is there as it was or as it is. FALSE and STORE.
 * Blocks: fsync. */
gboolean draft_save(const Draft *draft, const char *data, GError **error);
/* Reads a draft by its id. NULL and STORE. */
Draft *draft_load(const char *data, const char *id, GError **error);
/* Takes it and its own files away. One that is not there is no error. */
void draft_remove(const Draft *draft, const char *data);
/* Out of sight, for 30 days: into data/drafts/aside; its own files stay where they are. FALSE: so does it. */
gboolean draft_put_aside(const char *data, const char *id);
/* Takes away what was put aside longer ago. */
void draft_clean_aside(const char *data);
/* Whether a draft of this id is put aside. */
gboolean draft_is_aside(const char *data, const char *id);
/* Ids of all drafts that are there, the newest last: char *; to be unreffed. NULL and STORE. */
GPtrArray *draft_list(const char *data, GError **error);
/* The folder for a draft's own files, to be freed; made when `make`. */
char *draft_files_folder(const Draft *draft, const char *data, gboolean make, GError **error);

#endif
