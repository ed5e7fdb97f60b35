/* team.c - see team.h. */
#include "engine/team.h"
#include "engine/crowd.h"
#include "engine/told.h"

#include <pthread.h>
#include <stdatomic.h>

/* How long a watcher takes to make room. */
#define ROOM_US (2 * SECOND_US)
/* How long the others let the one that works go first; it may hang where they got through. */
#define FIRST_US (2 * SECOND_US)

typedef struct {
    guint member;
    guint times;        /* claims within claims: a task within a task */
    gboolean is_wanted; /* by another */
} Claim;

typedef struct {
    Tasks *tasks;
    EngineEvent *state; /* the last one; NULL: none yet */
    gboolean is_up;
    int64_t dialling_us; /* since when it connects; 0: it does not */
} Member;

#define NOBODY G_MAXUINT

struct Team {
    atomic_int references;
    const ConfigAccount *account;
    TeamContext context;
    pthread_mutex_t lock; /* all that follows */
    GArray *members;      /* Member */
    GHashTable *claims;   /* folder id -> Claim */
    TeamWatch watch;
    Crowd crowd;
    guint lists;           /* of folders that were written */
    guint logins;          /* team_logins() */
    guint trying;          /* who tries a password; NOBODY */
    guint refused_version; /* of the password that was refused */
    int64_t refused_us;    /* when */
    GError *refused;       /* NULL: none was */
    EngineEvent *told;     /* the account's state as posted last */
    Told *sentences;
};

static void clear_member(void *item)
{
    engine_event_free(((Member *)item)->state);
}

Team *team_new(const ConfigAccount *account, const TeamContext *context)
{
    Team *team = g_new0(Team, 1);

    atomic_init(&team->references, 1);
    team->account = account;
    team->context = *context;
    team->trying = NOBODY;
    pthread_mutex_init(&team->lock, NULL);
    team->members = g_array_new(FALSE, TRUE, sizeof(Member));
    g_array_set_clear_func(team->members, clear_member);
    team->claims = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    crowd_init(&team->crowd, account->max_connections);
    team->sentences = told_new();
    return team;
}

Team *team_ref(Team *team)
{
    atomic_fetch_add(&team->references, 1);
    return team;
}

void team_unref(Team *team)
{
    if (!team || atomic_fetch_sub(&team->references, 1) != 1)
        return;
    g_array_unref(team->members);
    g_hash_table_unref(team->claims);
    engine_event_free(team->told);
    told_free(team->sentences);
    g_clear_error(&team->refused);
    pthread_mutex_destroy(&team->lock);
    g_free(team);
}

static Member *member_of(const Team *team, guint member)
{
    return &g_array_index(team->members, Member, member);
}

guint team_join(Team *team, Tasks *tasks)
{
    const Member member = {.tasks = tasks};

    pthread_mutex_lock(&team->lock);
    g_array_append_val(team->members, member);
    const guint number = team->members->len - 1;
    pthread_mutex_unlock(&team->lock);
    return number;
}

static gboolean is_claim_of(void *folder_id, void *claim, void *member)
{
    (void)folder_id;
    return ((Claim *)claim)->member == *(const guint *)member;
}

void team_leave(Team *team, guint member)
{
    pthread_mutex_lock(&team->lock);
    member_of(team, member)->tasks = NULL;
    member_of(team, member)->dialling_us = 0;
    if (team->trying == member)
        team->trying = NOBODY;
    g_hash_table_foreach_remove(team->claims, is_claim_of, &member);
    pthread_mutex_unlock(&team->lock);
}

/* ---- claims ---- */

static Claim *find_claim(const Team *team, int64_t folder_id)
{
    return g_hash_table_lookup(team->claims, &folder_id);
}

gboolean team_claim(Team *team, guint member, int64_t folder_id)
{
    pthread_mutex_lock(&team->lock);
    Claim *claim = find_claim(team, folder_id);
    if (!claim) {
        claim = g_new0(Claim, 1);
        claim->member = member;
        g_hash_table_insert(team->claims, g_memdup2(&folder_id, sizeof folder_id), claim);
    }
    const gboolean is_ours = claim->member == member;
    if (is_ours)
        claim->times++;
    pthread_mutex_unlock(&team->lock);
    return is_ours;
}

/* Whoever waits for a claim to come free looks again. With the lock held. */
static void wake_others(const Team *team, guint member)
{
    for (guint i = 0; i < team->members->len; i++)
        if (i != member && member_of(team, i)->tasks)
            wake_set(tasks_wake(member_of(team, i)->tasks));
}

gboolean team_release(Team *team, guint member, int64_t folder_id)
{
    gboolean is_wanted = FALSE;

    pthread_mutex_lock(&team->lock);
    Claim *claim = find_claim(team, folder_id);
    if (claim && claim->member == member && --claim->times == 0) {
        is_wanted = claim->is_wanted;
        g_hash_table_remove(team->claims, &folder_id);
        wake_others(team, member);
    }
    pthread_mutex_unlock(&team->lock);
    return is_wanted;
}

gboolean team_hand_over(Team *team, guint member, int64_t folder_id, Task *task)
{
    pthread_mutex_lock(&team->lock);
    const Claim *claim = find_claim(team, folder_id);
    const gboolean is_theirs = claim && claim->member != member && member_of(team, claim->member)->tasks;
    if (is_theirs)
        tasks_push(member_of(team, claim->member)->tasks, task);
    pthread_mutex_unlock(&team->lock);
    return is_theirs;
}

gboolean team_wants(Team *team, guint member, int64_t folder_id)
{
    pthread_mutex_lock(&team->lock);
    Claim *claim = find_claim(team, folder_id);
    const gboolean is_theirs = claim && claim->member != member;
    if (is_theirs)
        claim->is_wanted = TRUE;
    pthread_mutex_unlock(&team->lock);
    return is_theirs;
}

void team_give_work(Team *team, Task *task)
{
    pthread_mutex_lock(&team->lock);
    Tasks *tasks = member_of(team, 0)->tasks;
    if (tasks)
        tasks_push_once(tasks, task);
    pthread_mutex_unlock(&team->lock);
    if (!tasks)
        task_free(task);
}

/* ---- watching ---- */

void team_set_watch(Team *team, TeamWatch watch)
{
    pthread_mutex_lock(&team->lock);
    if (team->watch != watch)
        wake_others(team, G_MAXUINT);
    team->watch = watch;
    pthread_mutex_unlock(&team->lock);
}

TeamWatch team_watch(Team *team)
{
    pthread_mutex_lock(&team->lock);
    const TeamWatch watch = team->watch;
    pthread_mutex_unlock(&team->lock);
    return watch;
}

/* The first watcher finds out what the server can; further ones are of use only where each watches one
 * folder. With the lock held. */
/* Whether the n-th folder of the configuration stands there before: two that watch one would hand its sync to
 * each other. */
static gboolean is_named_before(char *const *watch, guint n)
{
    const gboolean is_inbox = g_ascii_strcasecmp(watch[n], "INBOX") == 0;

    for (guint i = 0; i < n; i++)
        if (is_inbox ? g_ascii_strcasecmp(watch[i], "INBOX") == 0 : g_str_equal(watch[i], watch[n]))
            return TRUE;
    return FALSE;
}

static const char *watched_by(Team *team, guint member, int64_t now_us)
{
    const int allowed = crowd_allowed(&team->crowd, now_us);
    const guint first = allowed > 1 ? 1 : 0; /* the member that watches the first folder */

    if (member >= first && (int)member < allowed && team->watch != TEAM_WATCH_NONE &&
        (member == first || team->watch == TEAM_WATCH_FOLDERS) &&
        member - first < g_strv_length(team->account->watch) &&
        !is_named_before(team->account->watch, member - first))
        return team->account->watch[member - first];
    return NULL;
}

const char *team_watched_by(Team *team, guint member, int64_t now_us)
{
    pthread_mutex_lock(&team->lock);
    const char *folder = watched_by(team, member, now_us);
    pthread_mutex_unlock(&team->lock);
    return folder;
}

static gboolean is_name_of(const char *configured, const char *folder)
{
    return g_str_equal(configured, folder) ||
           (g_str_equal(folder, "INBOX") && g_ascii_strcasecmp(configured, folder) == 0);
}

/* Its tasks, or NULL: nobody else who stands is to watch the folder. With the lock held. */
static Tasks *watcher_of(Team *team, guint member, const char *folder, int64_t now_us)
{
    for (guint i = 0; i < team->members->len; i++) {
        const char *watched = i != member && member_of(team, i)->is_up ? watched_by(team, i, now_us) : NULL;
        if (watched && is_name_of(watched, folder))
            return member_of(team, i)->tasks;
    }
    return NULL;
}

gboolean team_has_watcher(Team *team, guint member, const char *folder, int64_t now_us)
{
    pthread_mutex_lock(&team->lock);
    const gboolean has = watcher_of(team, member, folder, now_us) != NULL;
    pthread_mutex_unlock(&team->lock);
    return has;
}

gboolean team_give_watcher(Team *team, guint member, const char *folder, int64_t now_us, Task *task)
{
    pthread_mutex_lock(&team->lock);
    Tasks *tasks = watcher_of(team, member, folder, now_us);
    if (tasks && task->part_of) /* somebody waits for this one */
        tasks_push(tasks, task);
    else if (tasks)
        tasks_push_once(tasks, task);
    pthread_mutex_unlock(&team->lock);
    return tasks != NULL;
}

/* ---- the list of folders ---- */

guint team_lists(Team *team)
{
    pthread_mutex_lock(&team->lock);
    const guint lists = team->lists;
    pthread_mutex_unlock(&team->lock);
    return lists;
}

gboolean team_list_counts(Team *team, guint *since)
{
    pthread_mutex_lock(&team->lock);
    const gboolean counts = *since == team->lists;
    if (counts)
        *since = ++team->lists;
    pthread_mutex_unlock(&team->lock);
    return counts;
}

/* ---- how many ---- */

void team_set_up(Team *team, guint member, gboolean is_up)
{
    pthread_mutex_lock(&team->lock);
    member_of(team, member)->is_up = is_up;
    pthread_mutex_unlock(&team->lock);
}

int64_t team_refused(Team *team, guint member, int64_t now_us)
{
    int n_open = 0;

    pthread_mutex_lock(&team->lock);
    for (guint i = 0; i < team->members->len; i++)
        n_open += i != member && member_of(team, i)->is_up;
    int64_t wait_us = crowd_refused(&team->crowd, n_open, now_us);
    if (member == 0 && n_open > 0) /* one of the others makes room for the one that people wait for */
        wait_us = ROOM_US;
    wake_others(team, member);
    pthread_mutex_unlock(&team->lock);
    return wait_us;
}

guint team_logins(Team *team)
{
    pthread_mutex_lock(&team->lock);
    const guint logins = team->logins;
    pthread_mutex_unlock(&team->lock);
    return logins;
}

void team_count_login(Team *team, guint member)
{
    pthread_mutex_lock(&team->lock);
    team->logins++;
    wake_others(team, member);
    pthread_mutex_unlock(&team->lock);
}

/* ---- who tries a password ---- */

void team_dial(Team *team, guint member, int64_t now_us)
{
    pthread_mutex_lock(&team->lock);
    member_of(team, member)->dialling_us = MAX(now_us, 1);
    pthread_mutex_unlock(&team->lock);
}

static gboolean is_any_up(const Team *team)
{
    for (guint i = 0; i < team->members->len; i++)
        if (member_of(team, i)->is_up)
            return TRUE;
    return FALSE;
}

static TeamTurn turn_of(Team *team, guint member, int64_t now_us)
{
    const int64_t first_us = member_of(team, 0)->dialling_us;

    if (is_any_up(team))
        return TEAM_GO;
    if (team->trying != NOBODY && team->trying != member)
        return TEAM_WAIT;
    if (member != 0 && first_us && now_us - first_us < FIRST_US)
        return TEAM_WAIT;
    team->trying = member;
    return TEAM_GO;
}

TeamTurn team_turn(Team *team, guint member, guint version, int64_t now_us, GError **error)
{
    TeamTurn turn = TEAM_REFUSED;

    pthread_mutex_lock(&team->lock);
    if (!team->refused || team->refused_version != version)
        turn = turn_of(team, member, now_us);
    else if (error)
        *error = g_error_copy(team->refused);
    pthread_mutex_unlock(&team->lock);
    return turn;
}

void team_dialled(Team *team, guint member, guint version, gboolean is_in, const GError *refused)
{
    pthread_mutex_lock(&team->lock);
    member_of(team, member)->dialling_us = 0;
    member_of(team, member)->is_up = is_in;
    if (team->trying == member)
        team->trying = NOBODY;
    if (is_in || refused)
        g_clear_error(&team->refused);
    /* One that stands shows that the password is right: what was said to this one is no reason to stop the
     * others. */
    if (refused && !is_any_up(team)) {
        team->refused = g_error_copy(refused);
        team->refused_version = version;
        team->refused_us = clock_now_us();
    }
    wake_others(team, member);
    pthread_mutex_unlock(&team->lock);
}

void team_forget_refusal(Team *team)
{
    pthread_mutex_lock(&team->lock);
    g_clear_error(&team->refused);
    pthread_mutex_unlock(&team->lock);
}

void team_forget_old_refusal(Team *team, int64_t since_us)
{
    pthread_mutex_lock(&team->lock);
    if (team->refused_us <= since_us)
        g_clear_error(&team->refused);
    pthread_mutex_unlock(&team->lock);
}

/* ---- the account's state ---- */

/* Which of its connections' states is the account's: a person who is needed before all, then what goes on. A
 * connection that waits matters only when no other stands. */
static const int RANK[] = {[ENGINE_OFFLINE] = 0,    [ENGINE_WAITING] = 1, [ENGINE_IDLE] = 2,
                           [ENGINE_CONNECTING] = 3, [ENGINE_WORKING] = 4, [ENGINE_ATTENTION] = 5};

/* Of two that work, the one that says at what: the other waits for it. */
static gboolean says_more(const EngineEvent *one, const EngineEvent *other)
{
    if (RANK[one->state] != RANK[other->state])
        return RANK[one->state] > RANK[other->state];
    return one->state == ENGINE_WORKING && one->what && !other->what;
}

static EngineEvent *merge(const Team *team)
{
    const EngineEvent *first = NULL;
    gboolean is_live = FALSE;

    for (guint i = 0; i < team->members->len; i++) {
        const EngineEvent *state = member_of(team, i)->state;
        if (!state)
            continue;
        is_live |= state->is_live;
        if (!first || says_more(state, first))
            first = state;
    }
    EngineEvent *merged = engine_event_copy(first);
    merged->is_live = is_live;
    return merged;
}

static gboolean is_same(const EngineEvent *one, const EngineEvent *other)
{
    return one && one->state == other->state && one->is_live == other->is_live && one->done == other->done &&
           one->total == other->total && one->bytes == other->bytes && one->withheld == other->withheld &&
           one->retry_at_us == other->retry_at_us && g_strcmp0(one->what, other->what) == 0 &&
           g_strcmp0(one->error ? one->error->message : NULL, other->error ? other->error->message : NULL) ==
               0;
}

void team_tell_state(Team *team, guint member, EngineEvent *state)
{
    pthread_mutex_lock(&team->lock);
    engine_event_free(member_of(team, member)->state);
    member_of(team, member)->state = state;
    EngineEvent *merged = merge(team);
    if (is_same(team->told, merged)) {
        engine_event_free(merged);
    } else {
        engine_event_free(team->told);
        team->told = engine_event_copy(merged);
        /* With the lock held, so that two members' are posted in their order; it never waits. */
        team->context.post(merged, team->context.crew, team->context.data);
    }
    pthread_mutex_unlock(&team->lock);
}

gboolean team_tells(Team *team, const char *sentence, int64_t now_us)
{
    pthread_mutex_lock(&team->lock);
    const gboolean is_due = told_is_due(team->sentences, sentence, now_us);
    pthread_mutex_unlock(&team->lock);
    return is_due;
}
