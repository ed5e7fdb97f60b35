/*
 * describe.h - from a part's header fields to what MimePart says of it. Private to src/mime/.
 */
#ifndef TERN_MIME_DESCRIBE_H
#define TERN_MIME_DESCRIBE_H

#include "mime/structure.h"

/* Reads the header of a node (bytes[header..body)) whose range and parent are set, and sets the rest of it
 * but number, size and children. Strings go to `strings`. */
void mime_describe(MimeNode *node, const char *bytes, GStringChunk *strings);

#endif
