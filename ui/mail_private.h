/* mail_private.h - one command for messages while it is prepared, and the job that it becomes. For
 * mail*.c. */
#ifndef TERN_UI_MAIL_PRIVATE_H
#define TERN_UI_MAIL_PRIVATE_H

#include "store/change.h"
#include "ui/mail.h"
#include "ui/ui.h"

/* What is done to each message; `kind` of the job says what a person calls it. */
typedef enum {
    MAIL_FLAGS,    /* set and clear */
    MAIL_TAGS,     /* tags and untags */
    MAIL_MOVE,     /* to the folder */
    MAIL_COPY,     /* to the folder */
    MAIL_ARCHIVE,  /* what these mean: store/change.h */
    MAIL_DELETE,
    MAIL_UNDELETE,
    MAIL_JUNK,
    MAIL_NOT_JUNK,
    MAIL_EXPUNGE,  /* for good */
    MAIL_READ_ALL, /* the whole folder is marked read */
} MailVerb;

/* What the writer gets; nothing of the screen is touched there. */
typedef struct {
    Ui *ui;
    Selection *targets;
    MailVerb verb;
    StoreChangeKind kind;
    uint32_t only; /* of the targets, those with all of these flags */
    uint32_t set, clear;
    char **tags, **untags;
    gint64 folder_id; /* where to, of a move or copy; of others where they will be, as far as it is known */
    char *name;        /* of the folder or tag, for words; NULL: none */
    gboolean is_quiet; /* undo does not see it */
    guint64 news;      /* what was said at once, as ui_withdraw() knows it; 0: nothing */
    const char *one,
        *many; /* what to say when it is known how many there were ("%s", ngettext); NULL: it was said */
    int n;     /* of the result: messages */
} MailJob;

/* A command's messages and what is known of them. */
typedef struct {
    Ui *ui;
    Selection *targets; /* taken by mail_submit() */
    StoreFolder *folder;
    int command;
    int n, n_unread; /* n_unread -1: too many to look */
    uint32_t common; /* flags that all have */
} MailTask;

MailTask *mail_task_new(Ui *ui, Selection *targets, uint32_t common, int command);
void mail_task_free(void *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailTask, mail_task_free)

/* Starts it: the effect at once, `news` (taken over; NULL: none) on the bottom line. What `job` points to is
 * taken over; `job` and `effect` need no targets. */
void mail_submit(MailTask *task, const MailJob *job, OverlayEffect effect, char *news);
/* "Archived 3 messages. u undoes it."; returns what ui_withdraw() knows it by. */
guint64 mail_tell(Ui *ui, const char *what);

/* mail_move.c: commands that need a folder. They may keep the task for an answer; then *task is NULL. */
void mail_delete(MailTask **task, const char *argument);
void mail_archive(MailTask **task, const char *argument);
void mail_junk(MailTask **task, const char *argument);
void mail_not_junk(MailTask **task, const char *argument);
void mail_move(MailTask **task, const char *argument);
void mail_copy(MailTask **task, const char *argument);
void mail_undelete(MailTask **task, const char *argument);
void mail_purge(MailTask **task, const char *argument);

/* mail_tag.c */
void mail_tag(MailTask **task, const char *argument);
void mail_untag(MailTask **task, const char *argument);

/* On the writer thread (mail_job.c). */
gboolean mail_job_run(StoreTxn *txn, void *job, GError **error);
void mail_job_free(void *job);

#endif
