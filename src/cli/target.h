/*
 * target.h - what the words on a command line name: folders, accounts, messages.
 *
 * A folder is [ACCOUNT/]FOLDER: the first component names an account only if one is called so; without it the
 * first account. INBOX in any case.
 */
#ifndef TERN_CLI_TARGET_H
#define TERN_CLI_TARGET_H

#include "cli/session.h"

/* FALSE and CONFIG: no account is configured. */
gboolean cli_target_any(const CliContext *context, GError **error);

/* Parts the word; nothing is looked up. *account_out is the Config's, *folder_out (NULL: only an account is
 * named) is to be freed. FALSE and CONFIG: there is no account at all. */
gboolean cli_target_parse(const CliContext *context, const char *word, const ConfigAccount **account_out,
                          char **folder_out, GError **error);

/* The folder in the store (`word` NULL: the first account's Inbox). NULL and INPUT: there is none, with the
 * nearest. */
StoreFolder *cli_target_folder(CliSession *session, const char *word, GError **error);

/* The same, but a word that names no account means a folder of that one (NULL: of the first). */
StoreFolder *cli_target_folder_of(CliSession *session, const char *account, const char *word, GError **error);

/* A message's id as it is written; nothing is looked up. FALSE and INPUT. */
gboolean cli_target_id(const char *word, int64_t *id_out, GError **error);

/* The message with that id. NULL and INPUT. */
StoreMessage *cli_target_message(CliSession *session, const char *word, GError **error);

#endif
