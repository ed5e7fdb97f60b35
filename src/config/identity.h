/*
 * identity.h - one [identity …] section: from its lines to a checked ConfigIdentity.
 */
#ifndef TERN_CONFIG_IDENTITY_H
#define TERN_CONFIG_IDENTITY_H

#include "config/ini.h"

/* What is right in the section; the rest is told. NULL when there is nothing to be used (told). */
ConfigIdentity *config_identity_parse(const IniSection *section, const char *id, ConfigProblems *problems);
void config_identity_free(ConfigIdentity *identity);

/* Once all sections are read: gives it its account. FALSE: there is none of that name (told). */
gboolean config_identity_find_account(ConfigIdentity *identity, const GPtrArray *accounts,
                                      ConfigProblems *problems);

#endif
