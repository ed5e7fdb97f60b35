/*
 * folder_marks.h - which folders the screen folds and which it hides; it lasts over runs, in `data/folders`.
 *
 * A folder is named by "account/path". The file is a log of lines (`+folded work/Projects`), so that several
 * terns and commands may write to it; each has its own picture of it, as of its start, and what is hidden as
 * of the last look. One thread at a time (of the screen its ui thread): the file is small and never waited
 * for.
 */
#ifndef TERN_STORE_FOLDER_MARKS_H
#define TERN_STORE_FOLDER_MARKS_H

#include <glib.h>

typedef enum { FOLDER_FOLDED, FOLDER_HIDDEN, FOLDER_MARKS } FolderMark;

typedef struct FolderMarks FolderMarks;

/* `data`: the folder of the profile (paths.h). */
FolderMarks *folder_marks_new(const char *data);
void folder_marks_free(FolderMarks *marks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FolderMarks, folder_marks_free)

gboolean folder_marks_has(const FolderMarks *marks, FolderMark mark, const char *folder);
/* TRUE: it was different before. It holds for this run also where it could not be written. */
gboolean folder_marks_set(FolderMarks *marks, FolderMark mark, const char *folder, gboolean is_set);
/* Why the last one that was set will not last: STORE, or INPUT for a name that cannot stand in the file; NULL:
 * it will. */
const GError *folder_marks_problem(const FolderMarks *marks);
/* Takes over what others have hidden and shown since; folds stay as they are here. Cheap where nothing was
 * written. */
void folder_marks_refresh(FolderMarks *marks);
guint folder_marks_count(const FolderMarks *marks, FolderMark mark);
/* A copy for another thread: a set of names, to be unreffed. */
GHashTable *folder_marks_copy(const FolderMarks *marks, FolderMark mark);
/* Whether such a set of hidden ones hides this folder: it, or one of the levels above it, is in it. */
gboolean folder_marks_hides(GHashTable *hidden, const char *account, const char *path);

#endif
