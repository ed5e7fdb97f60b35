/*
 * document.h - a RenderDocument while it is made; for src/render only.
 *
 * A paragraph is put together in a RenderText (safe text, and over it styles and links), then added to the
 * document, which wraps it into lines behind a prefix (a quote's bar, a list's bullet). Everything that gets
 * into a RenderText comes through base/sanitise.h: render_text_add_outside() does it, render_text_add() is
 * for what is safe already. Lines end up in one arena, so that a line costs little more than its text.
 */
#ifndef TERN_RENDER_DOCUMENT_H
#define TERN_RENDER_DOCUMENT_H

#include "render/render.h"

/* More lines than anybody reads; beyond, the document ends with a note. */
#define RENDER_MAX_LINES 400000
/* Links that are numbered; more are shown as text. */
#define RENDER_MAX_LINKS 10000
#define RENDER_MIN_WIDTH 5

typedef struct {
    guint start, length;
    int link;
} RenderTextLink;

typedef struct {
    GString *text;
    GArray *spans; /* RenderSpan */
    GArray *links; /* RenderTextLink */
} RenderText;

void render_text_init(RenderText *text);
void render_text_clear(RenderText *text);
void render_text_free(RenderText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RenderText, render_text_free)

/* Appends safe text (SANITISE_OPEN); -1 bytes: up to the NUL. */
void render_text_add(RenderText *text, const char *safe, gssize bytes, RenderStyle style);
/* Appends anything, made safe; line ends become spaces. */
void render_text_add_outside(RenderText *text, const char *anything, gssize bytes, RenderStyle style);
/* What was added from `start` on is a link (see render_document_add_link(); negative: none, nothing
 * happens). */
void render_text_mark_link(RenderText *text, guint start, int link);

/* How a paragraph stands in the document. */
typedef struct {
    const char *prefix;      /* safe, in front of its first line; NULL: nothing */
    const char *prefix_next; /* in front of the others; NULL: the same */
    RenderStyle prefix_style;
    RenderLineKind kind;
    guint quote_depth;
    guint fold;
} RenderFrame;

RenderDocument *render_document_new(const RenderOptions *options);
int render_document_width(const RenderDocument *document);
gboolean render_document_is_ascii(const RenderDocument *document);

/* Wraps the text into lines (at newlines too) and adds them. Does nothing once the document is full. */
void render_document_add(RenderDocument *document, const RenderText *text, const RenderFrame *frame);
/* A line or paragraph of one style, safe text. */
void render_document_add_plain(RenderDocument *document, const char *safe, RenderStyle style,
                               RenderLineKind kind);
/* An empty line, unless the last one is empty or there is none. */
void render_document_add_gap(RenderDocument *document, RenderLineKind kind);
/* A rule of at most `cols` columns. */
void render_document_add_rule(RenderDocument *document, int cols, RenderStyle style, RenderLineKind kind);

/* Takes the lines from number `lines` on away again. */
void render_document_truncate(RenderDocument *document, guint lines);

/* The index of the link with that text and target, a new one or the same as before; -1 when there are too
 * many. Both from outside. */
int render_document_add_link(RenderDocument *document, const char *text, const char *url);
/* The place of a link, to read what became of it. */
const RenderLink *render_document_link(const RenderDocument *document, int link);
/* Takes `attachment` over. */
void render_document_add_attachment(RenderDocument *document, RenderAttachment *attachment);

/* The next quote block's number, and whether it is to be shown in full. */
guint render_document_next_fold(RenderDocument *document, gboolean *is_unfolded_out);

/* Appends to the summary, with what parts it from the rest. */
void render_document_add_summary(RenderDocument *document, const char *safe);

/* Something had to be left out: the document ends with a note that says so. */
void render_document_set_cut(RenderDocument *document);

/* No more lines: from here on it is immutable. */
void render_document_finish(RenderDocument *document);

#endif
