/*
 * prompt.h - asking for a line of text, for yes or no, for one of a list: one line editor, one history, one
 * way to complete.
 *
 * Each opens a modal and returns at once; the answer comes by a call. What is asked for twice is asked for by
 * the same function everywhere: the `:` line, searches and names are prompts, folders and commands are
 * picked. Ui thread.
 */
#ifndef TERN_UI_PROMPT_H
#define TERN_UI_PROMPT_H

#include "ui/modal.h"

#include <glib.h>

/* ---- a line (prompt.c) ---- */

typedef struct {
    const char *label;   /* "Search: "; copied, as are the others */
    const char *text;    /* what stands there already; NULL: nothing */
    const char *history; /* the kind of history it has (history.h); NULL: none */
    gboolean is_secret;  /* drawn as stars, kept nowhere; no history */
    /* The ways to complete a line, each as the whole line would be: char *; to be unreffed. *shown_from_out
     * is where in these lines the part begins that is worth showing. NULL: Tab does nothing. */
    GPtrArray *(*complete)(Ui *ui, void *data, const char *line, gsize *shown_from_out);
    void (*typed)(Ui *ui, void *data, const char *line); /* the line is another one; NULL: nobody asks */
    gboolean is_whole; /* what was completed goes on where it ends: no blank is put behind it */
    /* What was typed, without blanks around it; NULL: it was given up. */
    void (*done)(Ui *ui, void *data, const char *text);
    void *data;
    GDestroyNotify free_data; /* NULL: not to be freed */
} PromptWants;

void prompt_open(Ui *ui, const PromptWants *wants);
/* There are more ways to complete now than `complete` gave: a prompt that is open asks again, unless one of
 * them is chosen already. */
void prompt_complete_again(Ui *ui);

/* The `:` line, beginning with `text` (command_line.c). */
void command_line_open(Ui *ui, const char *text);

/* ---- yes or no (question.c) ---- */

/* Asks "SENTENCE (y/n)"; anything but y, n and what gives up is no answer. `yes` is called for y only. */
void question_open(Ui *ui, const char *sentence, void (*yes)(Ui *ui, void *data), void *data,
                   GDestroyNotify free_data);

/* ---- one of many (picker.c) ---- */

/* Something to choose: found by `text`, or else by `detail`; `detail` and `right` are shown beside it. */
typedef struct {
    char *text, *detail, *right;
    gint64 value;
    int bonus; /* how much better than others it is: what was chosen lately */
} PickerItem;
PickerItem *picker_item_new(const char *text, const char *detail, const char *right, gint64 value);
void picker_item_free(PickerItem *item);

typedef struct {
    const char *label;
    GPtrArray
        *items; /* PickerItem * with a free function; taken over. Those with the same bonus keep this order */
    void (*chosen)(Ui *ui, void *data, const PickerItem *item);
    /* Enter when nothing fits: what was typed. NULL: Enter does nothing then. */
    void (*unknown)(Ui *ui, void *data, const char *text);
    void *data;
    GDestroyNotify free_data;
} PickerWants;

/* Lets the user choose by typing a few letters. */
void picker_open(Ui *ui, const PickerWants *wants);

/* ---- a folder (folder_prompt.c) ---- */

typedef struct {
    const char *label;
    const char *account;        /* only its folders; NULL: of all accounts */
    gboolean with_others;       /* after the account's own those of the others, as account/folder */
    gint64 except;              /* a folder that makes no sense as an answer; 0: none */
    const char *history;        /* what was chosen before comes first, and is remembered by this kind */
    const char *none;           /* a first row that is no folder (id 0): "(none)"; NULL: there is none */
    gboolean with_unselectable; /* those that hold no messages too */
    gboolean with_unconfigured; /* those of accounts that the configuration names no more: to read from */
    void (*chosen)(Ui *ui, void *data, gint64 folder_id);
    void (*unknown)(Ui *ui, void *data,
                    const char *name); /* a name that no folder has; NULL: none may be given */
    void *data;
    GDestroyNotify free_data;
} FolderWants;

void folder_prompt_open(Ui *ui, const FolderWants *wants);

#endif
