/* check.h - trying an account: connecting, TLS, logging in; for `account check` and `doctor`. */
#ifndef TERN_CLI_CHECK_H
#define TERN_CLI_CHECK_H

#include "cli/session.h"

/* Waits for the engine's answer. FALSE and what it says (CANCELLED after a signal). */
gboolean cli_check_account(CliSession *session, const ConfigAccount *account, GError **error);

#endif
