/* folder.c - see folder.h: names, and commands that change folders. LIST is in list.c, STATUS in status.c. */
#include "imap/folder.h"

#include "base/error.h"
#include "base/i18n.h"
#include "imap/private.h"
#include "base/utf7.h"

#include <string.h>

void imap_folder_free(ImapFolder *folder)
{
    if (!folder)
        return;
    g_free(folder->raw_name);
    g_free(folder->name);
    g_free(folder->mailbox_id);
    g_free(folder);
}

gboolean imap_is_inbox(const char *raw_name)
{
    return !g_ascii_strcasecmp(raw_name, "INBOX");
}

const char *imap_name_key(const char *raw_name)
{
    return imap_is_inbox(raw_name) ? "INBOX" : raw_name;
}

const char *imap_name_told(const ImapSession *session, const char *told, char **made)
{
    *made = NULL;
    if (!session->is_notified || !told || imap_speaks_utf8(session))
        return told;
    g_autofree char *decoded = utf7_decode(told, "");
    if (decoded || !g_utf8_validate(told, -1, NULL))
        return told;
    return *made = utf7_encode(told, "");
}

static gboolean is_seen(const char *level)
{
    for (; *level; level = g_utf8_next_char(level)) {
        gunichar c = g_utf8_get_char(level);
        if (!g_unichar_isspace(c) && !g_unichar_iszerowidth(c))
            return TRUE;
    }
    return FALSE;
}

/* One level of a name: a '/' in it becomes U+2215; what is only blanks, U+2423 for each. */
static void add_level(GString *name, const char *level)
{
    const gboolean is_blank = !is_seen(level);

    for (; *level; level = g_utf8_next_char(level)) {
        if (is_blank)
            g_string_append(name, "\xe2\x90\xa3");
        else if (*level == '/')
            g_string_append(name, "\xe2\x88\x95");
        else
            g_string_append_unichar(name, g_utf8_get_char(level));
    }
}

/* How a folder is called on the screen: decoded, its levels parted by '/'. A delimiter that parts nothing
 * ("/", "a//b") is part of a level, so that each level has something to be seen. */
char *imap_shown_name(const ImapSession *session, const char *raw_name, char delimiter)
{
    if (imap_is_inbox(raw_name))
        return g_strdup("INBOX");

    g_autofree char *decoded = imap_speaks_utf8(session) && g_utf8_validate(raw_name, -1, NULL)
                                   ? g_strdup(raw_name)
                                   : utf7_show(raw_name);
    g_autoptr(GString) level = g_string_new(NULL);
    GString *name = g_string_new(NULL);
    gsize size = strlen(decoded);
    if (size > 1 && delimiter &&
        decoded[size - 1] == delimiter) /* "folder/": some servers list parents like that */
        decoded[size - 1] = '\0';
    for (const char *at = decoded; *at; at++) {
        if (!delimiter || *at != delimiter || !level->len || !at[1]) {
            g_string_append_c(level, *at);
            continue;
        }
        add_level(name, level->str);
        g_string_append_c(name, '/');
        g_string_truncate(level, 0);
    }
    add_level(name, level->str);
    return g_string_free(name, FALSE);
}

/* ---- names to be made ---- */

/* Why a name cannot be one, or NULL. */
static const char *name_problem(const char *name, char delimiter)
{
    const char *at = name;

    if (!*name || *name == '/' || g_str_has_suffix(name, "/") || strstr(name, "//"))
        return N_("a folder needs a name, and each of its levels too");
    if (!g_utf8_validate(name, -1, NULL))
        return N_("a folder's name has to be UTF-8");
    for (; *at; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return N_("a folder's name cannot hold control characters");
    if (!delimiter && strchr(name, '/'))
        return N_("this server has no folders within folders");
    if (delimiter && delimiter != '/' && strchr(name, delimiter))
        return N_("the server parts levels by a character in this name");
    return NULL;
}

char *imap_raw_name(const ImapSession *session, const char *name, char delimiter, GError **error)
{
    const char *problem = name_problem(name, delimiter);

    if (problem) {
        tern_error_set(error, TERN_ERROR_INPUT, "%s", _(problem));
        return NULL;
    }
    g_autofree char *with_delimiters = g_strdelimit(g_strdup(name), "/", delimiter ? delimiter : '/');
    return imap_speaks_utf8(session) ? g_steal_pointer(&with_delimiters) : utf7_encode(with_delimiters, "");
}

/* ---- commands ---- */

/* A command of a word and one or two folders, with what may follow. */
static gboolean folder_command(ImapSession *session, const char *verb, const char *raw_name,
                               const char *second, const char *tail, GError **error)
{
    ImapPending *pending = imap_begin(session, NULL, NULL, error);

    return pending && imap_write(session, verb, error) &&
           imap_write_string(session, pending, raw_name, FALSE, error) &&
           (!second ||
            (imap_write(session, " ", error) && imap_write_string(session, pending, second, FALSE, error))) &&
           imap_write(session, tail, error) && imap_finish(session, pending, error);
}

/* How a role is asked for (RFC 6154, 3); NULL for what cannot be. */
static const char *use_of(ImapRole role)
{
    static const char *const USES[] = {
        [IMAP_ROLE_SENT] = " (USE (\\Sent))",       [IMAP_ROLE_DRAFTS] = " (USE (\\Drafts))",
        [IMAP_ROLE_TRASH] = " (USE (\\Trash))",     [IMAP_ROLE_JUNK] = " (USE (\\Junk))",
        [IMAP_ROLE_ARCHIVE] = " (USE (\\Archive))", [IMAP_ROLE_ALL] = " (USE (\\All))",
        [IMAP_ROLE_FLAGGED] = " (USE (\\Flagged))",
    };

    return USES[role];
}

gboolean imap_create(ImapSession *session, const char *raw_name, ImapRole role, gboolean *role_out,
                     GError **error)
{
    const char *use = imap_session_can(session, IMAP_CAN_CREATE_SPECIAL_USE) ? use_of(role) : NULL;
    gboolean took_role = FALSE;

    /* A server that does not like the role does not always say so by USEATTR (Cyrus 3.6.1): any refusal may
     * mean it, and the folder itself matters more. */
    if (use) {
        took_role = folder_command(session, "CREATE ", raw_name, NULL, use, NULL);
        if (!took_role && session->death)
            return imap_check_alive(session, error);
    }
    if (role_out)
        *role_out = took_role;
    return took_role || folder_command(session, "CREATE ", raw_name, NULL, "", error);
}

gboolean imap_delete(ImapSession *session, const char *raw_name, GError **error)
{
    return folder_command(session, "DELETE ", raw_name, NULL, "", error);
}

gboolean imap_rename(ImapSession *session, const char *raw_name, const char *new_raw_name, GError **error)
{
    return folder_command(session, "RENAME ", raw_name, new_raw_name, "", error);
}

gboolean imap_subscribe(ImapSession *session, const char *raw_name, gboolean on, GError **error)
{
    return folder_command(session, on ? "SUBSCRIBE " : "UNSUBSCRIBE ", raw_name, NULL, "", error);
}
