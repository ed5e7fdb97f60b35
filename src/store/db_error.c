/* db_error.c - what SQLite's codes mean to a person. */
#include "base/error.h"
#include "base/i18n.h"
#include "store/damage.h"
#include "store/db.h"
#include "store/error.h"
#include "store/store.h"

#include <string.h>

#define DAMAGED                                                                                              \
    N_("it is damaged; end all programs of tern and start again: then the file is set aside, mail is "       \
       "fetched anew, and changes that were not sent yet are kept as far as they can be read")

static const struct {
    int code; /* SQLite's primary result code */
    const char *sentence;
} SENTENCES[] = {
    {SQLITE_FULL, N_("the disk is full, nothing was changed; make room and try again")},
    {SQLITE_READONLY, N_("it cannot be written; check who owns it and whether its disk is read-only")},
    {SQLITE_PERM, N_("it may not be opened; check who owns it")},
    {SQLITE_CANTOPEN, N_("it cannot be opened; check that its folder exists and is yours")},
    {SQLITE_IOERR, N_("the disk failed; check the disk and its free space")},
    {SQLITE_NOMEM, N_("there is not enough memory")},
    {SQLITE_CORRUPT, DAMAGED},
    {SQLITE_NOTADB, DAMAGED},
};

void store_db_error(StoreDb *db, int code, GError **error)
{
    int primary = code & 0xff;

    /* PROTOCOL: the locks of the log changed hands too often while asking. It passes, as BUSY does. */
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_PROTOCOL) {
        tern_error_set(error, TERN_ERROR_STORE, _("%s: another program is writing to it; try again"),
                       STORE_BUSY_TEXT);
        return;
    }
    /* A still one may be written by somebody after all. */
    if ((primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) && db->mode != STORE_DB_STILL)
        store_damage_note(db->path);
    for (guint i = 0; i < G_N_ELEMENTS(SENTENCES); i++) {
        if (SENTENCES[i].code == primary) {
            tern_error_set(error, TERN_ERROR_STORE, _("the mail store %s: %s (%s)"), db->path,
                           _(SENTENCES[i].sentence), sqlite3_errstr(code));
            return;
        }
    }
    tern_error_set(error, TERN_ERROR_STORE, _("the mail store %s: %s"), db->path,
                   db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
}

gboolean store_is_busy(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_STORE) && strstr(error->message, STORE_BUSY_TEXT);
}
