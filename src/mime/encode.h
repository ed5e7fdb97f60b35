/*
 * encode.h - text as it may stand in a header field and in a body that goes out: encoded words (RFC 2047),
 * parameters (RFC 2231), folding (RFC 5322), quoted-printable and base64 (RFC 2045). The way back is in
 * word.h, param.h and decode.h.
 *
 * What comes out is ASCII without line ends but those of folding, so that nothing put into it can begin a
 * field of its own (THREATS.md 3). Pure; any thread.
 */
#ifndef TERN_MIME_ENCODE_H
#define TERN_MIME_ENCODE_H

#include <glib.h>

/* Text of a field such as Subject: words that are no plain ASCII as encoded words, others as they are.
 * Controls become spaces. To be freed. */
char *mime_encode_text(const char *utf8);
/* The name before an address: as it is, quoted, or encoded words. To be freed. */
char *mime_encode_phrase(const char *utf8);
/* "Name <address>", or the address alone where there is no name. Its domain becomes ASCII where it is
 * another script's; a local part that is not ASCII stays (RFC 6532). To be freed. */
char *mime_encode_address(const char *name, const char *address);
/* An address as it stands in SMTP: likewise. To be freed. */
char *mime_ascii_domain(const char *address);
/* The value of Content-Type or Content-Disposition with parameters that are no ASCII as "name*=UTF-8''…".
 * To be freed. */
char *mime_encode_params(const char *value);

/* A whole field "Name: value\n", folded at spaces so that lines have at most 78 bytes where they can.
 * Appends it. */
void mime_fold_field(GString *into, const char *name, const char *value);

/* Quoted-printable of bytes with LF line ends, lines of at most 76; what is no text (NUL, CR) is encoded
 * too. */
void mime_append_qp(GString *into, const char *bytes, gsize size);
/* base64 in lines of 76. */
void mime_append_base64(GString *into, const void *bytes, gsize size);

#endif
