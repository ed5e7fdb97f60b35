/*
 * render.h - from a message to styled lines, with no terminal: the pager, `tern show` and replies all use it.
 *
 * A RenderDocument is a list of lines, each safe text (through base/sanitise.h: no control byte, bidi
 * isolated) of at most the asked width, with spans of style over it. Header block and security lines come
 * first and are marked as tern's own (RENDER_LINE_HEADER), and so is what tern says in between
 * (RENDER_LINE_NOTE): no message text can draw a line of these kinds.
 *
 * Made on the render thread (or a command's only thread); afterwards immutable and readable by any thread.
 */
#ifndef TERN_RENDER_RENDER_H
#define TERN_RENDER_RENDER_H

#include "mime/message.h"

#include <glib.h>

/* Named like the theme slots that they are drawn in (SCREENS.md). */
typedef enum {
    RENDER_NORMAL,
    RENDER_DIM,
    RENDER_HEADER_NAME,
    RENDER_HEADER_VALUE,
    RENDER_SUBJECT,
    RENDER_RULE,
    RENDER_SECURITY_GOOD,
    RENDER_SECURITY_WARN,
    RENDER_SECURITY_BAD,
    RENDER_QUOTE_1,
    RENDER_QUOTE_2,
    RENDER_QUOTE_3,
    RENDER_QUOTE_4,
    RENDER_QUOTE_5,
    RENDER_SIGNATURE,
    RENDER_LINK,
    RENDER_ATTACHMENT,
    RENDER_DIFF_ADD,
    RENDER_DIFF_DEL,
    RENDER_DIFF_HUNK,
    RENDER_BOLD,
    RENDER_ITALIC,
    RENDER_UNDERLINE,
    RENDER_HEADING,
    RENDER_STYLES
} RenderStyle;

/* What is under no span is RENDER_NORMAL. */
typedef struct {
    guint start, length; /* bytes of the line's text; spans are in order and do not overlap */
    guint8 style;        /* RenderStyle */
} RenderSpan;

typedef enum {
    RENDER_LINE_HEADER,
    RENDER_LINE_BODY,
    RENDER_LINE_FOLD, /* "+ 14 quoted lines" */
    RENDER_LINE_ATTACHMENT,
    RENDER_LINE_NOTE, /* tern speaking */
} RenderLineKind;

typedef struct {
    const char *text; /* UTF-8, no newline */
    guint bytes;
    guint width_cols;
    guint8 kind;        /* RenderLineKind */
    guint8 quote_depth; /* 0: none; 255: or more */
    guint fold; /* the number of the quote block that the line belongs to or stands for, from 1; else 0 */
    int link;   /* first link on the line (index into render_document_links()), -1: none */
    const RenderSpan *spans;
    guint n_spans;
} RenderLine;

typedef struct {
    char *text, *url; /* both safe to show; url whole, the real target */
    gboolean
        is_suspicious; /* the text looks like another host than the url's, or the host imitates another */
} RenderLink;

typedef struct {
    int number;     /* as listed, from 1 */
    char *part;     /* "1.2" */
    char *filename; /* safe to show; "" when there is none */
    char *type;     /* in words: "PDF document" */
    gsize size_bytes;
} RenderAttachment;

typedef struct {
    int width_cols;        /* of the text at most (the screen's, or text-width); less than 5 counts as 5 */
    gboolean headers;      /* the short header block on top; FALSE: the body only */
    gboolean all_headers;  /* all fields instead of the short block */
    gboolean is_brief;     /* for a low screen: of To and Cc only the names, of the date no more than when */
    gboolean fold_quotes;  /* quotes of more than a few lines become one RENDER_LINE_FOLD; FALSE: all shown */
    const guint *unfolded; /* numbers of quote blocks that are shown all the same, ended by 0; NULL: none */
    gboolean prefer_html;
    gboolean without_digest; /* the messages of a digest are left out, which are attachments, too */
    gboolean is_ascii;       /* tern's own furniture in ASCII */
    const char *charset;     /* overrides the declared ones; NULL: none */
    const char *own_address; /* "(you and 4 others)"; NULL: unknown */
    gint64 now_s;            /* for "two hours ago" */
} RenderOptions;

typedef struct RenderDocument RenderDocument;

/* A message's document; never NULL. */
RenderDocument *render_message(const MimeMessage *message, const RenderOptions *options);

/* The same from a message's file, for the screen, which knows no MIME. NULL and STORE when it cannot be read,
 * or LIMIT. */
RenderDocument *render_file(const char *path, const RenderOptions *options, GError **error);

/* What the store knows of a message, for the time until its file is here. Borrowed; unsafe text is made
 * safe. */
typedef struct {
    const char *from, *to, *subject; /* "Name <address>, …" */
    gboolean has_date;
    gint64 date_s;
    int date_offset_min;
} RenderEnvelope;

/* Its header block and one line of news ("The text is being fetched."). */
RenderDocument *render_envelope(const RenderEnvelope *envelope, const char *note,
                                const RenderOptions *options);

void render_document_free(RenderDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RenderDocument, render_document_free)

guint render_document_lines(const RenderDocument *document);
const RenderLine *render_document_line(const RenderDocument *document, guint n);
const GPtrArray *render_document_links(const RenderDocument *document); /* RenderLink *, numbered from 1 */
const GPtrArray *render_document_attachments(const RenderDocument *document); /* RenderAttachment * */

/* "text/plain", "text/html · 3 remote images not loaded": for the pager's status line. */
const char *render_document_summary(const RenderDocument *document);

/* All lines unstyled with LF, as they were asked for (with headers = FALSE it is CONTRACT.md's "text"). To be
 * freed. */
char *render_document_text(const RenderDocument *document);

#endif
