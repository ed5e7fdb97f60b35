/*
 * mailto.h - links that begin a message (RFC 6068), by an allow-list (THREATS.md 3).
 *
 *     mailto:ada@example.org,zoe@example.com?subject=Lunch&body=At%20noon%3F
 *
 * A link is written by an enemy until shown otherwise. What it may say is to, cc, subject, body and
 * in-reply-to; of all else (bcc, from, attach, …) the names are kept, so that the writer can be told. Line
 * ends and other controls in anything but the body are taken out, the body is cut at LIMIT_MAILTO_BYTES.
 * Linear; pure; any thread.
 */
#ifndef TERN_COMPOSE_MAILTO_H
#define TERN_COMPOSE_MAILTO_H

#include <glib.h>

typedef struct {
    char *to, *cc, *subject, *body; /* as text, never NULL; addresses are still to be checked (address.h) */
    char *in_reply_to;              /* a Message-ID without brackets; NULL: none */
    char *refused;                  /* "attach, bcc": what was not heeded, made safe; NULL: nothing */
    gboolean is_cut;                /* it was longer than tern takes */
} Mailto;

/* NULL and INPUT when it is no mailto: link. */
Mailto *mailto_parse(const char *link, GError **error);
void mailto_free(Mailto *mailto);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailto, mailto_free)

#endif
