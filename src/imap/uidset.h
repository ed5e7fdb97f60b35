/*
 * uidset.h - sets of UIDs or sequence numbers ("1:5,7", RFC 3501 sequence-set): made, read, walked through as
 * ranges.
 *
 * A set is kept as ranges and never as numbers, so that "1:4294967295" from a hostile server costs eight
 * bytes. Ranges come out ascending and apart from each other, however they went in.
 */
#ifndef TERN_IMAP_UIDSET_H
#define TERN_IMAP_UIDSET_H

#include <glib.h>
#include <stdint.h>

typedef struct ImapUidSet ImapUidSet;

typedef struct {
    uint32_t first, last; /* both included */
} ImapUidRange;

ImapUidSet *imap_uid_set_new(void);
void imap_uid_set_free(ImapUidSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapUidSet, imap_uid_set_free)

/* "1:5,7", also "5:1". "*" stands for `star`; where that is 0, as in what a server says, it is no number.
 * NULL for anything else: an empty text, 0, more than 32 bits, a stray comma. */
ImapUidSet *imap_uid_set_parse(const char *text, uint32_t star);

/* 0 is passed over. */
void imap_uid_set_add(ImapUidSet *set, uint32_t uid);
void imap_uid_set_add_range(ImapUidSet *set, uint32_t first, uint32_t last);
void imap_uid_set_add_all(ImapUidSet *set, ImapUidSet *other);
void imap_uid_set_remove_range(ImapUidSet *set, uint32_t first, uint32_t last);

/* The ranges, ascending. The set's, until it is changed. */
const ImapUidRange *imap_uid_set_ranges(ImapUidSet *set, guint *n_out);
uint64_t imap_uid_set_count(ImapUidSet *set);
gboolean imap_uid_set_contains(ImapUidSet *set, uint32_t uid);

/* As commands want it; "" for an empty set. To be freed. */
char *imap_uid_set_text(ImapUidSet *set);
/* What a command line may hold of a set: servers refuse lines over some 8,000 bytes. */
#define IMAP_SET_BYTES 7500
/* The same in pieces of at most `most_bytes` (at least 21) each, since servers refuse lines over some 8,000
 * bytes; none for an empty set. To be freed with g_strfreev(). */
char **imap_uid_set_texts(ImapUidSet *set, gsize most_bytes);

#endif
