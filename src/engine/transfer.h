/*
 * transfer.h - import and export for whoever is no command: the screen, on a thread of its own.
 *
 *      PATH (mbox, or a Maildir) ──> engine_import() ──> a folder, on this disk or (by the journal) on a server
 *      a folder ──> engine_export() ──> mbox or Maildir at PATH
 *
 * Both go on where they were ended (import.h). On the caller's thread, which they keep for as long as it
 * takes; they open a reader of their own.
 */
#ifndef TERN_ENGINE_TRANSFER_H
#define TERN_ENGINE_TRANSFER_H

#include "base/cancel.h"
#include "config/config.h"
#include "store/store.h"

/* Borrowed for the call. The functions are called on its thread. */
typedef struct {
    const Config *config;
    const Paths *paths;
    Store *store;
    Cancel *cancel; /* ends it between two messages */
    void (*progress)(const char *folder, int64_t done, int64_t total, void *data);
    void (*tell)(const char *sentence, void *data);        /* what is waited for: for people, at once */
    void (*passed_over)(const char *sentence, void *data); /* an import: what is no message, and why */
    void *data;
} EngineTransfer;

typedef struct {
    int64_t added, known;
    int64_t passed_over; /* of an import: were no messages */
    int64_t missing;     /* of an export: messages whose text is not here */
} EngineTransferred;

/* Into a folder as it is shown, made where it is not there. FALSE and INPUT, STORE, or CANCELLED: what was
 * done is kept. */
gboolean engine_import(const EngineTransfer *with, const char *account, const char *folder, const char *path,
                       EngineTransferred *out, GError **error);
/* To an mbox, or to a Maildir where the path is one or ends in '/'; made where there is none, else added
 * to. */
gboolean engine_export(const EngineTransfer *with, int64_t folder_id, const char *path,
                       EngineTransferred *out, GError **error);

#endif
