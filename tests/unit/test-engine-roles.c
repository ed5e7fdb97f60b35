/* test-engine-roles.c - which folder is for what: by the configuration, by the server, by its name. */
#include "engine/roles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* ---- names ---- */

static void test_known_names(void **state)
{
    static const struct {
        const char *name;
        ImapRole role;
    } CASES[] = {
        {"Sent", IMAP_ROLE_SENT},
        {"SENT ITEMS", IMAP_ROLE_SENT},
        {"gesendet", IMAP_ROLE_SENT},
        {"E\xcc\x81le\xcc\x81ments envoye\xcc\x81s", IMAP_ROLE_SENT}, /* decomposed */
        {"отправленные", IMAP_ROLE_SENT},
        {"已发送", IMAP_ROLE_SENT},
        {"送信済みメール", IMAP_ROLE_SENT},
        {"brouillons", IMAP_ROLE_DRAFTS},
        {"Entwürfe", IMAP_ROLE_DRAFTS},
        {"ENTWÜRFE", IMAP_ROLE_DRAFTS},
        {"Papierkorb", IMAP_ROLE_TRASH},
        {"Κάδος απορριμμάτων", IMAP_ROLE_TRASH},
        {"Lixo", IMAP_ROLE_TRASH},
        {"Lixo eletrônico", IMAP_ROLE_JUNK},
        {"spam", IMAP_ROLE_JUNK},
        {"Архив", IMAP_ROLE_ARCHIVE},
        {"archives", IMAP_ROLE_ARCHIVE},
        {"INBOX", IMAP_ROLE_NONE},
        {"Sentry", IMAP_ROLE_NONE},
        {"", IMAP_ROLE_NONE},
        {"Sent ", IMAP_ROLE_NONE},
        {"All Mail", IMAP_ROLE_NONE},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        guint rank;
        if (role_of_name(CASES[i].name, &rank) != CASES[i].role)
            fail_msg("“%s” has role %d", CASES[i].name, role_of_name(CASES[i].name, &rank));
    }
}

static void test_no_name_has_two_roles(void **state)
{
    static const char *const NAMES_IN_ORDER[] = {"Sent", "Sent Items", "Sent Messages", "Gesendet"};
    guint before = 0, rank = 0;

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(NAMES_IN_ORDER); i++) {
        assert_int_equal(role_of_name(NAMES_IN_ORDER[i], &rank), IMAP_ROLE_SENT);
        assert_true(i == 0 || rank > before);
        before = rank;
    }
    /* The tables themselves: each name leads back to its own list. */
#define NAMES(role, ...)                                                                                     \
    {                                                                                                        \
        const char *const names[] = {__VA_ARGS__};                                                           \
        for (guint n = 0; n < G_N_ELEMENTS(names); n++) {                                                    \
            if (role_of_name(names[n], &rank) != IMAP_ROLE_##role || rank != n)                              \
                fail_msg("“%s” stands twice", names[n]);                                                     \
        }                                                                                                    \
    }
#include "engine/role_names.def"
#undef NAMES
}

/* ---- an account ---- */

/* "-Name" cannot be selected, "other:Name" and "shared:Name" are not one's own, "Name=sent" has a role by the
 * server. */
static ImapFolder *make_folder(const char *text)
{
    ImapFolder *folder = g_new0(ImapFolder, 1);
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);
    const char *name = parts[0];

    folder->selectable = *name != '-';
    name += *name == '-';
    if (g_str_has_prefix(name, "other:") || g_str_has_prefix(name, "shared:")) {
        folder->space = *name == 'o' ? IMAP_OTHER_USERS : IMAP_SHARED;
        name = strchr(name, ':') + 1;
    }
    if (strcmp(name, "INBOX") == 0)
        folder->role = IMAP_ROLE_INBOX;
    for (ImapRole role = IMAP_ROLE_SENT; parts[1] && role <= IMAP_ROLE_FLAGGED; role++)
        if (strcmp(parts[1], ((const char *[]){"", "", "sent", "drafts", "trash", "junk", "archive", "all",
                                               "flagged"})[role]) == 0)
            folder->role = role;
    folder->raw_name = g_strdup(name);
    folder->name = g_strdup(name);
    return folder;
}

typedef struct {
    const char *what;
    ConfigAccount account;                              /* only the names of folders are looked at */
    const char *folders;                                /* parted by spaces, "_" for one within a name */
    const char *sent, *drafts, *trash, *junk, *archive; /* NULL: nobody */
} Case;

static const Case CASES[] = {
    {"names",
     {0},
     "INBOX Gesendet Entwürfe Papierkorb Spam Archiv",
     "Gesendet",
     "Entwürfe",
     "Papierkorb",
     "Spam",
     "Archiv"},
    {"the server's word", {0}, "Sent Kram=sent Trash", "Kram", NULL, "Trash", NULL, NULL},
    {"the earlier name", {0}, "Gesendet Sent_Items Sent", "Sent", NULL, NULL, NULL, NULL},
    {"the first of two spellings", {0}, "sent SENT", "sent", NULL, NULL, NULL, NULL},
    {"below INBOX", {0}, "INBOX INBOX/Sent INBOX/Trash", "INBOX/Sent", NULL, "INBOX/Trash", NULL, NULL},
    {"Gmail",
     {0},
     "-[Gmail] [Gmail]/Drafts [Google_Mail]/Spam",
     NULL,
     "[Gmail]/Drafts",
     NULL,
     "[Google Mail]/Spam",
     NULL},
    {"not deep down", {0}, "Projects/Sent 2024/Archive", NULL, NULL, NULL, NULL, NULL},
    {"not what cannot be selected", {0}, "-Sent", NULL, NULL, NULL, NULL, NULL},
    {"not another's", {0}, "other:Trash shared:Archive other:Sent=sent", NULL, NULL, NULL, NULL, NULL},
    {"one of two by the server", {0}, "Old=trash Bin=trash Trash", NULL, NULL, "Old", NULL, NULL},
    {"a role of its own stays", {0}, "Spam=all Junk", NULL, NULL, NULL, "Junk", NULL},
    {"configured before a name", {.trash = (char *)"Weg"}, "Trash Weg", NULL, NULL, "Weg", NULL, NULL},
    {"the server before the configuration",
     {.trash = (char *)"Weg"},
     "Trash=trash Weg",
     NULL,
     NULL,
     "Trash",
     NULL,
     NULL},
    {"configured and not there", {.trash = (char *)"Weg"}, "Trash Bin", NULL, NULL, NULL, NULL, NULL},
    {"configured below INBOX", {.archive = (char *)"Alt"}, "INBOX/Alt", NULL, NULL, NULL, NULL, "INBOX/Alt"},
    {"configured, exactly first",
     {.archive = (char *)"Alt"},
     "alt INBOX/Alt Alt",
     NULL,
     NULL,
     NULL,
     NULL,
     "Alt"},
    {"configured in another case", {.archive = (char *)"ALT"}, "Alt", NULL, NULL, NULL, NULL, "Alt"},
    {"configured deep down",
     {.sent = (char *)"Me/Out"},
     "Sent Me/Out",
     "Me/Out",
     NULL,
     NULL,
     NULL,
     NULL},
    {"configured for another use",
     {.archive = (char *)"Out"},
     "Out=sent Sent",
     "Sent",
     NULL,
     NULL,
     NULL,
     "Out"},
    {"configured in a shared space",
     {.archive = (char *)"Team"},
     "shared:Team",
     NULL,
     NULL,
     NULL,
     NULL,
     "Team"},
    {"the same, and the server agrees",
     {.sent = (char *)"Sent"},
     "Sent=sent",
     "Sent",
     NULL,
     NULL,
     NULL,
     NULL},
    {"the Inbox is the Inbox", {.archive = (char *)"INBOX"}, "INBOX Archive", NULL, NULL, NULL, NULL, NULL},
};

/* Its name, or NULL; fails when two have it. */
static const char *holder(const Case *one, const GPtrArray *folders, ImapRole role)
{
    const char *found = NULL;

    for (guint i = 0; i < folders->len; i++) {
        const ImapFolder *folder = g_ptr_array_index(folders, i);
        if (folder->role != role)
            continue;
        if (found)
            fail_msg("%s: %s and %s have role %d", one->what, found, folder->name, role);
        found = folder->name;
    }
    return found;
}

static void check_case(const Case *one)
{
    const char *const wanted[] = {one->sent, one->drafts, one->trash, one->junk, one->archive};
    g_auto(GStrv) words = g_strsplit(one->folders, " ", -1);
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);

    for (guint i = 0; words[i]; i++)
        g_ptr_array_add(folders, make_folder(g_strdelimit(words[i], "_", ' ')));
    roles_assign(folders, &one->account);
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        const char *found = holder(one, folders, IMAP_ROLE_SENT + i);
        if (g_strcmp0(found, wanted[i]) != 0)
            fail_msg("%s: role %u is with %s, not %s", one->what, IMAP_ROLE_SENT + i,
                     found ? found : "nobody", wanted[i] ? wanted[i] : "nobody");
    }
    /* What was decided is decided again in the same way. */
    roles_assign(folders, &one->account);
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
        assert_true(g_strcmp0(holder(one, folders, IMAP_ROLE_SENT + i), wanted[i]) == 0);
}

static void test_accounts(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++)
        check_case(&CASES[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_names),
        cmocka_unit_test(test_no_name_has_two_roles),
        cmocka_unit_test(test_accounts),
    };

    return cmocka_run_group_tests_name("engine-roles", tests, NULL, NULL);
}
