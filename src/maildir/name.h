/*
 * name.h - names of files and folders in a Maildir: what they say, and making them.
 *
 *      1764500000.M12P34Q5R6f.host:2,FSab        .Work.2026&AC4-11
 *      └──────── base ───────────┘ └┬─┘          └ level ┘└ level, its "." as base64
 *                 flags (upper case), keywords by letter (lower case, Dovecot's)
 *
 * The base is what a message is known by: it stays when flags change and when the file moves. A folder's raw
 * name is "." for the Inbox, else its place in the Maildir as Maildir++ (Courier, Dovecot) spells it. Pure,
 * but for maildir_new_base(); any thread.
 */
#ifndef TERN_MAILDIR_NAME_H
#define TERN_MAILDIR_NAME_H

#include <glib.h>
#include <stdint.h>

/* As letters of a name: D F P R S T. */
typedef enum {
    MAILDIR_DRAFT = 1 << 0,
    MAILDIR_FLAGGED = 1 << 1,
    MAILDIR_FORWARDED = 1 << 2, /* P: passed on */
    MAILDIR_ANSWERED = 1 << 3,
    MAILDIR_SEEN = 1 << 4,
    MAILDIR_DELETED = 1 << 5, /* T: trashed */
} MaildirFlag;

/* What a file's name says; points into it. */
typedef struct {
    gsize base_bytes;
    uint32_t flags;   /* MaildirFlag */
    uint32_t letters; /* bit 0: 'a' */
} MaildirNamed;
MaildirNamed maildir_name_parse(const char *name);

/* The name of that base with these flags, to be freed. `like`: the name before (may be NULL), whose letters
 * that nobody here knows are kept. Without any flag, and none before, it has no ":2,". */
char *maildir_name_make(const char *base, uint32_t flags, uint32_t letters, const char *like);

/* A base that no other file has, to be freed: time, process, a counter, chance, and the host's name. */
char *maildir_new_base(void);

/* ---- folders ---- */

#define MAILDIR_INBOX "."

/* The raw name of a folder called so (levels parted by '/'; INBOX in any case), to be freed. NULL and INPUT
 * when the file system has no room for such a name, or it is none. */
char *maildir_raw_name(const char *name, GError **error);
/* For people, to be freed; always valid UTF-8, and another for each raw name. */
char *maildir_show_name(const char *raw_name);
/* Whether an entry of a Maildir can be one of its folders. */
gboolean maildir_is_raw_name(const char *entry);

#endif
