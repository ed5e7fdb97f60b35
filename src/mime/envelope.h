/*
 * envelope.h - the header fields that a message list is made of, decoded.
 *
 * From a header block as a server or a file gives it (CRLF or LF, 8-bit, broken, hostile) to UTF-8 text. The
 * caps of limits.h hold; what is over them is cut, never refused: every message gets a row. Of a field that
 * is there twice the first counts. The text is decoded, not safe: whoever shows it takes it through
 * base/sanitise.h. Pure; any thread; fast (a sync calls it for each message).
 */
#ifndef TERN_MIME_ENVELOPE_H
#define TERN_MIME_ENVELOPE_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    char *name;    /* decoded (RFC 2047), "" when there is none */
    char *address; /* addr-spec as UTF-8, "" for one that cannot be parsed */
} MimeAddress;

typedef struct {
    GPtrArray *from, *to, *cc, *reply_to; /* MimeAddress * with a free function; never NULL */
    char *subject;                        /* decoded, unfolded; "" when missing */
    char *message_id;                     /* without angle brackets; NULL when missing */
    char **
        /* References, then In-Reply-To where it is not in them; oldest first, no brackets; never NULL */
        references;
    gboolean has_date;   /* the Date field was there and could be read */
    int64_t date_s;      /* seconds since 1970 */
    int date_offset_min; /* its own zone, minutes east of UTC */
    char *list_id;       /* NULL: none; "dev.lists.example.org", without the list's name */
    guint group_depth;   /* of address groups within groups; 0: no groups */
} MimeEnvelope;

/* `size` bytes that begin with a header; what follows its empty line is not looked at. */
MimeEnvelope *mime_envelope_parse(const char *header, gsize size);
void mime_envelope_free(MimeEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeEnvelope, mime_envelope_free)

/* The header fields (names, joined by spaces) that mime_envelope_parse() looks at: what to fetch. */
#define MIME_ENVELOPE_FIELDS "DATE FROM TO CC REPLY-TO SUBJECT MESSAGE-ID REFERENCES IN-REPLY-TO LIST-ID"

#endif
