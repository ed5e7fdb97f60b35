/* store_private.h - what the files of src/store/ know of a Store. */
#ifndef TERN_STORE_STORE_PRIVATE_H
#define TERN_STORE_STORE_PRIVATE_H

#include "store/db.h"
#include "store/notice.h"
#include "store/store.h"
#include "store/writer_thread.h"

/* store.db's path. */
const char *store_path(Store *store);
/* How its readers open it. */
StoreDbMode store_mode(Store *store);

#endif
