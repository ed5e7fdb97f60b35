/* mail_private.h - one command for messages while it is prepared, and the job that it becomes. For mail*.c. */
#ifndef TERN_UI_MAIL_PRIVATE_H
#define TERN_UI_MAIL_PRIVATE_H

#include "ui/mail.h"
#include "ui/ui.h"

typedef enum {
    MAIL_FLAGS, /* set and clear */
} MailVerb;

/* What the writer gets; nothing of the screen is touched there. */
typedef struct {
    Ui *ui;
    Selection *targets;
    MailVerb verb;
    uint32_t only; /* of the targets, only those with these flags */
    uint32_t set, clear;
    gboolean is_quiet; /* nothing is said, and undo does not see it */
    /* What came of it. */
    int n; /* messages */
} MailJob;

/* A command's messages and what is known of them. */
typedef struct {
    Ui *ui;
    Selection *targets; /* taken by mail_submit() */
    StoreFolder *folder;
    int n, n_unread; /* n_unread -1: too many to look */
    uint32_t common; /* flags that all have */
} MailTask;

/* Starts it: the effect at once, `news` (may be NULL; taken over) on the bottom line. `job` and `effect` need no
 * targets. */
void mail_submit(MailTask *task, const MailJob *job, OverlayEffect effect, char *news);

/* On the writer thread (mail_job.c). */
gboolean mail_job_run(StoreTxn *txn, void *job, GError **error);
void mail_job_free(void *job);

#endif
