/* roles.c - see roles.h. */
#include "engine/roles.h"

#include "base/text.h"

#include <pthread.h>
#include <string.h>

#define ROLES (IMAP_ROLE_FLAGGED + 1)

/* ---- known names ---- */

typedef struct {
    ImapRole role;
    const char *names[128]; /* NULL-terminated */
} RoleNames;

static const RoleNames KNOWN[] = {
#define NAMES(role, ...) {IMAP_ROLE_##role, {__VA_ARGS__}},
#include "engine/role_names.def"
#undef NAMES
};

/* Folded name -> its place in all the lists together, from 1 on; made once, and kept. */
static GHashTable *places;
static pthread_once_t places_once = PTHREAD_ONCE_INIT;

#define PLACE(list, n) ((list)*G_N_ELEMENTS(KNOWN[0].names) + (n) + 1)

static void make_places(void)
{
    places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint list = 0; list < G_N_ELEMENTS(KNOWN); list++)
        for (guint n = 0; KNOWN[list].names[n]; n++)
            g_hash_table_insert(places, text_fold(KNOWN[list].names[n]),
                                GUINT_TO_POINTER((guint)PLACE(list, n)));
}

ImapRole role_of_name(const char *name, guint *rank_out)
{
    g_autofree char *folded = text_fold(name);

    pthread_once(&places_once, make_places);
    const guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, folded));
    if (!place)
        return IMAP_ROLE_NONE;
    *rank_out = (place - 1) % G_N_ELEMENTS(KNOWN[0].names);
    return KNOWN[(place - 1) / G_N_ELEMENTS(KNOWN[0].names)].role;
}

/* The shown name without what stands before all of one's own folders there: "INBOX.", or Gmail's "[Gmail]/".
 * */
static const char *name_within(const ImapFolder *folder)
{
    static const char *const PREFIXES[] = {"INBOX/", "[Gmail]/", "[Google Mail]/"};

    for (guint i = 0; i < G_N_ELEMENTS(PREFIXES); i++)
        if (g_ascii_strncasecmp(folder->name, PREFIXES[i], strlen(PREFIXES[i])) == 0)
            return folder->name + strlen(PREFIXES[i]);
    return folder->name;
}

/* ---- who has which role ---- */

typedef struct {
    const GPtrArray *folders;
    ImapFolder *holders[ROLES]; /* NULL: nobody */
    gboolean is_settled[ROLES]; /* by the server or the configuration: no name gives it */
} Roles;

static void give(Roles *roles, ImapRole role, ImapFolder *folder)
{
    if (roles->holders[role])
        roles->holders[role]->role = IMAP_ROLE_NONE;
    if (folder)
        folder->role = role;
    roles->holders[role] = folder;
    roles->is_settled[role] = TRUE;
}

/* As the server says, but for a second folder with the same, and for those that are not one's own. */
static void take_told(Roles *roles)
{
    for (guint i = 0; i < roles->folders->len; i++) {
        ImapFolder *folder = g_ptr_array_index(roles->folders, i);
        folder->told_role = folder->role;
        if (folder->role == IMAP_ROLE_NONE || folder->role == IMAP_ROLE_INBOX)
            continue;
        if (roles->holders[folder->role] || folder->space != IMAP_PERSONAL)
            folder->role = IMAP_ROLE_NONE;
        else
            give(roles, folder->role, folder);
    }
}

const char *role_configured(const ConfigAccount *account, ImapRole role)
{
    const char *const by_role[ROLES] = {[IMAP_ROLE_SENT] = account->sent,
                                        [IMAP_ROLE_DRAFTS] = account->drafts,
                                        [IMAP_ROLE_TRASH] = account->trash,
                                        [IMAP_ROLE_JUNK] = account->junk,
                                        [IMAP_ROLE_ARCHIVE] = account->archive};

    return by_role[role];
}

StoreRole role_in_store(ImapRole role)
{
    static const StoreRole IN_STORE[ROLES] = {
        [IMAP_ROLE_NONE] = STORE_ROLE_NONE,       [IMAP_ROLE_INBOX] = STORE_ROLE_INBOX,
        [IMAP_ROLE_SENT] = STORE_ROLE_SENT,       [IMAP_ROLE_DRAFTS] = STORE_ROLE_DRAFTS,
        [IMAP_ROLE_TRASH] = STORE_ROLE_TRASH,     [IMAP_ROLE_JUNK] = STORE_ROLE_JUNK,
        [IMAP_ROLE_ARCHIVE] = STORE_ROLE_ARCHIVE, [IMAP_ROLE_ALL] = STORE_ROLE_ALL,
        [IMAP_ROLE_FLAGGED] = STORE_ROLE_FLAGGED};

    return IN_STORE[role];
}

/* How well a folder is the one that the configuration names; 0: not at all. */
static int fits(const ImapFolder *folder, const char *name, const char *folded)
{
    if (!folder->selectable || folder->role == IMAP_ROLE_INBOX)
        return 0;
    if (strcmp(folder->name, name) == 0)
        return 3;
    if (strcmp(name_within(folder), name) == 0)
        return 2;
    g_autofree char *within = text_fold(name_within(folder));
    return strcmp(within, folded) == 0;
}

static ImapFolder *find_configured(const GPtrArray *folders, const char *name)
{
    g_autofree char *folded = text_fold(name);
    ImapFolder *found = NULL;
    int best = 0;

    for (guint i = 0; i < folders->len; i++) {
        const int fit = fits(g_ptr_array_index(folders, i), name, folded);
        if (fit > best) {
            best = fit;
            found = g_ptr_array_index(folders, i);
        }
    }
    return found;
}

static void take_configured(Roles *roles, const ConfigAccount *account)
{
    for (ImapRole role = IMAP_ROLE_SENT; role < ROLES; role++) {
        const char *name = role_configured(account, role);
        ImapFolder *folder = name ? find_configured(roles->folders, name) : NULL;
        if (!name || roles->holders[role]) /* the server says */
            continue;
        if (folder && folder->role != IMAP_ROLE_NONE) { /* it is for this from now on */
            roles->holders[folder->role] = NULL;
            roles->is_settled[folder->role] = FALSE;
        }
        give(roles, role, folder);
    }
}

static void take_names(Roles *roles)
{
    guint ranks[ROLES] = {0};
    ImapFolder *best[ROLES] = {NULL};

    for (guint i = 0; i < roles->folders->len; i++) {
        ImapFolder *folder = g_ptr_array_index(roles->folders, i);
        guint rank = 0;
        const ImapRole role =
            folder->role == IMAP_ROLE_NONE && folder->selectable && folder->space == IMAP_PERSONAL
                ? role_of_name(name_within(folder), &rank)
                : IMAP_ROLE_NONE;
        if (role == IMAP_ROLE_NONE || roles->is_settled[role] || (best[role] && rank >= ranks[role]))
            continue;
        best[role] = folder;
        ranks[role] = rank;
    }
    for (ImapRole role = IMAP_ROLE_SENT; role < ROLES; role++)
        if (best[role])
            give(roles, role, best[role]);
}

void roles_assign(const GPtrArray *folders, const ConfigAccount *account)
{
    Roles roles = {.folders = folders};

    take_told(&roles);
    take_configured(&roles, account);
    take_names(&roles);
}
