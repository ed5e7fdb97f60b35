/* vcard_private.h - lines and properties of vCards, for reading (vcard.c) and writing (vcard_write.c). */
#ifndef TERN_COMPOSE_VCARD_PRIVATE_H
#define TERN_COMPOSE_VCARD_PRIVATE_H

#include "compose/vcard.h"

/* A property: "item1.EMAIL;TYPE=work;PREF=1:zoe@example.com". Places in `text`, its line unfolded. */
typedef struct {
    char *text;
    const char *name, *parameters, *value; /* of its text; parameters may be "" */
    gsize name_bytes, parameters_bytes;
    const char *begin, *end; /* in the file: with line ends, and with those that follow and belong to it */
} VCardLine;

/* The next line from *cursor on, which moves on; its text is to be freed. FALSE at the end. A line that is no
 * property has value NULL; one that is too long to be one (LIMIT_VCARD_LINE_BYTES, a photograph) too. */
gboolean vcard_line_next(const char **cursor, const char *end, VCardLine *line_out);
void vcard_line_clear(VCardLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VCardLine, vcard_line_clear)

/* Whether the property is that, in any case, whatever group ("item1.") it is in. */
gboolean vcard_line_is(const VCardLine *line, const char *name);
/* Whether it is "BEGIN:VCARD" or, with the word END, what ends one. */
gboolean vcard_line_frames(const VCardLine *line, const char *word);
/* A parameter's value, to be freed, "" for one that stands there without ("PREF" of 2.1); NULL: it is not
 * there. Of TYPE all are joined by ','. */
char *vcard_line_parameter(const VCardLine *line, const char *name);
/* The value as text (charset, quoted-printable, escapes), white space at its ends gone; to be freed. */
char *vcard_line_text(const VCardLine *line);
/* One component of a value like N's, by its number; to be freed. */
char *vcard_line_component(const VCardLine *line, guint n);

#endif
