/*
 * team.h - what the connections of one account share: who syncs which folder, how many they may be, how it is
 * seen from outside; private to the engine.
 *
 *    member 0: works, and watches when it is alone        member 1 …: watch, as long as that many are allowed
 *
 * A folder is synced by one connection at a time, the one that has the claim to it; a connection that watches
 * a folder keeps its claim, and what others want to know of it they ask of this one. Any thread.
 */
#ifndef TERN_ENGINE_TEAM_H
#define TERN_ENGINE_TEAM_H

#include "config/config.h"
#include "engine/tasks.h"

/* `post` takes an event over; called on any thread. */
typedef struct {
    void (*post)(EngineEvent *event, guint crew, void *data);
    void *data;
    guint crew;
} TeamContext;

typedef struct Team Team;

Team *team_new(const ConfigAccount *account, const TeamContext *context);
Team *team_ref(Team *team);
void team_unref(Team *team);

/* Its number; `tasks` is borrowed until it leaves, with all its claims. */
guint team_join(Team *team, Tasks *tasks);
void team_leave(Team *team, guint member);

/* ---- who syncs which folder ---- */

/* TRUE: it is this member's, as many times as it claims it. FALSE: another's. */
gboolean team_claim(Team *team, guint member, int64_t folder_id);
/* Gives back one claim. TRUE: it is nobody's now, and somebody wanted to sync it meanwhile. */
gboolean team_release(Team *team, guint member, int64_t folder_id);
/* Gives the task to the member that has the claim, if that is another one; else it stays the caller's, and
 * FALSE. */
gboolean team_hand_over(Team *team, guint member, int64_t folder_id, Task *task);
/* Whether the claim is another's. If it is, its owner hears of it when it gives it back. */
gboolean team_wants(Team *team, guint member, int64_t folder_id);

/* For the member that works, unless the same waits there already. Takes the task over. */
void team_give_work(Team *team, Task *task);

/* ---- how the server tells of news ---- */

typedef enum {
    TEAM_WATCH_UNKNOWN,
    TEAM_WATCH_ALL,     /* NOTIFY: one connection hears of all folders */
    TEAM_WATCH_FOLDERS, /* IDLE: one for each */
    TEAM_WATCH_NONE,
} TeamWatch;
void team_set_watch(Team *team, TeamWatch watch);
TeamWatch team_watch(Team *team);
/* The folder that this member is to watch now, or NULL; lives as long as the account. */
const char *team_watched_by(Team *team, guint member, int64_t now_us);

/* ---- how many there may be (crowd.h) ---- */

void team_set_up(Team *team, guint member, gboolean is_up);
/* The server said that there are too many. After how long to try again. */
int64_t team_refused(Team *team, guint member, int64_t now_us);

/* ---- from outside ---- */

/* A member's state, taken over; posts the account's, if it is another one now. `event->is_live`: the member
 * hears of news at once. */
void team_tell_state(Team *team, guint member, EngineEvent *state);

#endif
