/*
 * message_file.c - where a message's file is: at once where its flags say, else by looking through its
 * folder, which another program may have changed (a Maildir's file is renamed with its flags). That takes as
 * long as the folder is large, so the background's thread does it.
 */
#include "ui/view_message_private.h"

#include "ui/background.h"
#include "ui/state.h"

typedef struct {
    guint64 number;
    Config *config;
    const Paths *paths; /* borrowed */
    StoreMessage *stored;
    char *path;
    void (*found)(ViewMessage *message);
} SearchJob;

static void search_job_free(void *data)
{
    SearchJob *job = data;

    config_unref(job->config);
    store_message_free(job->stored);
    g_free(job->path);
    g_free(job);
}

static void work_search(void *data)
{
    SearchJob *job = data;

    job->path = engine_message_path(job->config, job->paths, job->stored);
}

static void searched(Ui *ui, void *data)
{
    ViewMessage *message = (ViewMessage *)ui->message;
    SearchJob *job = data;

    if (!message || message->searching != job->number)
        return;
    message->searching = 0;
    g_free(message->path);
    message->path = g_steal_pointer(&job->path);
    job->found(message);
}

gboolean view_message_find_file(ViewMessage *message)
{
    const Ui *ui = message->view.ui;

    g_free(message->path);
    message->path = engine_message_likely_path(ui->context->config, ui->context->paths, message->message);
    if (message->path)
        message->searching = 0;
    return message->path != NULL;
}

gboolean view_message_search_file(ViewMessage *message, void (*found)(ViewMessage *message))
{
    static guint64 last;
    Ui *ui = message->view.ui;
    StoreMessage *stored =
        message->message->file_name ? store_read_message(ui->reader, message->id, NULL) : NULL;

    if (!stored) /* in the cache or nowhere; or asked again when the store can be read */
        return FALSE;
    SearchJob *job = g_new(SearchJob, 1);
    *job = (SearchJob){++last, config_ref(ui->context->config), ui->context->paths, stored, NULL, found};
    message->searching = job->number;
    background_run(ui->background, work_search, searched, job, search_job_free);
    return TRUE;
}
