/* keep.h - the value of keep-offline. Private to src/config/. */
#ifndef TERN_CONFIG_KEEP_H
#define TERN_CONFIG_KEEP_H

#include "config/config.h"

/* As a ValueType (value.c) has them; the field is a ConfigKeeping. */
gboolean keep_parse(const ConfigOption *option, const char *text, void *field, char **why_out);
char *keep_format(const void *field);
void keep_clear(void *field);

#endif
