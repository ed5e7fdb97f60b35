/* rescue_private.h - what the files of the rescue share (rescue.h). */
#ifndef TERN_STORE_RESCUE_PRIVATE_H
#define TERN_STORE_RESCUE_PRIVATE_H

#include "store/rescue.h"
#include "store/txn.h"

typedef struct {
    sqlite3 *old; /* NULL: nothing of it can be read */
    StoreTxn *txn;
    StoreRescued *result;
    GError *failure; /* the new file's; everything ends then */
    /* What pieces name (int64_t): entries, and rows beside those that entries name; some twice. */
    GArray *entries, *messages;
} Rescue;

/* Runs a statement on the old file, with one parameter, for each row as far as they come. FALSE: not all
 * came. Statements here are their own, not those of sql.h: nothing of the old file's indexes is trusted, and
 * its columns are fewer. */
typedef void (*RescueFunc)(Rescue *rescue, sqlite3_stmt *row, void *data);
gboolean rescue_each(Rescue *rescue, const char *sql, int64_t parameter, RescueFunc func, void *data);
/* The same over a table by its integer key, which is the first column and the parameter ("… >= ?1 ORDER BY
 * …"): what cannot be read is stepped over. FALSE: there was such. */
#define RESCUE_KEYS_END (INT64_C(1) << 54)
gboolean rescue_walk(Rescue *rescue, const char *sql, RescueFunc func, void *data);
/* The row comes into the table of the new file, by the names of its columns. One that does not fit there, or
 * is there already, is passed over. */
void rescue_copy(Rescue *rescue, const char *table, sqlite3_stmt *row);

/* Runs a statement on the new file. FALSE: rescue->failure. */
gboolean rescue_exec(Rescue *rescue, const char *sql);
/* The first column of all rows of a statement on the new file (int64_t); to be freed. */
GArray *rescue_numbers(Rescue *rescue, const char *sql);

/* Something is not kept: a change of that kind, of a message or a folder. */
void rescue_lose(Rescue *rescue, const char *what, gboolean is_message, int64_t id);

/* What was left of changes of thousands (rescue_pieces.c): what it names, and, when the rows are there, it is
 * done. */
void rescue_copy_pieces(Rescue *rescue);
void rescue_do_pieces(Rescue *rescue);

/* The rows that the entries and pieces name (rescue_rows.c), and what is shown of them. */
void rescue_rows(Rescue *rescue);

#endif
