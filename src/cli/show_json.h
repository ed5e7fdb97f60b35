/* show_json.h - a whole message as JSON (CONTRACT.md: show). */
#ifndef TERN_CLI_SHOW_JSON_H
#define TERN_CLI_SHOW_JSON_H

#include "cli/opened.h"

void cli_show_json(const CliOpened *opened, const MimeMessage *message);

#endif
