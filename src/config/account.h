/*
 * account.h - one [account …] section: from its lines to a checked ConfigAccount.
 */
#ifndef TERN_CONFIG_ACCOUNT_H
#define TERN_CONFIG_ACCOUNT_H

#include "config/ini.h"

/* What is right in the section; the rest is told. `mode`: the file's, 0: unknown. NULL when the account's
 * name cannot be used (told). */
ConfigAccount *config_account_parse(const IniSection *section, const char *id, unsigned mode,
                                    ConfigProblems *problems);
void config_account_free(ConfigAccount *account);

/* Tells a key that nobody knows: "what" it belongs to ("an account"), and the nearest of `options`. */
void config_unknown_key(const IniEntry *entry, const char *what, const ConfigOption *options,
                        ConfigProblems *problems);

#endif
