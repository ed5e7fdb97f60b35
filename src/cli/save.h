/*
 * save.h - parts of a message as files: safe names, never over a file that is there, never executable.
 */
#ifndef TERN_CLI_SAVE_H
#define TERN_CLI_SAVE_H

#include "render/render.h"

/* Writes the part into the folder, under its own name made safe, or "NAME (2)" where that is taken. The path,
 * to be freed; NULL and STORE. */
char *cli_save_part(const MimeMessage *message, const MimePart *part, const char *folder, GError **error);

#endif
