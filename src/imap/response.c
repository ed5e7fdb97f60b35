/* response.c - see response.h. FETCH is in fetched.c. */
#include "imap/response.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <string.h>

gboolean imap_nonsense(GError **error, const char *what)
{
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("the IMAP server sent a wrong %s response"), what);
    return FALSE;
}

/* ---- which response it is ---- */

typedef struct {
    const char *name;
    ImapResponseKind kind;
} Kind;

static const Kind KINDS[] = {
    {"OK", IMAP_OK},
    {"NO", IMAP_NO},
    {"BAD", IMAP_BAD},
    {"BYE", IMAP_BYE},
    {"PREAUTH", IMAP_PREAUTH},
    {"CAPABILITY", IMAP_CAPABILITY},
    {"ENABLED", IMAP_ENABLED},
    {"LIST", IMAP_LIST_LINE},
    {"LSUB", IMAP_LSUB_LINE},
    {"STATUS", IMAP_STATUS_LINE},
    {"SEARCH", IMAP_SEARCH},
    {"ESEARCH", IMAP_ESEARCH},
    {"FLAGS", IMAP_FLAGS},
    {"NAMESPACE", IMAP_NAMESPACE},
    {"ID", IMAP_ID},
    {"VANISHED", IMAP_VANISHED},
    {"ACL", IMAP_ACL_LINE},
    {"MYRIGHTS", IMAP_MY_RIGHTS},
    {"QUOTA", IMAP_QUOTA_LINE},
    {"QUOTAROOT", IMAP_QUOTA_ROOT},
};

/* Those with a number before their name, FETCH first since it is by far the most frequent. */
static const Kind NUMBERED[] = {
    {"FETCH", IMAP_FETCH},
    {"EXISTS", IMAP_EXISTS},
    {"EXPUNGE", IMAP_EXPUNGE},
    {"RECENT", IMAP_RECENT},
};

static ImapResponseKind find_kind(const Kind *kinds, gsize n, const ImapTree *tree, guint index)
{
    for (gsize i = 0; i < n; i++)
        if (imap_tree_is(tree, index, kinds[i].name))
            return kinds[i].kind;
    return IMAP_OTHER;
}

static void read_status(const ImapTree *tree, guint index, ImapResponse *response)
{
    if (imap_tree_is_kind(tree, index, IMAP_CODE))
        response->code = imap_tree_text(tree, index++);
    if (imap_tree_is_kind(tree, index, IMAP_TEXT))
        response->text = imap_tree_text(tree, index);
}

static gboolean read_numbered(const ImapTree *tree, ImapResponse *response, GError **error)
{
    uint64_t number;

    response->kind = find_kind(NUMBERED, G_N_ELEMENTS(NUMBERED), tree, 2);
    response->first = 3;
    if (response->kind == IMAP_OTHER)
        return TRUE;
    if (!imap_tree_number(tree, 1, UINT32_MAX, &number)) {
        if (response->kind != IMAP_FETCH)
            return imap_nonsense(error, imap_tree_text(tree, 2));
        number = 0; /* imap_response_fetch() tells: one bad FETCH ends nothing */
    }
    if (number == 0 && response->kind == IMAP_EXPUNGE)
        return imap_nonsense(error, "EXPUNGE");
    response->number = (uint32_t)number;
    return TRUE;
}

gboolean imap_response_read(const ImapTree *tree, ImapResponse *response_out, GError **error)
{
    const char *tag = imap_tree_text(tree, 0);
    ImapResponse response = {.text = "", .first = 2};

    *response_out = response;
    if (!strcmp(tag, "+")) {
        response.kind = IMAP_CONTINUE;
        read_status(tree, 1, &response);
    } else {
        response.tag = strcmp(tag, "*") != 0 ? tag : NULL;
        if (imap_tree_is_kind(tree, 1, IMAP_NUMBER)) {
            if (!read_numbered(tree, &response, error))
                return FALSE;
        } else {
            response.kind = find_kind(KINDS, G_N_ELEMENTS(KINDS), tree, 1);
            if (response.kind >= IMAP_OK && response.kind <= IMAP_PREAUTH)
                read_status(tree, 2, &response);
        }
    }
    *response_out = response;
    return TRUE;
}

/* ---- response codes ---- */

gboolean imap_code_is(const char *code, const char *name)
{
    gsize bytes = strlen(name);

    return code && !g_ascii_strncasecmp(code, name, bytes) && (code[bytes] == '\0' || code[bytes] == ' ');
}

char *imap_code_name(const char *code)
{
    return code ? g_ascii_strup(code, (gssize)strcspn(code, " ")) : NULL;
}

gboolean imap_code_number(const char *code, const char *name, uint64_t most, uint64_t *number_out)
{
    if (!imap_code_is(code, name))
        return FALSE;

    const char *digits = code + strlen(name);
    digits += strspn(digits, " ");
    if (!imap_digits(digits, strcspn(digits, " "), most, number_out))
        *number_out = 0;
    return TRUE;
}

/* ---- LIST, LSUB ---- */

static const struct {
    const char *name;
    guint attributes;
    ImapRole role;
} ATTRIBUTES[] = {
    {"\\Noselect", IMAP_LIST_NOSELECT, IMAP_ROLE_NONE},
    {"\\NonExistent", IMAP_LIST_NOSELECT | IMAP_LIST_NONEXISTENT, IMAP_ROLE_NONE},
    {"\\NoInferiors", IMAP_LIST_NO_INFERIORS, IMAP_ROLE_NONE},
    {"\\Subscribed", IMAP_LIST_SUBSCRIBED, IMAP_ROLE_NONE},
    {"\\HasChildren", IMAP_LIST_HAS_CHILDREN, IMAP_ROLE_NONE},
    {"\\Sent", 0, IMAP_ROLE_SENT},
    {"\\Drafts", 0, IMAP_ROLE_DRAFTS},
    {"\\Trash", 0, IMAP_ROLE_TRASH},
    {"\\Junk", 0, IMAP_ROLE_JUNK},
    {"\\Archive", 0, IMAP_ROLE_ARCHIVE},
    {"\\All", 0, IMAP_ROLE_ALL},
    {"\\Flagged", 0, IMAP_ROLE_FLAGGED},
};

/* One attribute; of several roles the first counts. */
static void read_attribute(const ImapTree *tree, guint index, ImapListed *listed)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++) {
        if (!imap_tree_is(tree, index, ATTRIBUTES[i].name))
            continue;
        listed->attributes |= ATTRIBUTES[i].attributes;
        if (listed->role == IMAP_ROLE_NONE)
            listed->role = ATTRIBUTES[i].role;
    }
}

/* NIL for a flat name, or one 7-bit character. An empty string is seen for NIL as well. */
static gboolean read_delimiter(const ImapTree *tree, guint index, char *delimiter_out)
{
    const char *text = imap_tree_text(tree, index);

    *delimiter_out = 0;
    if (imap_tree_is_kind(tree, index, IMAP_NIL))
        return TRUE;
    if (!imap_tree_is_astring(tree, index) || (*text && text[1]) || (guchar)*text >= 0x80)
        return FALSE;
    *delimiter_out = *text;
    return TRUE;
}

/* Whether a text holds no NUL. */
static gboolean is_text(const ImapTree *tree, guint index)
{
    return imap_tree_is_astring(tree, index) &&
           strlen(imap_tree_text(tree, index)) == tree->values[index].bytes;
}

/* What may follow the name (RFC 5258, 6): (("OLDNAME" ("old")) ("CHILDINFO" ("SUBSCRIBED"))), or flat as in
 * RFC 5465's examples: ("OLDNAME" ("old")). */
static const char *find_old_name(const ImapTree *tree, guint extended)
{
    const guint end = imap_tree_end(tree, extended);

    for (guint i = extended + 1; i + 2 < end; i++)
        if (!g_ascii_strcasecmp(imap_tree_text(tree, i), "OLDNAME") && imap_tree_is_astring(tree, i) &&
            imap_tree_is_kind(tree, i + 1, IMAP_LIST) && is_text(tree, i + 2))
            return imap_tree_text(tree, i + 2);
    return NULL;
}

gboolean imap_response_list(const ImapTree *tree, const ImapResponse *response, ImapListed *listed_out,
                            GError **error)
{
    guint attributes = response->first, delimiter = imap_tree_end(tree, attributes), name = delimiter + 1;
    ImapListed listed = {0};

    if (!imap_tree_is_kind(tree, attributes, IMAP_LIST) ||
        !read_delimiter(tree, delimiter, &listed.delimiter) || !is_text(tree, name) ||
        tree->values[name].bytes > LIMIT_IMAP_NAME_BYTES)
        return imap_nonsense(error, "LIST");
    for (guint i = attributes + 1; i < delimiter; i = imap_tree_end(tree, i))
        read_attribute(tree, i, &listed);
    listed.raw_name = imap_tree_text(tree, name);
    if (imap_tree_is_kind(tree, name + 1, IMAP_LIST))
        listed.old_raw_name = find_old_name(tree, name + 1);
    *listed_out = listed;
    return TRUE;
}

/* ---- STATUS ---- */

/* Numbers of STATUS: where they go, and the most they may be. */
static const struct {
    const char *name;
    ImapTold told;
    gsize offset;
    gboolean is_wide; /* 64 bits */
} ITEMS[] = {
    {"MESSAGES", IMAP_TOLD_MESSAGES, offsetof(ImapFolder, messages), FALSE},
    {"UNSEEN", IMAP_TOLD_UNSEEN, offsetof(ImapFolder, unseen), FALSE},
    {"UIDNEXT", IMAP_TOLD_UID_NEXT, offsetof(ImapFolder, uid_next), FALSE},
    {"UIDVALIDITY", IMAP_TOLD_UID_VALIDITY, offsetof(ImapFolder, uid_validity), FALSE},
    {"HIGHESTMODSEQ", IMAP_TOLD_MODSEQ, offsetof(ImapFolder, highest_modseq), TRUE},
    {"SIZE", IMAP_TOLD_SIZE, offsetof(ImapFolder, size_bytes), TRUE},
    {"APPENDLIMIT", IMAP_TOLD_APPEND_LIMIT, offsetof(ImapFolder, append_limit), TRUE},
};

static gboolean read_item(const ImapTree *tree, guint name, ImapFolder *folder)
{
    uint64_t number;

    for (gsize i = 0; i < G_N_ELEMENTS(ITEMS); i++) {
        char *field = (char *)folder + ITEMS[i].offset;
        if (!imap_tree_is(tree, name, ITEMS[i].name) || imap_tree_is_kind(tree, name + 1, IMAP_NIL))
            continue; /* APPENDLIMIT NIL: none */
        if (!imap_tree_number(tree, name + 1, ITEMS[i].is_wide ? INT64_MAX : UINT32_MAX, &number))
            return FALSE;
        folder->told |= ITEMS[i].told;
        if (ITEMS[i].is_wide)
            *(uint64_t *)(void *)field = number;
        else
            *(uint32_t *)(void *)field = (uint32_t)number;
    }
    return TRUE;
}

gboolean imap_response_status(const ImapTree *tree, const ImapResponse *response, const char **raw_name_out,
                              ImapFolder *folder, GError **error)
{
    guint items = response->first + 1, end = imap_tree_end(tree, items);

    if (!is_text(tree, response->first) || !imap_tree_is_kind(tree, items, IMAP_LIST))
        return imap_nonsense(error, "STATUS");
    *raw_name_out = imap_tree_text(tree, response->first);
    if (!folder)
        return TRUE;
    ImapFolder read = *folder;
    for (guint i = items + 1; i < end; i = imap_tree_end(tree, i + 1))
        if (i + 1 >= end || !imap_tree_is_astring(tree, i) || !read_item(tree, i, &read))
            return imap_nonsense(error, "STATUS");
    read.has_status = TRUE;
    *folder = read;
    return TRUE;
}

char *imap_response_folder(const ImapTree *tree, const ImapResponse *response)
{
    const guint name = response->kind == IMAP_STATUS_LINE
                           ? response->first
                           : imap_tree_end(tree, imap_tree_end(tree, response->first));

    if (!imap_tree_is_astring(tree, name) || !tree->values[name].bytes)
        return g_strdup("?");
    const guint bytes = tree->values[name].bytes;
    g_autofree char *text = g_strndup("", bytes);
    for (guint i = 0; i < bytes; i++)
        text[i] = imap_tree_text(tree, name)[i] ? imap_tree_text(tree, name)[i] : '\1'; /* ends no text */
    return g_steal_pointer(&text);
}
