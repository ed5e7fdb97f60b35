/* private.h - what the files that work on an open folder share (maildir.h). */
#ifndef TERN_MAILDIR_PRIVATE_H
#define TERN_MAILDIR_PRIVATE_H

#include "maildir/keywords.h"
#include "maildir/maildir.h"

typedef enum { PLACE_NEW, PLACE_CUR, PLACES } Place;

struct MaildirFolder {
    char *path;
    int fds[PLACES];
    gboolean is_dirty[PLACES]; /* names in it have changed since the last flush */
    Keywords *keywords;        /* NULL: not read yet */
    GStringChunk *names;
    GHashTable *index;      /* base -> MaildirFile *: what was met, or all of it; NULL: nothing yet */
    int64_t read_us;        /* when all of it was read into the index; 0: not */
    gboolean is_read_twice; /* what the index does not have is gone */
    GPtrArray *files;       /* of them, sorted; NULL: not sorted */
};

/* FALSE and STORE from errno: "cannot WHAT PATH/NAME". */
gboolean maildir_fail(const MaildirFolder *folder, const char *format, GError **error);
/* The file's name becomes that, in cur/ or new/; 1, 0 when it is not there any more, -1. */
int maildir_rename_file(MaildirFolder *folder, MaildirFile *file, Place place, const char *name,
                        GError **error);
/* What is known of a file, kept in the folder's memory. */
MaildirFile *maildir_remember(MaildirFolder *folder, Place place, const char *name);
/* It is read anew when it is asked for. */
void maildir_forget_index(MaildirFolder *folder);
/* NULL and STORE. */
Keywords *maildir_open_keywords(MaildirFolder *folder, GError **error);

static inline Place maildir_place(const MaildirFile *file)
{
    return file->is_new ? PLACE_NEW : PLACE_CUR;
}

#endif
