/*
 * uploads.h - drafts on their way to the account's folder for drafts, as files: what stands there, and what
 * shall.
 *
 *     drafts/upload/ID.eml          the draft as a message, of the newest version that was handed over
 *     drafts/upload/ID,ACCOUNT      which version shall stand in that account's folder, and the row that does
 *
 *     WAITING ── appended, and only then the older one taken away ──> FILED ── changed ──> WAITING
 *        └────────── sent or thrown away ──> GONE ── taken away ──> no file any more
 *
 * The draft itself is elsewhere (compose/draft.h) and is not touched: a version that cannot be filed loses
 * nothing. Each version has a Message-ID of its own that begins with the draft's id, so that after a kill or
 * a lost answer it is found where it stands, and so are older ones. Whoever files (the engine) and whoever
 * writes may be different processes: each change is made under a lock.
 *
 * Any process, any thread. `data`: the profile's folder (Paths). Errors are STORE and name the path. Blocks
 * on the disk.
 */
#ifndef TERN_MAILDIR_UPLOADS_H
#define TERN_MAILDIR_UPLOADS_H

#include <glib.h>
#include <stdint.h>

typedef enum { UPLOAD_WAITING, UPLOAD_FILED, UPLOAD_GONE } UploadState;

typedef struct {
    char *draft, *account;
    UploadState state;
    char *
        message_id; /* of the version that is to stand there, without brackets; NULL: none of ours does yet */
    gboolean is_tried;    /* a version may stand there that nobody knows of */
    int64_t row;          /* the message that stands there; 0: none is known */
    int64_t store;        /* the store.db whose row that is (store_read_stamp()): another one's is another message */
    char *folder;         /* the folder that it was filed in, as the server spells it; NULL: not known */
    int64_t not_before_s; /* after a refusal: not to be tried before; 0: at once */
    char *error;          /* why it was refused last, which was told; NULL: not since one was filed */
} Upload;
void upload_free(Upload *upload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Upload, upload_free)

/* ---- for who writes ---- */

/* A new file to write the draft's next version to (0600); *path_out, to be freed, is handed to upload_put()
 * or unlinked. -1 and STORE. */
int upload_begin(const char *data, const char *draft, char **path_out, GError **error);
/* That version, durable, takes the place of the one before; what stands in another account's folder is to go.
 * Takes the file away, also on failure. */
gboolean upload_put(const char *data, const char *draft, const char *path, const char *account,
                    const char *message_id, GError **error);
/* The draft was begun with this row of that store and of that account's folder, which its first version will
 * replace. */
gboolean upload_adopt(const char *data, const char *draft, const char *account, int64_t row, int64_t store,
                      GError **error);
/* Nothing is to stand anywhere any more: it was sent, or thrown away. */
gboolean upload_drop(const char *data, const char *draft, GError **error);

/* Nothing is to be known of the draft any more; what stands in folders stays there. */
void upload_forget(const char *data, const char *draft);

/* Of a draft, that is not GONE; NULL without an error: there is none. */
Upload *upload_read(const char *data, const char *draft, GError **error);

/* Takes away what kills have left of versions that were being written, when it is older than a day. */
void upload_clean(const char *data);

/* ---- for who files ---- */

/* Of an account (NULL: of all), in the order of the drafts' ids: Upload *, with a free function. What is
 * damaged is passed over. NULL and STORE. */
GPtrArray *upload_list(const char *data, const char *account, GError **error);
/* The upload as it is now, and its version's file for reading; FALSE without an error: it is not WAITING with
 * this version any more. */
gboolean upload_open(const char *data, const Upload *upload, int *fd_out, GError **error);
/* The upload as it is now is handed to `change`, which may change it: TRUE: it is written; one that is GONE
 * and has nothing left to take away goes. One that is not there is passed over. */
typedef gboolean (*UploadChange)(Upload *upload, void *data);
gboolean upload_change(const char *data, const Upload *upload, UploadChange change, void *change_data,
                       GError **error);

#endif
