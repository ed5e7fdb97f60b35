/*
 * folder_marks.h - which folders are folded and which are hidden; it lasts over runs, in `data/folders`.
 *
 * A folder is named by "account/path". The file is a log of lines (`+folded work/Projects`), so that several
 * terns may write to it; each has its own picture of it, as of its start. Ui thread; the file is small and
 * never waited for.
 */
#ifndef TERN_UI_FOLDER_MARKS_H
#define TERN_UI_FOLDER_MARKS_H

#include <glib.h>

typedef enum { FOLDER_FOLDED, FOLDER_HIDDEN, FOLDER_MARKS } FolderMark;

typedef struct FolderMarks FolderMarks;

/* `data`: the folder of the profile (paths.h). */
FolderMarks *folder_marks_new(const char *data);
void folder_marks_free(FolderMarks *marks);

gboolean folder_marks_has(const FolderMarks *marks, FolderMark mark, const char *folder);
/* TRUE: it was different before. */
gboolean folder_marks_set(FolderMarks *marks, FolderMark mark, const char *folder, gboolean is_set);
guint folder_marks_count(const FolderMarks *marks, FolderMark mark);
/* A copy for another thread: a set of names, to be unreffed. */
GHashTable *folder_marks_copy(const FolderMarks *marks, FolderMark mark);

#endif
