/*
 * quote.h - what of a message goes into an answer: its visible text only, as a reader would see it
 * (render.h).
 *
 * Nothing that a reader does not see is quoted (THREATS.md 4: a reply must not carry hidden or decrypted
 * text back to whom it did not come from): no headers, no hidden HTML, no notes of tern's, no attachments.
 * On the render thread, since it parses mail.
 */
#ifndef TERN_COMPOSE_QUOTE_H
#define TERN_COMPOSE_QUOTE_H

#include "base/i18n.h"
#include "mime/message.h"

#include <glib.h>

/* The line above a message that is forwarded within the text. */
#define QUOTE_FORWARDED _("-------- Forwarded message --------")

/* The text with LF, to be freed; what was quoted has '>' marks. Paragraphs of HTML and of flowed text are
 * wrapped at `cols`, lines that somebody ended stay as they are. Without its signature, and what follows
 * that. */
char *quote_visible_text(const MimeMessage *message, gboolean prefer_html, int cols);
/* The same whole, for a draft that takes the attachments along: the messages of a digest are among those. */
char *quote_own_text(const MimeMessage *message, gboolean prefer_html, int cols);

/* The same text with one more mark before each line; blank lines at both ends are dropped. */
char *quote_marked(const char *text);

/* "On Tue, 24 Nov 2026, Ada wrote:" by the format (options: attribution): %d %n %a %s %%; to be freed. */
char *quote_attribution(const char *format, const MimeEnvelope *envelope);

#endif
