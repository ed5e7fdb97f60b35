/* folder_reader.c - see folder_reader.h. */
#include "ui/folder_reader.h"

#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "config/config.h"
#include "store/read.h"
#include "ui/folder_tree.h"

/* Rows that cost about a millisecond. */
#define ROWS_AT_ONCE 300
/* The thread's handle may wait so long for another process; the ui's own never does. */
#define BUSY_MS 200

struct FolderReader {
    Store *store;
    StoreReader *reader;
    Wake *done;
    Queue *jobs, *answers; /* Job *, Answer * */
    Thread *thread;        /* NULL: not needed so far */
    gboolean are_many;
};

/* What is wanted, with sets of its own. */
typedef struct {
    FolderTreeWants wants;
} Job;

typedef struct {
    GPtrArray *rows;
    GError *error;
} Answer;

static void job_free(void *data)
{
    Job *job = data;

    g_hash_table_unref(job->wants.folded);
    g_hash_table_unref(job->wants.hidden);
    g_strfreev(job->wants.accounts);
    g_free(job);
}

static void answer_free(void *data)
{
    Answer *answer = data;

    g_clear_pointer(&answer->rows, g_ptr_array_unref);
    g_clear_error(&answer->error);
    g_free(answer);
}

static GPtrArray *read_rows(StoreReader *reader, const FolderTreeWants *wants, GError **error)
{
    g_autoptr(GPtrArray) folders = store_read_folders(reader, NULL, error);

    GPtrArray *rows = folders ? folder_tree(folders, wants) : NULL;
    for (guint i = 0; rows && i < rows->len; i++) {
        FolderRow *row = rows->pdata[i];
        if (!row->path && row->space == STORE_SPACE_OWN &&
            !store_read_quota(reader, row->account, &row->quota, error)) {
            g_ptr_array_unref(rows);
            return NULL;
        }
    }
    return rows;
}

static void run(void *data)
{
    FolderReader *folders = data;
    StoreReader *reader = NULL;
    Job *job;

    while ((job = queue_pop(folders->jobs, DEADLINE_NONE))) {
        Answer *answer = g_new0(Answer, 1);
        if (!reader)
            reader = store_reader_new(folders->store, BUSY_MS, &answer->error);
        if (reader)
            answer->rows = read_rows(reader, &job->wants, &answer->error);
        job_free(job);
        if (!queue_try_push(folders->answers, answer))
            answer_free(answer);
        wake_set(folders->done);
    }
    store_reader_free(reader);
}

FolderReader *folder_reader_new(Store *store, StoreReader *reader, Wake *done)
{
    FolderReader *folders = g_new0(FolderReader, 1);

    folders->store = store;
    folders->reader = reader;
    folders->done = wake_ref(done);
    folders->jobs = queue_new(0, job_free);
    folders->answers = queue_new(0, answer_free);
    return folders;
}

void folder_reader_free(FolderReader *folders)
{
    if (!folders)
        return;
    queue_close(folders->jobs);
    thread_join(folders->thread);
    queue_free(folders->jobs);
    queue_free(folders->answers);
    wake_unref(folders->done);
    g_free(folders);
}

GPtrArray *folder_reader_read(FolderReader *folders, const FolderMarks *marks, gboolean with_hidden,
                              const GPtrArray *accounts, GError **error)
{
    Job *job = g_new0(Job, 1);
    char **names = g_new0(char *, accounts->len + 1);

    for (guint i = 0; i < accounts->len; i++)
        names[i] = g_strdup(((const ConfigAccount *)accounts->pdata[i])->id);

    job->wants = (FolderTreeWants){folder_marks_copy(marks, FOLDER_FOLDED),
                                   folder_marks_copy(marks, FOLDER_HIDDEN), with_hidden, names};
    if (folders->are_many && !folders->thread)
        folders->thread = thread_start("folders", 0, run, folders, NULL);
    if (folders->thread) {
        if (!queue_try_push(folders->jobs, job))
            job_free(job);
        return NULL;
    }
    GPtrArray *rows = read_rows(folders->reader, &job->wants, error);
    folders->are_many = rows && rows->len > ROWS_AT_ONCE;
    job_free(job);
    return rows;
}

GPtrArray *folder_reader_take(FolderReader *folders, GError **error)
{
    Answer *answer = queue_try_pop(folders->answers);

    if (!answer)
        return NULL;
    GPtrArray *rows = g_steal_pointer(&answer->rows);
    if (answer->error)
        g_propagate_error(error, g_steal_pointer(&answer->error));
    answer_free(answer);
    return rows;
}
