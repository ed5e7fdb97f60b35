/*
 * response.h - what a response means (RFC 3501 and 9051, section 7): from a parser's tree to typed values.
 *
 * Everything read here is borrowed from the tree, and so lives until the parser is fed again. Numbers outside
 * of what the RFC allows, and shapes that make no sense, are TERN_ERROR_PROTOCOL. Responses nobody knows are
 * IMAP_OTHER.
 */
#ifndef TERN_IMAP_RESPONSE_H
#define TERN_IMAP_RESPONSE_H

#include "imap/fetch.h"
#include "imap/folder.h"
#include "imap/parser.h"

typedef enum {
    IMAP_OTHER,
    IMAP_OK,
    IMAP_NO,
    IMAP_BAD,
    IMAP_BYE,
    IMAP_PREAUTH,
    IMAP_CONTINUE,
    IMAP_CAPABILITY,
    IMAP_ENABLED,
    IMAP_LIST_LINE,
    IMAP_LSUB_LINE,
    IMAP_STATUS_LINE,
    IMAP_SEARCH,
    IMAP_ESEARCH,
    IMAP_FLAGS,
    IMAP_NAMESPACE,
    IMAP_ID,
    IMAP_ACL_LINE,
    IMAP_MY_RIGHTS,
    IMAP_QUOTA_LINE,
    IMAP_QUOTA_ROOT,
    IMAP_EXISTS,
    IMAP_RECENT,
    IMAP_EXPUNGE,
    IMAP_FETCH,
    IMAP_VANISHED,
} ImapResponseKind;

typedef struct {
    ImapResponseKind kind;
    const char *tag;  /* NULL: untagged */
    uint32_t number;  /* of EXISTS, RECENT, EXPUNGE, FETCH */
    const char *code; /* of a status: "UIDNEXT 5", NULL when there was none */
    const char *text; /* of a status or continuation, "" when there was none; not safe to show */
    guint first;      /* index of the first argument */
} ImapResponse;

gboolean imap_response_read(const ImapTree *tree, ImapResponse *response_out, GError **error);

/* ---- response codes (RFC 3501, 7.1; 5530) ---- */

/* Whether a code (NULL: no) is called that, in any case. */
gboolean imap_code_is(const char *code, const char *name);
/* The code's first word, upper case, to be freed; NULL for NULL. */
char *imap_code_name(const char *code);
/* FALSE when it is another code; TRUE when it is this one, its number in *number_out, 0 where it is none up
 * to `most`. */
gboolean imap_code_number(const char *code, const char *name, uint64_t most, uint64_t *number_out);

/* ---- LIST, LSUB, STATUS ---- */

typedef enum {
    IMAP_LIST_NOSELECT = 1 << 0, /* \Noselect and \NonExistent */
    IMAP_LIST_SUBSCRIBED = 1 << 1,
    IMAP_LIST_HAS_CHILDREN = 1 << 2,
    IMAP_LIST_NO_INFERIORS = 1 << 3,
    IMAP_LIST_NONEXISTENT = 1 << 4,
} ImapListAttribute;

typedef struct {
    const char *raw_name;
    const char *old_raw_name; /* what it was called before (OLDNAME, RFC 5465); NULL: not told */
    char delimiter;           /* 0: flat */
    guint attributes;
    ImapRole role;
} ImapListed;
/* A name that no command can give back (it holds NUL, or is longer than LIMIT_IMAP_NAME_BYTES) is PROTOCOL,
 * as whatever else makes no sense. raw_name is "" for the root of a namespace: no folder. */
gboolean imap_response_list(const ImapTree *tree, const ImapResponse *response, ImapListed *listed_out,
                            GError **error);

/* The numbers go into `folder`, whose name is not looked at; all or none of them. The response's name is in
 * *raw_name_out. `folder` NULL: only that. */
gboolean imap_response_status(const ImapTree *tree, const ImapResponse *response, const char **raw_name_out,
                              ImapFolder *folder, GError **error);

/* Which folder a wrong LIST, LSUB or STATUS is of, as far as it can be read: not safe to show, to be
 * freed. */
char *imap_response_folder(const ImapTree *tree, const ImapResponse *response);

/* ---- FETCH ---- */

/* What stands in a FETCH response beside what ImapFetched has. */
typedef struct {
    ImapFetched message;
    guint body;          /* index of BODY[]'s value; 0: none */
    guint flags, labels; /* where they start in the texts */
} ImapFetchLine;
/* `texts` gets the flags and labels that message.flags and message.labels then point to; NULL-terminated. */
gboolean imap_response_fetch(const ImapTree *tree, const ImapResponse *response, GPtrArray *texts,
                             ImapFetchLine *line_out, GError **error);

/* The one sentence for what a server got wrong; always returns FALSE. */
gboolean imap_nonsense(GError **error, const char *what);

#endif
