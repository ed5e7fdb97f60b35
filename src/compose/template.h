/*
 * template.h - messages that are written again and again: files in the folder "templates" beside tern.conf.
 *
 *     Subject: Invoice for {date}        header fields as in an editor (editor.h), then an empty line
 *     Cc: books@example.org
 *
 *     Dear {first-name},                 fields in braces: who it goes to {name} {first-name} {address}, who writes
 *     {cursor}                           {my-name} {my-address}, {date}, {subject}; where one goes on to write
 *
 * What is no such field stays as it is, and so do those of the one it goes to until there is one, and a field whose
 * value has braces of its own: a name may come from anywhere. Blocks on the disk.
 */
#ifndef TERN_COMPOSE_TEMPLATE_H
#define TERN_COMPOSE_TEMPLATE_H

#include "compose/draft.h"

/* The folder of a configuration's templates; to be freed. */
char *template_folder(const char *config_path);
/* Their names, sorted: char *; to be unreffed. Empty where there is no folder. */
GPtrArray *template_list(const char *folder);
/* Puts the template into a new draft, its text before what is there (a signature), and fills in what is
 * known. FALSE and INPUT: there is none of that name, or it cannot be read. */
gboolean template_apply(Draft *draft, const char *folder, const char *name, GError **error);
/* Fills in what has become known since. TRUE: something was. Pure. */
gboolean template_fill(Draft *draft);

/* The field that is still to be filled in, of a draft that began with a template; to be freed; NULL: none.
 * Pure. */
char *template_left(const Draft *draft);

#endif
