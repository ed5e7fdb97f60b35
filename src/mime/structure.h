/*
 * structure.h - where the parts of a message are: from bytes to a tree of ranges, within the caps of
 * THREATS.md 3.
 *
 * GMime's own parser is not used: 3.2.13 recurses, so that deep mail crashes it, and needs 1.3 KB for each
 * empty part. A check before it would have to see boundaries, headers and nesting exactly as it does to be
 * worth anything; this is that check, and it keeps what it found, so there is nothing left to disagree with.
 * One pass over the lines, a stack of at most LIMIT_MIME_DEPTH, no recursion, nothing copied but names. The
 * bytes of a part stay as they came, which is what signatures are made over. For messages inside messages it
 * goes on inside them.
 *
 * Private to src/mime/.
 */
#ifndef TERN_MIME_STRUCTURE_H
#define TERN_MIME_STRUCTURE_H

#include "mime/message.h"

#include <gmime/gmime-encodings.h>

/* A part, and where it is. `part` comes first, so that a MimePart of a message can be taken for its node. */
typedef struct MimeNode {
    MimePart part;
    gsize header, body, end; /* offsets: of its header, of its body, and past it */
    GMimeContentEncoding encoding;
    gboolean is_multipart, is_message;
    const char *start; /* multipart/related: the root's Content-ID, without brackets; NULL */
    char *boundary;    /* of a multipart */
    gsize boundary_bytes;
    const char *prefix;  /* of its parts' numbers */
    guint numbered;      /* parts that have one */
    GPtrArray *children; /* MimeNode *; NULL: none */
    struct MimeNode *parent;
} MimeNode;

typedef struct {
    GPtrArray *nodes;      /* all of them in the order of the bytes, the root first; with a free function */
    GStringChunk *strings; /* what the parts' strings lie in */
    const char
        *problem; /* static: the cap that was hit, a sentence; the root is then a text part of all bytes */
} MimeStructure;

/* Of `bytes` only offsets are kept. */
void mime_structure_scan(MimeStructure *structure, const char *bytes, gsize size);

/* Drops what was found and makes it one raw text part, because of `problem`. */
void mime_structure_make_raw(MimeStructure *structure, gsize size, const char *problem);

void mime_structure_clear(MimeStructure *structure);

#endif
