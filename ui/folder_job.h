/* folder_job.h - commands for folders as the writer does them. For folder_commands.c. */
#ifndef TERN_UI_FOLDER_JOB_H
#define TERN_UI_FOLDER_JOB_H

#include "store/writer.h"
#include "ui/view.h"

typedef enum {
    FOLDER_CREATE,
    FOLDER_RENAME,
    FOLDER_DELETE,
    FOLDER_EMPTY,
    FOLDER_SUBSCRIBE,
    FOLDER_UNSUBSCRIBE,
} FolderVerb;

typedef struct {
    FolderVerb verb;
    char *account;
    gint64 folder_id; /* 0: a new one */
    char *name;       /* of a new one, the new name of an old one, or else its own */
    Ui *ui;           /* for the ui thread alone, as what follows */
    guint64 news;     /* what was said at once, as ui_withdraw() knows it */
} FolderJob;

gboolean folder_job_run(StoreTxn *txn, void *job, GError **error);
void folder_job_free(void *job);

#endif
