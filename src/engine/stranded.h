/*
 * stranded.h - mail of an account on this disk that no list shows; private to the engine.
 *
 *      incoming = pop3s://…     data/mail/ACCOUNT holds its mail, and is its folders
 *      incoming = imaps://…     the folders are the server's; what came by POP3 is still in data/mail/ACCOUNT
 *
 * Under one account name `incoming` may become another kind (another mailbox of the same kind: mailbox.h). What
 * lives only here stays where it is, and has to be told of, with what brings it back: a second account that reads it.
 */
#ifndef TERN_ENGINE_STRANDED_H
#define TERN_ENGINE_STRANDED_H

#include "base/paths.h"
#include "config/config.h"

/* A sentence for people, to be freed; NULL: there is none, or an account of the configuration shows it. Reads
 * the account's folders where there are any; what of them cannot be read is not counted. Any thread that may
 * wait for the disk. */
char *stranded_notice(const Config *config, const ConfigAccount *account, const Paths *paths);

#endif
