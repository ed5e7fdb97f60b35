/*
 * value.h - from the text of a value to what it means, by its type. Pure; any thread.
 */
#ifndef TERN_CONFIG_VALUE_H
#define TERN_CONFIG_VALUE_H

#include "config/config.h"

/* Reads `text` (as it stands in the file, escapes and all) into *field, which must be of the type's own kind:
 *
 *      STRING CHOICE PATH SECRET ADDRESS PIN   char *, newly allocated
 *      INT                                     int
 *      BOOL                                    gboolean
 *      LIST                                    char **
 *      SIZE DURATION                           int64_t
 *      INCOMING OUTGOING                       ConfigServer
 *      PROXY                                   ConfigProxy
 *      KEEP, SERVER_KEEP                       ConfigKeeping, ConfigServerKeep
 *
 * What was in the field before is freed. `field` NULL: only checked. FALSE and what is wrong and what would
 * be right (newly allocated; a secret is never quoted): the field is as it was. */
gboolean config_value_parse(const ConfigOption *option, const char *text, void *field, char **why_out);

/* The field as text, without the escapes that a file needs (but for those of a list), to be freed; NULL: not
 * set. Secrets come out as stars. */
char *config_value_format(const ConfigOption *option, const void *field);

/* Frees what the field holds. */
void config_value_clear(const ConfigOption *option, void *field);

#endif
