/* writer_thread.h - the thread that runs jobs (writer.h). Within src/store/ only. */
#ifndef TERN_STORE_WRITER_THREAD_H
#define TERN_STORE_WRITER_THREAD_H

#include "store/db.h"
#include "store/notice.h"
#include "store/writer.h"

typedef struct Writer Writer;

/* Takes the handle; borrows the notice. */
Writer *writer_start(StoreDb *db, Notice *notice, GError **error);
/* Runs what was handed in to its end, then ends the thread and closes the handle. */
void writer_stop(Writer *writer);

void writer_submit(Writer *writer, StoreLane lane, gboolean durable, StoreJobFunc run, StoreDoneFunc done,
                   void *data, GDestroyNotify free_data);
guint writer_bulk_waiting(Writer *writer);
void writer_add_room(Writer *writer, Wake *room);
void writer_remove_room(Writer *writer, Wake *room);
void writer_set_deleted(Writer *writer, StoreDeletedFunc func, void *data);

#endif
