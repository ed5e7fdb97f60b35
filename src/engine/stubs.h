/*
 * stubs.h - messages larger than max-size, of which only the header is here while they are on the POP3
 * server; private to the engine.
 *
 *      data/stubs/ACCOUNT      a Maildir of one folder:   BASE,S=OCTETS      the header, with flags and keywords
 *                                                             │ fetched whole
 *      data/mail/ACCOUNT       the Inbox:                 BASE,S=OCTETS      so it stays the same row
 *
 * A stub is no message: it stands outside the account's Maildir, and counts as not fetched. It is shown in
 * the Inbox (STORE_STUB), can be marked and tagged, and goes nowhere before it is whole. Its line in the log
 * of UIDLs (maildir/uidl.h) says what it is on the server; one without such a line is thrown away, since it
 * can be had again.
 *
 * Pure, but for stubs_open(); any thread.
 */
#ifndef TERN_ENGINE_STUBS_H
#define TERN_ENGINE_STUBS_H

#include "base/paths.h"
#include "maildir/maildir.h"

#include <stdint.h>

/* Where those of an account are, to be freed. */
char *stubs_root(const char *account, const Paths *paths);
/* Opens that folder. NULL without an error: there is none, and none was to be made. NULL and STORE. */
MaildirFolder *stubs_open(const char *root, gboolean makes, GError **error);

/* The base of a message that begins as a stub, to be freed; and its size on the server, -1: it says none. */
char *stubs_base(const char *base, uint64_t octets);
int64_t stubs_octets(const char *base);

#endif
