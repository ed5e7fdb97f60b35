/* compose_private.h - the inside of the composer, for the files that make it up (compose.h names them). */
#ifndef TERN_UI_COMPOSE_PRIVATE_H
#define TERN_UI_COMPOSE_PRIVATE_H

#include "base/cancel.h"
#include "compose/resume.h"
#include "ui/background.h"
#include "ui/buffer.h"
#include "ui/compose.h"
#include "ui/compose_turns.h"
#include "ui/contacts.h"
#include "ui/view.h"

typedef struct {
    View view;
    Draft *draft;   /* its body is the buffer's as of the last compose_take_body() */
    Buffer *buffer; /* the body, also while it is only looked at */
    guint top;      /* the first row of the body that is seen */
    int columns;    /* of the place that it was drawn in last */
    gboolean is_editing, is_dirty, is_changed; /* changed: since it was opened; dirty: since it was saved */
    gboolean is_new;            /* it was begun here, and is nobody's draft until something is changed */
    gint64 saved_s;             /* wall clock; 0: not yet */
    char *unsaved;              /* why it could not be saved; NULL */
    gint64 send_at_s;           /* what was typed for send-later, while its questions are asked; 0: now */
    int hold_fd;                /* draft_hold()'s; -1: not yet */
    gboolean is_unfiled;        /* changed since it was handed over for the folder of drafts */
    gint64 changed_us;          /* when it was changed last */
    gboolean is_resumed;        /* it is a message of that folder, and nothing is kept of it here yet */
    guint questions_asked;      /* of those before it is sent */
    gboolean is_told_elsewhere; /* that it was sent or thrown away elsewhere: sending is meant all the same */
    char *difference;           /* from what was saved before; NULL: none */
    guint signing;              /* the signature that is waited for, as Composing numbers them; 0: none is */
} ViewCompose;

struct Composing {
    /* What waits for messages to be fetched. */
    int command;
    GArray *ids; /* gint64 */
    guint64 fetching;
    guint tries;
    /* Whom addresses are completed from; NULL: not read yet. */
    Contacts *contacts;
    GHashTable *limits;    /* account -> int64_t *, how large a message its server takes; with the contacts */
    guint contacts_number; /* another one when they are others */
    GPtrArray *contact_changes; /* what was done to them and can be taken back */
    gint64 contacts_us;         /* when it was asked for; 0: never */
    Background *people;         /* for what no draft waits: reads them, looks people up; NULL: not yet */
    Background *commands;       /* runs commands, which may take long: nothing else waits; NULL: not yet */
    Cancel *
        ending; /* of the commands whose output is attached, by C-g or the screen's end; NULL: none was run */
    guint n_running;         /* of those */
    char *running;           /* what is told of them: the last one's command line; NULL: none runs */
    Cancel *lookup;          /* of the query-command that runs; NULL: none does */
    char *looked_up, *typed; /* what was asked for last; what stands in the prompt now; NULL: nothing */
    gint64 typed_us;         /* since when that stands there */
    char *people_failed;     /* what was told of that already */
    char *people_error;      /* what is to be told when the prompt is gone; NULL: nothing */
    guint signatures;        /* asked for so far, in whichever composer */
    GPtrArray *attaching; /* ids of drafts (char *), one for each file or pattern that is still looked at */
    /* What can be taken back; NULL: nothing. */
    Draft *sent;
    gint64 sent_id; /* 0: not queued yet */
    gint64 until_us;
    GHashTable
        *gone; /* ids of drafts that were sent or thrown away: what was not saved of them is not missed */
    GHashTable *turns; /* save_turns_new() */
    gboolean has_sent; /* something, since the start */
    gint64 last_id;    /* what was queued last, and its subject: to tell when it is out */
    char *last_subject;
    char *last_draft; /* the id of the one that was opened last; NULL */
};

/* ---- view_compose.c ---- */
/* Takes the draft over. */
View *view_compose_new(Ui *ui, Draft *draft);
/* The composer of that draft, if it is open; NULL. */
ViewCompose *compose_find(Ui *ui, const char *id);
/* The composer that stands on top; NULL. */
ViewCompose *compose_top(Ui *ui);
/* The text or a field is another one. */
void compose_changed(ViewCompose *compose);
void compose_take_body(ViewCompose *compose);
/* The draft's body is another one than the buffer's. */
void compose_give_body(ViewCompose *compose);

/* ---- compose_draw.c ---- */
void compose_draw(View *view, ViewRect rect, gboolean focused);

/* ---- compose.c ---- */
/* Saves in the background. */
void compose_save(ViewCompose *compose);
/* Opens a draft (taken over); `notice` is told. */
void compose_open(Ui *ui, Draft *draft, const char *notice);
/* Opens a copy of one that may be nowhere else: it counts as changed, and is saved again. */
void compose_reopen(Ui *ui, const Draft *draft, const char *notice);
/* The screen has ended and a draft could not be saved, for this reason: puts it into a temporary folder and
 * says so on stderr. */
void compose_rescue(const Draft *draft, const GError *why);

/* ---- compose_upload.c ---- */
/* Something was changed: it is handed over after a rest. */
void compose_rests(ViewCompose *compose);
/* Hands it over now, which saves it too. FALSE: there is nothing to hand over. */
gboolean compose_upload(ViewCompose *compose);
/* Has the engine look after an account's folder for drafts. */
void compose_ask_engine(Ui *ui, const char *account_id);
/* On the background thread: whether what was filed of a draft was sent or thrown away elsewhere. */
gboolean compose_is_elsewhere(Store *store, const char *data, const char *id);
/* Takes the draft and its files off the disk, and out of the folder for drafts. */
void compose_drop(Ui *ui, const Draft *draft);
/* Takes off the disk what was opened of a message and never changed; the message stays. */
void compose_forget(Ui *ui, const Draft *draft);

/* ---- compose_drafts.c ---- */
/* Opens it; takes over what is in it. */
void compose_open_kept(Ui *ui, Kept *kept);
void compose_show_difference(ViewCompose *compose);

/* ---- compose_begin.c ---- */
void compose_begin(Ui *ui, int command, const gint64 *ids, guint n, const char *argument);

/* ---- compose_edit.c ---- */
void compose_edit(ViewCompose *compose);
/* Whether it is a message that is sent on as it is, which is told: only whom it goes to can be changed. */
gboolean compose_stays(ViewCompose *compose);

/* ---- compose_fields.c ---- */
/* Asks for a field. `goes_on`: after To comes Subject, then the editor. */
void compose_ask_field(ViewCompose *compose, DraftField field, gboolean goes_on);
/* It is this text now, in which aliases are expanded; a wrong address is told. */
void compose_set_field(ViewCompose *compose, DraftField field, const char *text);
void compose_ask_attachment(ViewCompose *compose, const char *path);
/* Whether that is not done yet: it must not be sent without the file. */
gboolean compose_is_attaching(const ViewCompose *compose);

/* ---- compose_preview.c ---- */
/* Shows the message as it would be sent. */
void compose_preview(ViewCompose *compose);
void compose_toggle_markdown(ViewCompose *compose);

/* ---- compose_people.c ---- */
/* The thread for what has to do with people. */
Background *compose_people(Ui *ui);
/* The thread for commands that take long. */
Background *compose_commands(Ui *ui);
/* For a prompt of addresses: the last one of the line, by what was typed of it. */
GPtrArray *compose_complete_address(Ui *ui, void *data, const char *line, gsize *shown_from_out);
/* A prompt of addresses is gone: tells what failed while it stood there. */
void compose_tell_people(Ui *ui);
/* How large a message the server takes that it goes by; 0: not known. */
int64_t compose_limit(const ViewCompose *compose);
void compose_people_clear(Composing *composing);

/* ---- compose_asks.c ---- */
/* What the message asks for is chosen from a list, or turned on or off by its name. */
void compose_ask_for(ViewCompose *compose, const char *name);
/* "notices of delivery, a receipt", to be freed; NULL: nothing. */
char *compose_asks_text(const Draft *draft);

/* ---- compose_template.c ---- */
/* Fills in what has become known of a template's fields, where it began with one. */
void compose_fill(ViewCompose *compose);

/* ---- compose_from.c ---- */
void compose_ask_from(ViewCompose *compose);
/* From is this text now, by hand. An own address brings its account and all that belongs to it. */
void compose_set_from(ViewCompose *compose, const char *text);
/* To is this text now, in which aliases are expanded: compose_fit_to(). */
void compose_set_to(ViewCompose *compose, const char *text);
/* To is another one: whom a new message is from follows it, unless somebody has chosen; a template is filled
 * in. */
void compose_fit_to(ViewCompose *compose);
/* Asks for the folder of its copy, or takes that of the account with this name. */
void compose_ask_copy_to(ViewCompose *compose, const char *name);

/* ---- compose_send.c ---- */
void compose_send(ViewCompose *compose);
/* The same at a time to come, which is asked for where none is given. */
void compose_send_later(ViewCompose *compose, const char *when);
/* How long what is sent can be taken back (undo-send). */
int64_t compose_delay_s(const Ui *ui);
/* Its subject, or that it has none. */
const char *compose_subject(const Draft *draft);

#endif
