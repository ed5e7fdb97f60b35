/* folder_order.h - the order in which folders are shown. Within src/store/ only. */
#ifndef TERN_STORE_FOLDER_ORDER_H
#define TERN_STORE_FOLDER_ORDER_H

#include <glib.h>

/* Sorts StoreFolder *: by account, then each folder after its parent, and siblings by role (Inbox first) and
 * by name. */
void folder_order_sort(GPtrArray *folders);

#endif
