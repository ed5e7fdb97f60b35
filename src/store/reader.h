/* reader.h - a reader from within: its handle, and snapshots. Within src/store/ only. */
#ifndef TERN_STORE_READER_H
#define TERN_STORE_READER_H

#include "store/db.h"
#include "store/store.h"

struct StoreReader {
    StoreDb *db;
};

/* Everything between these two sees one state of the store; calls do not nest. reader_end() also resets every
 * statement, so that none stays open over a frame. */
gboolean reader_begin(StoreReader *reader, GError **error);
void reader_end(StoreReader *reader);

/* A message's shown keywords, NULL-terminated. `with_forwarded`: $Forwarded as well, when the flag of that
 * name is set. */
gboolean reader_keywords(StoreReader *reader, int64_t id, uint32_t flags, gboolean with_forwarded,
                         char ***keywords_out, GError **error);

#endif
