/*
 * config_beyond.h - mistakes in the configuration that the file alone does not show.
 *
 *      tern.conf ── config/config.h ──> what is wrong in it as it stands: hinders every command
 *          └─────── this ─────────────> files that it names and that are not there, values that only their
 *                                       readers understand (addresses, header fields, command lines)
 *
 * These hinder nothing but what they concern, perhaps only for now (a disk that is not mounted), so only `tern
 * config check` and `tern doctor` look for them. Commands are read by the shell, and not run. Blocks on the disk.
 */
#ifndef TERN_CLI_CONFIG_BEYOND_H
#define TERN_CLI_CONFIG_BEYOND_H

#include "cli/cli.h"

/* cli_problems() and these, by file and line; to be unreffed. */
GPtrArray *cli_problems_beyond(const Config *config);

#endif
