/*
 * check.h - trying an account: connecting, TLS, logging in, where its mail comes from and where it goes out;
 * for `account check` and `doctor`.
 */
#ifndef TERN_CLI_CHECK_H
#define TERN_CLI_CHECK_H

#include "cli/session.h"

/* Waits for the engine's answer. FALSE and what it says (CANCELLED after a signal). */
gboolean cli_check_account(CliSession *session, const ConfigAccount *account, GError **error);
/* The same of `outgoing`, if the account has one (TRUE: it has none). Sends nothing. */
gboolean cli_check_sending(CliSession *session, const ConfigAccount *account, GError **error);
/* Where mail goes out, for people: "smtp.example.org", a command; borrowed. NULL: nowhere. */
const char *cli_way_out(const ConfigAccount *account);

#endif
