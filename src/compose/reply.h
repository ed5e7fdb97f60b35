/*
 * reply.h - drafts that begin with another message: answers, forwarding, a digest, editing as new, sending
 * on, going on with a draft.
 *
 *      message's file + what is known of its row ──> Draft: people, subject, references, text, attachments, cursor
 *
 * What comes out of a message into the draft as a file is copied into the draft's own folder (draft.h),
 * since the cache may drop the message. On the render thread or a command's deep one, since mail is parsed;
 * blocks on the disk.
 */
#ifndef TERN_COMPOSE_REPLY_H
#define TERN_COMPOSE_REPLY_H

#include "compose/draft.h"
#include "compose/people.h"

#include <glib.h>

/* The message that a draft begins with. Borrowed. */
typedef struct {
    const char *path;             /* its file */
    gint64 id;                    /* its row; 0: none */
    const char *account, *folder; /* where it is */
} ReplySource;

/* How the writer wants it: options of the configuration. */
typedef struct {
    const Config *config;
    const char *data;        /* the profile's data folder */
    const char *attribution; /* option attribution */
    gboolean quotes;         /* option reply-quote */
    gboolean is_below;       /* one writes below the quote */
    gboolean prefer_html;
} ReplyWants;

/* An answer, to one message or to several (the newest last): to all that any of them is answered to, with all
 * their quotes; what it says to answer is the last one. *notice_out (may be NULL): a sentence that its writer
 * should read, to be freed (Reply-To leads elsewhere, the signature's command failed); NULL: none. NULL and
 * INPUT (nobody to answer, no account), STORE. */
Draft *reply_new(const ReplySource *sources, guint n, PeopleWho who, const ReplyWants *wants,
                 char **notice_out, GError **error);

/* Forwarding: the text in the new one's, its attachments with it; or the whole message as an attachment. */
Draft *forward_inline(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error);
/* One or several, each as an attachment. */
Draft *forward_attached(const ReplySource *sources, guint n, const ReplyWants *wants, char **notice_out,
                        GError **error);
/* Several, to be read one after the other: attached, too, and sent as one multipart/digest (RFC 2046
 * 5.1.5). */
Draft *forward_digest(const ReplySource *sources, guint n, const ReplyWants *wants, char **notice_out,
                      GError **error);

/* Adds messages to a draft's attachments; the copies are the draft's own. FALSE and STORE or INPUT: some may
 * be there. */
gboolean forward_add(Draft *draft, const ReplySource *sources, guint n, const char *data, GError **error);

/* The same message once more: people, subject, text and attachments of it; nobody is told that it is not
 * new. */
Draft *edit_as_new(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error);

/* Sent on as it is, with Resent- fields (RFC 5322 3.6.6). */
Draft *resend_new(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error);

/* A draft that lies in a folder, from here or from another program, to be gone on with: all that its writer
 * had, Bcc too. It is not kept here before it is saved. */
Draft *resume_new(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error);

/* A new message with the signature. `hints` may be NULL. */
Draft *compose_new(const IdentityHints *hints, const ReplyWants *wants, char **notice_out, GError **error);

#endif
