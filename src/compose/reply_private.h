/* reply_private.h - what reply.c and forward.c share. */
#ifndef TERN_COMPOSE_REPLY_PRIVATE_H
#define TERN_COMPOSE_REPLY_PRIVATE_H

#include "compose/reply.h"

/* Where paragraphs of quotes are wrapped: there is room for marks up to 78. */
#define QUOTE_COLS 72

/* Adds a sentence to the notice. */
void reply_notice(char **notice_out, const char *sentence);
/* A draft of the identity that fits; *identity_out is to be freed. NULL and CONFIG. */
Draft *reply_draft(const IdentityHints *hints, const ReplyWants *wants, Identity **identity_out,
                   GError **error);
/* "-- " and the signature, if there is one; the draft notes which. */
void reply_add_signature(Draft *draft, GString *body, const Identity *identity, char **notice_out);
void reply_set_body(Draft *draft, GString *body, gsize cursor);
void reply_set_subject(Draft *draft, const char *prefix, const char *subject);
/* Where the copy goes of what begins with this message; to be freed; NULL: to the folder for sent mail. */
char *reply_copy_to(const Draft *draft, const ReplySource *source, const ReplyWants *wants,
                    gboolean is_beside);
/* MimeAddress * of the message's; the array is to be unreffed. */
GPtrArray *reply_receivers(const MimeMessage *message);
/* MimeAddress *: where servers on its way say that they delivered it (X-Original-To, Envelope-To,
 * Delivered-To), those first that it came to before others; to be unreffed. */
GPtrArray *reply_delivered(const MimeMessage *message);

/* INPUT: it is encrypted, and what would be made of it would be empty. */
gboolean reply_check_readable(const MimeMessage *message, GError **error);
/* What the message holds beside its text, as files of the draft's own. FALSE and STORE or INPUT. */
gboolean reply_attach_parts(Draft *draft, const MimeMessage *message, const char *data, GError **error);
/* MimeAddress * as a field of the draft. */
void reply_set_list(Draft *draft, DraftField field, const GPtrArray *addresses);
/* The draft, or NULL, where something failed: then it goes with its files. */
Draft *reply_end_with(Draft *draft, gboolean ok, const char *data);

#endif
