/*
 * mbox_scan.h - where the messages of an mbox are, in all four dialects; pure syntax, knows no locks.
 *
 *      From bob@example.org Mon Nov 30 10:00:00 2026     from: the separator line
 *      Subject: x                                        header
 *      Status: RO                                        what it was marked with; not part of the message
 *                                                        body
 *      text
 *      >From is quoted                                   end
 *                                                        (an empty line, then the next separator)
 *
 *      mboxo    "From " in a body is quoted, ">From " is not    mboxcl    as mboxo, and Content-Length says where it ends
 *      mboxrd   each ">…>From " gets one ">" more               mboxcl2   Content-Length, and nothing is quoted
 *
 * A Content-Length counts only where a separator, or the end, follows it. Which dialect it is, is told by
 * what is in the file: only in mboxcl2 does a body have lines like separators, and then nothing of it is
 * unquoted. A message is known by a name, a hash of all of it but its marks, so that it keeps it when marks
 * change, and a number where several are the same. Any thread.
 */
#ifndef TERN_MAILDIR_MBOX_SCAN_H
#define TERN_MAILDIR_MBOX_SCAN_H

#include "maildir/name.h"

/* Bytes at an offset: how many were read, 0 at the end, -1 and errno. */
typedef gssize (*MboxRead)(void *data, int64_t offset, char *buffer, gsize size);

typedef struct {
    char *name;
    char *sender;                    /* of the separator line */
    int64_t from, header, body, end; /* offsets */
    int64_t next;                    /* of the next separator line, or the file's end */
    int64_t date_s;                  /* of the separator line; 0: unreadable */
    uint32_t flags;                  /* MaildirFlag: Status, X-Status */
    char **keywords;                 /* X-Keywords, NULL-terminated; NULL: none */
    int64_t marks, marks_end;        /* the lines that mark it, from the first to the last; 0: it has none */
    guint32 check;                   /* mbox_check() of the separator line and of that stretch */
    gboolean is_hidden;              /* a mail program's own bookkeeping, no message */
} MboxMessage;

typedef struct {
    GPtrArray *messages;  /* MboxMessage *, in the file's order */
    gboolean is_unquoted; /* mboxcl2 */
    gboolean has_lengths; /* mboxcl or mboxcl2 */
    gboolean is_mbox;     /* FALSE: it begins with something else */
    gboolean
        is_doubtful; /* a length says that one goes on behind the end, or the end cuts the header that says it
                             or its last line: what is appended may make another of it */
} MboxIndex;

/* NULL and errno: it could not be read. `size`: how much of it is there. */
MboxIndex *mbox_scan(MboxRead read, void *data, int64_t size);
/* The index of a file, not a doubtful one, that has only grown since, to `size`: its last message is read
 * again, and what stands behind it. FALSE: that one is not what it was, or cannot be read; then the index is
 * good for nothing. */
gboolean mbox_scan_more(MboxIndex *index, MboxRead read, void *data, int64_t size);
void mbox_index_free(MboxIndex *index);
/* One message more at its end: what is in it is the index's then. */
void mbox_index_add(MboxIndex *index, MboxMessage *message);
MboxIndex *mbox_index_new(void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MboxIndex, mbox_index_free)

#define MBOX_CHECK_START 2166136261u
/* FNV-1a, gone on with. */
guint32 mbox_check(guint32 check, const char *bytes, gsize size);

/* Whether a header field (a whole line) is one of the marks. */
gboolean mbox_is_mark(const char *line, gsize size);
/* The lines that mark a message, to be freed; "" for none. */
char *mbox_marks(uint32_t flags, char *const *keywords);
/* A separator line, with its newline, to be freed. */
char *mbox_from_line(const char *sender, int64_t date_s);
/* Of a body's line as it stands in the file: how many of its first bytes are only quoting. */
gsize mbox_quoted(const MboxIndex *index, const char *line, gsize size);
/* Whether a body's line has to be quoted by one ">" (mboxrd). */
gboolean mbox_needs_quote(const char *line, gsize size);

#endif
