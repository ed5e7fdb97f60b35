/*
 * label.h - Gmail's labels (X-GM-EXT-1), which stand among the keywords of a message.
 *
 *      the server's      what the table `keyword` and the journal hold      what people see
 *      FLAGS (Todo)      Todo                                               Todo
 *      X-GM-LABELS (x)   %x                                                 x
 *
 * No IMAP keyword can begin so (RFC 3501, 9: atom), so the two are apart, which they have to be: a FETCH that
 * only tells flags (IDLE's) must not take labels away. Labels of the system (\Inbox, \Starred …) are no
 * keywords: folders and flags say the same. Pure; any thread.
 */
#ifndef TERN_STORE_LABEL_H
#define TERN_STORE_LABEL_H

#include <glib.h>

#define LABEL_MARK '%'

/* The name in the store of a label in UTF-8, to be freed; NULL: it is the system's, or cannot be one of a
 * person's (empty, too long, with control characters). */
char *label_keyword(const char *label);
/* Whether a name in the store is a label's. */
gboolean label_is(const char *name);
/* A name in the store as people see it; borrowed from it. */
const char *label_shown(const char *name);

#endif
