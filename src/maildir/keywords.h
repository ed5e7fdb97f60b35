/*
 * keywords.h - the keywords of a folder's messages, in files beside them; private to src/maildir/.
 *
 *      tern-keywords       a line for each message that has some: BASE KEYWORD KEYWORD …
 *      dovecot-keywords    where Dovecot was here: "0 $Forwarded", the letter 'a' in a file's name; read, never written
 *
 * Bytes of a base or keyword that would end a word stand as %XX. The file is replaced as a whole.
 */
#ifndef TERN_MAILDIR_KEYWORDS_H
#define TERN_MAILDIR_KEYWORDS_H

#include <glib.h>
#include <stdint.h>

typedef struct Keywords Keywords;

/* Of the folder at `path`. One that is damaged or too large gives what can be read of it. NULL and STORE. */
Keywords *keywords_read(const char *path, GError **error);
void keywords_free(Keywords *keywords);

/* From the text of both files; what keywords_read() and the fuzzer use. `dovecot` may be NULL. */
Keywords *keywords_parse(const char *text, gsize size, const char *dovecot);
/* As it would be written. */
GString *keywords_format(const Keywords *keywords);

/* Those of a message whose name has these letters, NULL-terminated, to be freed; NULL: none. */
char **keywords_of(const Keywords *keywords, const char *base, uint32_t letters);
/* Adds or removes one: in *letters where it has one, else in the file. */
void keywords_set(Keywords *keywords, const char *base, const char *keyword, gboolean set, uint32_t *letters);
/* The message is gone from here. */
void keywords_forget(Keywords *keywords, const char *base);

/* Writes what has changed, if anything; durable then. */
gboolean keywords_write(Keywords *keywords, GError **error);

#endif
