/* outbox.c - see outbox.h: the rows, and how they stay true. outbox_commands.c has what is said of them. */
#include "ui/outbox.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/state.h"

#include <unistd.h>

/* While much is sent the folder changes all the time: nobody reads so many lists. */
#define CALM_MS 100

struct OutboxRows {
    GPtrArray *envelopes; /* NULL: not read yet */
    char *problem;        /* why it could not be read; NULL: it was */
    gint64 sending_done,
        sending_total; /* bytes of the message that is being sent; total 0: none is told of */
    int watch_fd;
    gboolean is_reading, is_stale; /* stale: it changed while it was read */
};

OutboxRows *outbox_rows_new(void)
{
    OutboxRows *rows = g_new0(OutboxRows, 1);

    rows->watch_fd = -1;
    return rows;
}

void outbox_rows_free(OutboxRows *rows)
{
    if (!rows)
        return;
    if (rows->envelopes)
        g_ptr_array_unref(rows->envelopes);
    if (rows->watch_fd >= 0)
        close(rows->watch_fd);
    g_free(rows->problem);
    g_free(rows);
}

/* ---- reading ---- */

typedef struct {
    char *data;
    gboolean wants_watch;
    int watch_fd;
    GPtrArray *envelopes;
    GError *error;
} ReadJob;

static void read_job_free(void *data)
{
    ReadJob *job = data;

    if (job->envelopes)
        g_ptr_array_unref(job->envelopes);
    if (job->watch_fd >= 0)
        close(job->watch_fd);
    g_free(job->data);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_read(void *data)
{
    ReadJob *job = data;
    g_autoptr(Outbox) outbox = outbox_open(job->data, &job->error);

    if (outbox && job->wants_watch)
        job->watch_fd = outbox_watch(outbox); /* before it is read */
    job->envelopes = outbox ? outbox_list(outbox, NULL, &job->error) : NULL;
}

static void read_outbox(Ui *ui);

static void calm_passed(void *data)
{
    read_outbox(data);
}

static void is_changed(Ui *ui)
{
    ui->outbox->is_stale = TRUE;
    loop_after(ui->loop, CALM_MS, calm_passed);
}

static void watch_ready(void *data)
{
    Ui *ui = data;

    outbox_watch_clear(ui->outbox->watch_fd);
    is_changed(ui);
}

static void was_read(Ui *ui, void *data)
{
    ReadJob *job = data;
    OutboxRows *rows = ui->outbox;

    rows->is_reading = FALSE;
    g_free(rows->problem);
    rows->problem = job->error ? g_strdup(job->error->message) : NULL;
    if (job->envelopes) {
        if (rows->envelopes)
            g_ptr_array_unref(rows->envelopes);
        rows->envelopes = g_steal_pointer(&job->envelopes);
    }
    if (job->watch_fd >= 0) {
        rows->watch_fd = job->watch_fd;
        job->watch_fd = -1;
        loop_watch_fd(ui->loop, rows->watch_fd, watch_ready);
    }
    if (rows->is_stale)
        loop_after(ui->loop, CALM_MS, calm_passed);
    ui_redraw(ui);
}

static void read_outbox(Ui *ui)
{
    OutboxRows *rows = ui->outbox;

    if (rows->is_reading)
        return;
    ReadJob *job = g_new0(ReadJob, 1);
    job->data = g_strdup(ui->context->paths->data);
    job->watch_fd = -1;
    job->wants_watch = rows->watch_fd < 0;
    rows->is_reading = TRUE;
    rows->is_stale = FALSE;
    background_run(ui->background, work_read, was_read, job, read_job_free);
}

void outbox_start(Ui *ui)
{
    read_outbox(ui);
}

void outbox_event(Ui *ui, const EngineEvent *event)
{
    if (event->kind != ENGINE_EVENT_OUTBOX)
        return;
    ui->outbox->sending_done = event->done;
    ui->outbox->sending_total = event->total;
    if (event->total <= 0) /* progress changes no file */
        is_changed(ui);
}

/* ---- what is there ---- */

const GPtrArray *outbox_rows(const Ui *ui)
{
    return ui->outbox->envelopes;
}

char *outbox_progress(const Ui *ui)
{
    const OutboxRows *rows = ui->outbox;

    if (rows->sending_total <= 0 || rows->sending_done >= rows->sending_total)
        return NULL;
    g_autofree char *done = format_size(rows->sending_done), *total = format_size(rows->sending_total);
    return g_strdup_printf(_("sending %s of %s"), done, total);
}

const char *outbox_problem(const Ui *ui)
{
    return ui->outbox->problem;
}

guint outbox_to_send(const Ui *ui)
{
    return ui->outbox->envelopes
               ? waiting_count(ui->outbox->envelopes, ui_config(ui), NULL, clock_wall_s()).waiting
               : 0;
}

char *outbox_trouble(const Ui *ui, const char *account)
{
    if (!ui->outbox->envelopes)
        return NULL;
    const WaitingCount count = waiting_count(ui->outbox->envelopes, ui_config(ui), account, clock_wall_s());
    const guint n_failed = count.failed + count.stray;
    g_autofree char *failed = g_strdup_printf(ngettext_("%u not sent", "%u not sent", n_failed), n_failed);
    g_autofree char *unknown = g_strdup_printf(_("%u sent?"), count.unknown);
    return n_failed && count.unknown ? g_strdup_printf("%s, %s", failed, unknown)
           : n_failed                ? g_steal_pointer(&failed)
           : count.unknown           ? g_steal_pointer(&unknown)
                                     : NULL;
}
