/* i18n.h - strings for people go through _(); N_() marks those in tables. */
#ifndef TERN_BASE_I18N_H
#define TERN_BASE_I18N_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text
#define ngettext_(one, many, n) ngettext((one), (many), (unsigned long)(n))

#endif
