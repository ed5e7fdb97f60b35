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
/* The state of one account: a mark and words ("● connected"), to be freed; *slot_out what it is drawn in.
 * NULL: nothing is known. */
char *status_account(const Status *status, const char *account, int *slot_out);

/* What it is that an account waits for a person to do; of several the first. */
typedef enum { STATUS_NEEDS_NOTHING, STATUS_NEEDS_PASSWORD, STATUS_NEEDS_EYES } StatusNeed;
/* Of the account in the connection's line: its password, or that somebody reads what is wrong. *account_out
 * its name, which stays the status's. */
StatusNeed status_need(const Status *status, const char **account_out);
/* How many messages the server of an account would be rid of if somebody said yes (EngineEvent); 0: nobody
 * has to be asked. *account_out: the first such account, as above. */
gint64 status_withheld(const Status *status, const char **account_out);
/* Whether the connection's line tells of a download that engine_halt() would end. */
gboolean status_is_downloading(const Status *status);
/* Whether this account waits for its password. */
gboolean status_needs_password(const Status *status, const char *account);
/* An account's state; FALSE: nothing is known. */
gboolean status_state(const Status *status, const char *account, EngineState *state_out);
/* Why an account is not connected, of one line or more; NULL: it is, or nothing is known. Stays the
 * status's. */
const char *status_why(const Status *status, const char *account);

/* News goes after STATUS_NEWS_MS, an error with the next key. */
#define STATUS_NEWS_MS 5000
/* Returns what status_withdraw() knows it by. */
guint64 status_news(Status *status, const char *text);
/* It turned out not to be so: it stands there no more, unless it is gone already or newer news is there. */
void status_withdraw(Status *status, guint64 news);
/* Something else takes its place: it does not come again when that goes. */
void status_cover_news(Status *status);
/* What was told, news and errors, the newest last: the last STATUS_TOLD of them. */
#define STATUS_TOLD 100
typedef struct {
    gint64 when_s; /* wall clock */
    guint64 news;  /* what status_withdraw() knows it by; 0: an error */
    char *text;
} StatusTold;
const GPtrArray *status_told(const Status *status); /* StatusTold * */
/* How long it still stands there; 0: there is none. */
guint status_news_left_ms(const Status *status);
void status_error(Status *status, const char *text);
/* A key was pressed. TRUE: an error went away by it. */
gboolean status_key(Status *status);

/* In how many milliseconds the words change by themselves, since a time to wait goes by; 0: they do not.
 * `all`: those of every account, not only the one in the connection's line. */
guint status_change_ms(const Status *status, gboolean all);

/* What else stands in the connection's line; each may be NULL. */
typedef struct {
    const char *left;  /* in its place while the connection is well */
    const char *right; /* at the right */
    const char *hint;  /* behind it while a person is needed */
    /* Said while they cannot be: changes that the servers are to be told, messages that are to be sent. */
    gint64 waiting;
    guint to_send;
} StatusLine;
void status_draw(const Status *status, ViewRect rect, const StatusLine *line);
/* How many rows an error needs that stands there; 0: none does. */
int status_error_rows(const Status *status, int columns);
/* The bottom line (of an error all of its rows), if there is news or an error; FALSE: it is free. */
gboolean status_draw_news(const Status *status, ViewRect rect);

#endif
