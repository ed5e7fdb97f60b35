/*
 * hearing.h - what a server says by itself, and whether anybody wants to know; private to the engine.
 *
 *      of the selected folder:     flags, expunges ──> the intake of the Ear that is on
 *                                  "there are more now" ──> has_new
 *      of other folders (NOTIFY):  numbers ──> others; made, renamed, deleted ──> is_list_changed
 *
 *      of the selected folder, and nobody listens ──> others, without numbers
 *
 * A folder without an Ear is selected for a while, since a message is fetched from it or the journal played:
 * that something was said of it is kept, so that whoever syncs it looks; and once it is left, it is asked
 * what was not said (left.h). On a connection's thread.
 */
#ifndef TERN_ENGINE_HEARING_H
#define TERN_ENGINE_HEARING_H

#include "engine/intake.h"
#include "engine/left.h"
#include "imap/session.h"

/* One folder's news. */
typedef struct Ear Ear;
struct Ear {
    char *raw_name;
    Intake *intake;
    gboolean is_selecting; /* it is being opened, and the session calls it selected only afterwards */
    uint32_t exists;       /* messages in it, as far as told */
    gboolean has_new;      /* there are more */
    gboolean is_unclear;   /* something went or changed, and it was not said which message */
    Ear *outer; /* who listens when this one does no more: of a sync within which this one runs; borrowed */
    int refs;
};

/* Takes the intake over. */
Ear *ear_new(const char *raw_name, Intake *intake);
void ear_free(Ear *ear);
/* Stays until it is freed once more. */
Ear *ear_ref(Ear *ear);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ear, ear_free)
/* Whether something is to be done about it. */
gboolean ear_has_news(const Ear *ear);

typedef struct {
    ImapSession *session; /* the one that is heard; NULL: none */
    Ear *on;              /* with its outer ones; borrowed; NULL: nobody listens */
    GHashTable *others; /* raw name -> ImapFolder with what was told last, of folders that changed unheard */
    Left *left;         /* folders that were open, of which NOTIFY may have kept something back */
    gboolean is_list_changed;
    gboolean is_lost; /* news was left out: anything may have changed */
    void (*tell)(const char *text, void *data);
    void *data;
} Hearing;

void hearing_init(Hearing *hearing, void (*tell)(const char *text, void *data), void *data);
void hearing_clear(Hearing *hearing);
/* Another session: what was heard on the one before is forgotten. */
void hearing_begin(Hearing *hearing, ImapSession *session);

/* Who listens from now on, until it is replaced by nobody. */
void hearing_push(Hearing *hearing, Ear *ear);
/* Wherever `ear` listens, or would when inner ones have ended, `by` does from now on; NULL: whoever comes
 * after it. Before an ear is freed. */
void hearing_replace(Hearing *hearing, const Ear *ear, Ear *by);

/* Something changed in that folder, and it is not known what. */
void hearing_missed(Hearing *hearing, const char *raw_name);

/* That another folder has these numbers now; raw_name, and what `told` of it says, are copied. */
void hearing_told(Hearing *hearing, const ImapFolder *folder);
/* Those others, and from now on there are none. To be unreffed. */
GHashTable *hearing_take_others(Hearing *hearing);

/* What a new session is to be made with. */
ImapListener hearing_listener(Hearing *hearing);

#endif
