/* draft_private.h - what the files that write drafts as messages, and read them again, share. */
#ifndef TERN_COMPOSE_DRAFT_PRIVATE_H
#define TERN_COMPOSE_DRAFT_PRIVATE_H

#include "compose/draft.h"
#include "mime/message.h"

/* "reply", "new" …; what is no such word is a new message. */
DraftKind draft_kind_of(const char *name);

/* X-Tern-Draft for a folder that others see, too: what it is, what its writer asks for, whether it is
 * Markdown, and the folder for its copy; nothing of this machine. And all but what it is out of such a
 * field's value. */
void draft_write_wishes(GString *out, const Draft *draft);
void draft_read_wishes(Draft *draft, const char *value);

/* The header fields of a draft, finished or not, with Bcc, up to the MIME fields; to be freed. */
GString *draft_header(const Draft *draft, const char *message_id);

/* Takes over what a message's field says: one that is typed, as it was typed (X-Tern-To) or else as it is
 * (FALSE: it is none of them), and the message that is answered. */
gboolean draft_read_typed(Draft *draft, const MimeField *field);
void draft_read_parent(Draft *draft, const char *value);
/* Whether a field says what a draft has elsewhere, or what a body needs. */
gboolean draft_field_is_known(const char *name);
/* A further header field, copied. */
void draft_add_field(Draft *draft, const char *name, const char *value);
/* The same out of a message that anybody may have written: only what a writer may set, and what can be
 * written. */
void draft_take_field(Draft *draft, const MimeField *field);
/* The text as it is; `is_open`: its last line end is only the file's. */
void draft_read_body(Draft *draft, const MimeMessage *message, gboolean is_open);

#endif
