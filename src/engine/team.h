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

#include "base/clock.h"
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

/* Whether another member stands that is to watch that folder: whatever takes long there is its work, so that
 * this one stays free for what people ask for. */
gboolean team_has_watcher(Team *team, guint member, const char *folder, int64_t now_us);
/* Gives it the task, unless the same waits there already. FALSE: no such member stands any more; the task
 * stays the caller's. */
gboolean team_give_watcher(Team *team, guint member, const char *folder, int64_t now_us, Task *task);

/* ---- the list of folders ---- */

/* Each connection may ask for it, and may be slow to take the answer, so that it is older than what another
 * one has brought meanwhile; which of the two is, nobody can tell. How many were written so far. */
guint team_lists(Team *team);
/* Within the job that writes one: FALSE: another was written since there were `*since`. */
gboolean team_list_counts(Team *team, guint *since);

/* ---- how many there may be (crowd.h) ---- */

void team_set_up(Team *team, guint member, gboolean is_up);
/* Where one has logged in, those that wait need not wait out their time. How many times that was, so that
 * each sees what is new; not counted are logins that were only tried for this reason, so that two connections
 * that are cut again and again do not keep each other awake. */
guint team_logins(Team *team);
void team_count_login(Team *team, guint member);
/* The server said that there are too many. After how long to try again. */
int64_t team_refused(Team *team, guint member, int64_t now_us);

/* ---- who tries a password ----
 *
 * Servers lock an account after a few wrong ones. Where no connection stands, which would show that the
 * password is right, one at a time tries it, the one that works before the others where it is as far; what
 * became of that counts for all, until there is another password or a person wants it tried again. `version`:
 * auth_password_version() before the password was looked up. */

typedef enum { TEAM_GO, TEAM_WAIT, TEAM_REFUSED } TeamTurn;

/* It begins to connect. */
void team_dial(Team *team, guint member, int64_t now_us);
/* Whether it may log in. TEAM_WAIT: another is at it; its Wake is set when that is over, but it is to ask
 * again within TEAM_TURN_US in any case. TEAM_REFUSED: that
 * password was, with the error. */
#define TEAM_TURN_US (SECOND_US / 4)
TeamTurn team_turn(Team *team, guint member, guint version, int64_t now_us, GError **error);
/* It is connected and logged in (`refused` NULL and `is_in`), was refused, or failed otherwise. */
void team_dialled(Team *team, guint member, guint version, gboolean is_in, const GError *refused);
/* A person wants it to be tried. */
void team_forget_refusal(Team *team);
/* It is to be tried by who wants that since `since_us`: a person who asked then, or a member whose time to try a
 * password again that was right before has come. What the server said after that holds: once is enough. */
void team_forget_old_refusal(Team *team, int64_t since_us);

/* ---- from outside ---- */

/* A member's state, taken over; posts the account's, if it is another one now. `event->is_live`: the member
 * hears of news at once. */
void team_tell_state(Team *team, guint member, EngineEvent *state);

/* Whether what a server said, or what is odd about it, is still to be told: no member did lately (told.h). */
gboolean team_tells(Team *team, const char *sentence, int64_t now_us);

#endif
