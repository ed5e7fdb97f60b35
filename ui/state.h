/* state.h - the inside of Ui, for those files that make up the screen as a whole. */
#ifndef TERN_UI_STATE_H
#define TERN_UI_STATE_H

#include "ui/background.h"
#include "ui/compose.h"
#include "ui/loop.h"
#include "ui/outbox.h"
#include "ui/status.h"
#include "ui/ui.h"

struct Ui {
    CliContext *context;
    Store *store;
    Background *transfers;   /* imports and exports (transfer.h); NULL: there was none */
    GPtrArray *transferring; /* those that are under way or wait */
    StoreReader *reader;
    Engine *engine; /* NULL before the first picture, and when it could not be started */
    Loop *loop;
    Keymap *keymap;
    Status *status;
    Overlay *overlay;
    Renderer *renderer;
    FolderReader *folder_reader;
    FolderMarks *folder_marks;
    GPtrArray *known_folders;      /* as ui_read_folders() read them last; NULL: not yet */
    int64_t known_folders_version; /* of the store then */
    Wake *store_wake, *settled_wake, *render_wake, *folders_wake, *background_wake;
    Background *background; /* for messages that are written */
    Composing *composing;
    OutboxRows *outbox;
    View *folders, *list, *message; /* each is made once; on the stack or not */
    GPtrArray *stack;               /* View *, the topmost last */
    GArray *
        came_from; /* gint64: folders that the list at the bottom has shown before, each once, the last the newest */
    gboolean is_from_list; /* the folders at the bottom were opened from the list, which q goes back to */
    Modal *modal;
    GHashTable *options; /* of `:set`: name to value */
    History *history;
    Key pending[KEYS_MAX]; /* the beginning of a sequence */
    guint n_pending;
    char *trying; /* the account whose password was typed just now; NULL: none, or a key was pressed since */
    gboolean is_tried; /* it has begun to connect with that */
    char *commanded;   /* the account whose password-command was run on the terminal, until it is connected */
    guint64 sync_request; /* of `$`, to tell how it ended */
    int sync_new;
    char *told; /* the last failure that was told, so that it is not told again and again */
    int config_fd, themes_watch, target_watch; /* inotify's */
    guint accounts_hash; /* of what a new configuration changes only at the next start */
    gint64 waiting;      /* changes that the servers were not told yet */
    gint64 read_at_us;   /* when the store was last read again */
    gboolean is_offline, is_stale, is_stale_soon, is_busy, draw_whole;
    gboolean is_beginning; /* no key was pressed, and the folder to begin in has not been seen yet */
    gboolean is_quitting;  /* until it is known what the outbox has */
    gboolean is_parking;   /* Ctrl-Z: until the engine has given way */
    GQueue unheard;        /* EngineEvent: what the engine said while another program had the terminal */
};

/* ---- ui.c ---- */
Ui *ui_new(CliContext *context, Store *store, StoreReader *reader);
void ui_free(Ui *ui);

/* ---- start.c, events.c, input.c: what the loop calls ---- */
extern const LoopCalls UI_CALLS;
void ui_take_input(void *ui);
/* The store's commits, settled changes, rendered lines. */
void ui_watch_events(Ui *ui);
/* Ctrl-Z while another program has the terminal (data: the Ui): other terns may have the connections until both
 * go on. Waits for that, 3 s at most. */
void ui_stops(void *data);
void ui_goes_on(void *data);
/* Takes what the writer answered to changes made here. */
void ui_settle(Ui *ui);
/* What tern begins with: a list, or the page for who has no account. */
void ui_show_first(Ui *ui);
/* After the first picture. */
void ui_start_engine(Ui *ui);
/* Asks for what is shown first, then for all that is new. */
void ui_look_at_servers(Ui *ui);
/* Ctrl-Z. */
void ui_suspend(Ui *ui);

/* ---- stack.c ---- */
/* Takes the topmost view from the stack. */
void ui_pop(Ui *ui);
/* Opens the folder to begin in. As long as the store does not have that one and nobody has pressed a key,
 * the first Inbox that it has is shown meanwhile: a Maildir's is here at once, a server's comes with its
 * answer. To be called after the store was read again. */
void ui_open_first(Ui *ui);
/* A key was pressed: nothing else is opened by itself from now on. A folder that was asked for and is not known
 * is told of. */
void ui_begun(Ui *ui);

/* ---- reload.c ---- */
/* The configuration's keys; tells what is wrong in it. */
void ui_take_config(Ui *ui);
/* From now on it is read again when it changes. */
void ui_watch_config(Ui *ui);

/* ---- draw.c ---- */
void ui_draw(Ui *ui);

/* ---- attention.c: what an account waits for a person to do ---- */
/* Asks for the password of an account, or with NULL of the first that waits for one. */
void ui_ask_password(Ui *ui, const char *account);
/* Tells how each account's connection is, and why. */
void ui_tell_why(Ui *ui);
/* An account's state: of one whose password was given it is told, and asked for once more. */
void ui_password_event(Ui *ui, const EngineEvent *event);
/* A key was pressed: nobody waits at the prompt any more. */
void ui_password_key(Ui *ui);
/* "P enters it", for the status line, to be freed; NULL: nobody is needed. */
char *ui_attention_hint(const Ui *ui);
/* Asks whether what came by POP3 may be deleted on its server: the question of an account's first visit. */
void ui_ask_deleting(Ui *ui);
/* Ends what is being downloaded. */
void ui_halt(Ui *ui);

/* ---- options.c ---- */
/* Takes over what options say: theme, symbols. */
void ui_apply_options(Ui *ui);

/* ---- actions.c ---- */
/* Commands that need no view; FALSE: it is none of them. */
gboolean ui_action(Ui *ui, int command, const char *argument);

#endif
