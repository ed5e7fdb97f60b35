/*
 * roles.h - what an account's folders are for: sent mail, drafts, trash …; private to the engine.
 *
 *    SPECIAL-USE of the server (RFC 6154)   before   `trash = …` of the configuration   before   a known name
 *
 * So all devices agree where the server says; a person's word comes before a guess. Each role is held by one
 * folder of the account at most, and by one of its own, not another user's, unless the configuration names
 * that. Any thread; no I/O.
 */
#ifndef TERN_ENGINE_ROLES_H
#define TERN_ENGINE_ROLES_H

#include "config/config.h"
#include "imap/folder.h"
#include "store/types.h"

/* The role that a folder's name says in one of many languages (role_names.def), of sent, drafts, trash, junk
 * and archive: "Gesendet". *rank_out: the lower, the rather. IMAP_ROLE_NONE: none. `name`: one level, as
 * shown. */
ImapRole role_of_name(const char *name, guint *rank_out);

/* What the configuration says is the folder for a role, or NULL. The account's. */
const char *role_configured(const ConfigAccount *account, ImapRole role);

/* The same role in the store's words. */
StoreRole role_in_store(ImapRole role);

/* Makes the roles of `folders` (ImapFolder *, with those that the server told, which stay in told_role) what
 * they are for this account. Where the configuration names a folder that is not there, nobody has the role: it is made when it
 * is needed. */
void roles_assign(const GPtrArray *folders, const ConfigAccount *account);

#endif
