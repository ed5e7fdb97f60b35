/* error.h - the sentences of src/store/ that more than one file needs. */
#ifndef TERN_STORE_ERROR_H
#define TERN_STORE_ERROR_H

/* Part of every error that only means "ask again"; store_is_busy() looks for it. */
#define STORE_BUSY_TEXT "the mail store is busy"

#endif
