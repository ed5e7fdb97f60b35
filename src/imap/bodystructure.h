/*
 * bodystructure.h - what BODYSTRUCTURE (RFC 3501, 7.4.2) tells a message list: how many attachments there
 * are.
 *
 * The rule is the one of mime/message.h, so that the number does not change when the message itself is there.
 * A leaf counts when its disposition is attachment, or when it has a file name and is neither text shown
 * inline nor an image with a Content-ID inside multipart/related (a picture of the HTML text). A message
 * within the message counts, unless it is shown inline and has no name; then what is attached to it counts.
 * Iterative: depth costs nothing.
 */
#ifndef TERN_IMAP_BODYSTRUCTURE_H
#define TERN_IMAP_BODYSTRUCTURE_H

#include "imap/parser.h"

/* Counts from the value at `index`. Parts that make no sense count as nothing; -1 when it is no body
 * structure at all. */
int imap_bodystructure_attachments(const ImapTree *tree, guint index);

#endif
