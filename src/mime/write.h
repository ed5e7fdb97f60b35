/*
 * write.h - the one encoder of header fields: from text to fields that nothing can break out of (THREATS.md
 * 3).
 *
 * Each function appends one whole field, folded, with LF at its line ends:
 *
 *     Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from Ada
 *     To: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>, Team: ada@example.org;
 *
 * Line ends, NULs and other controls in what is handed in are refused (INPUT), never repaired, and what is
 * no UTF-8 too. Lines stay at 78 columns where there is a place to fold, and below 998 always. Pure; any
 * thread.
 */
#ifndef TERN_MIME_WRITE_H
#define TERN_MIME_WRITE_H

#include <glib.h>
#include <stdint.h>

/* One of an address list: somebody, or (`address` NULL) a group without members. */
typedef struct {
    char *group;   /* the group it belongs to; NULL: none */
    char *name;    /* "" or NULL: none */
    char *address; /* local@domain, both as UTF-8; a local part that needs quotes has them */
} MimeMailbox;
MimeMailbox *mime_mailbox_new(const char *group, const char *name, const char *address);
void mime_mailbox_free(MimeMailbox *mailbox);

/* Unstructured text (RFC 5322 2.2.1) with encoded words where they are needed (RFC 2047). */
gboolean mime_write_text(GString *out, const char *field, const char *text, GError **error);

/* An address list (RFC 5322 3.4). A domain goes out in its ASCII form (RFC 5891); a local part that is not
 * ASCII as it is (RFC 6532), which needs a server with SMTPUTF8. An empty list is no field. */
gboolean mime_write_addresses(GString *out, const char *field, const GPtrArray *mailboxes, GError **error);

/* Message-IDs without their brackets, which may come from anywhere: what could stand in no field is left
 * out. None is no field. Of more than fit into a header the first and the newest stay. */
void mime_write_ids(GString *out, const char *field, const char *const *ids);

/* A date (RFC 5322 3.3), in that zone. */
void mime_write_date(GString *out, const char *field, int64_t time_s, int offset_min);

/* "type/subtype; name=value": `value` is one word, the parameters (name, value, name, value …
 * NULL) are anything, and quoted or encoded (RFC 2231) as they need it. */
gboolean mime_write_value(GString *out, const char *field, const char *value, const char *const *parameters,
                          GError **error);

/* An address as it stands in an envelope: the domain in ASCII; to be freed. NULL and INPUT when it cannot
 * be. */
char *mime_address_ascii_domain(const char *address, GError **error);

/* Somebody as people read and type it: `Zoë <zoe@example.com>`, the name quoted where it has to be; to be
 * freed. */
char *mime_mailbox_format(const MimeMailbox *mailbox);

#endif
