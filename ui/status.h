/*
 * status.h - the last two lines: what the connections do and where one is; what just happened, and which keys
 * there are.
 *
 * Fed with the engine's events and with news and errors; knows no view. Ui thread.
 */
#ifndef TERN_UI_STATUS_H
#define TERN_UI_STATUS_H

#include "engine/engine.h"
#include "ui/view.h"

#include <glib.h>

typedef struct Status Status;

Status *status_new(void);
void status_free(Status *status);

/* An event of the engine; STATE is kept by account. FALSE: nothing was in it but that work goes on. */
gboolean status_event(Status *status, const EngineEvent *event);
/* The state of one account: a mark and words ("● connected"), to be freed; *slot_out what it is drawn in. NULL:
 * nothing is known. */
char *status_account(const Status *status, const char *account, int *slot_out);

/* News goes after STATUS_NEWS_MS, an error with the next key. */
#define STATUS_NEWS_MS 5000
void status_news(Status *status, const char *text);
/* How long it still stands there; 0: there is none. */
guint status_news_left_ms(const Status *status);
void status_error(Status *status, const char *text);
/* A key was pressed. TRUE: an error went away by it. */
gboolean status_key(Status *status);

/* In how many milliseconds the words change by themselves, since a time to wait goes by; 0: they do not. `all`: those of
 * every account, not only the one in the connection's line. */
guint status_change_ms(const Status *status, gboolean all);

/* The connection's line. `left` (may be NULL) takes its place while the connection is well; `right` (may be NULL) stands at
 * the right. */
void status_draw(const Status *status, ViewRect rect, const char *left, const char *right);
/* The bottom line, if there is news or an error; FALSE: it is free. */
gboolean status_draw_news(const Status *status, ViewRect rect);

#endif
