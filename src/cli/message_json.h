/*
 * message_json.h - a stored message as `list` and `show` print it.
 */
#ifndef TERN_CLI_MESSAGE_JSON_H
#define TERN_CLI_MESSAGE_JSON_H

#include "cli/json.h"
#include "store/types.h"

/* The members that both have, into the open object. */
void cli_json_message(CliJson *json, const StoreMessage *message);

/* When it was sent, else when it arrived. */
int64_t cli_message_date(const StoreMessage *message, int *offset_min_out);

/* Five letters for people: N (new) F (flagged) r (answered) D (draft) d (deleted), '-' where not. */
void cli_message_marks(uint32_t flags, char marks_out[6]);

/* "Name", else the address, of the first; a pointer into it, "" when there is none. */
const char *cli_first_person(const GPtrArray *addresses);

#endif
