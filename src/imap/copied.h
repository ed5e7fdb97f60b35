/*
 * copied.h - which UID became which: COPYUID of COPY and MOVE (RFC 4315, 6851), kept as runs and never as
 * numbers.
 *
 * Pure; any thread.
 */
#ifndef TERN_IMAP_COPIED_H
#define TERN_IMAP_COPIED_H

#include <glib.h>
#include <stdint.h>

typedef struct ImapCopied ImapCopied;

ImapCopied *imap_copied_new(void);
void imap_copied_free(ImapCopied *copied);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapCopied, imap_copied_free)

/* Adds what a response code says: "COPYUID 38505 304,319:320 3956:3958". FALSE when it is none, its sets are
 * not of one length or hold more than `most` UIDs, or it names another UIDVALIDITY than one before; then
 * nothing is added. */
gboolean imap_copied_add_code(ImapCopied *copied, const char *code, uint64_t most);

/* Of the folder that they went to; 0: nothing was told. */
uint32_t imap_copied_uid_validity(const ImapCopied *copied);
/* The new UID of an old one; 0: not told. Looks at each run: for many there is imap_copied_foreach(). */
uint32_t imap_copied_find(const ImapCopied *copied, uint32_t uid);
/* Calls for each pair, in the server's order. */
void imap_copied_foreach(const ImapCopied *copied,
                         void (*each)(uint32_t old_uid, uint32_t new_uid, void *data), void *data);

#endif
