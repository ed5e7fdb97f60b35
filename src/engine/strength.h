/*
 * strength.h - how logins at a server went before: what it offered, so that one that suddenly offers less is
 * noticed (a downgrade by somebody in the middle), and which kind of channel binding it took, so that this is
 * tried first (it costs a round trip or three to be refused, and servers count refusals); private to the
 * engine, on a worker's thread.
 */
#ifndef TERN_ENGINE_STRENGTH_H
#define TERN_ENGINE_STRENGTH_H

#include "auth/auth.h"
#include "store/read.h"

/* The least that a server of the account's has to offer: what it did at the last login; AUTH_UNKNOWN where
 * there was none, and where the account takes less (weaker-login). auth learns the kind of binding. */
AuthStrength strength_expected(StoreReader *reader, const ConfigAccount *account, const ConfigServer *server);
/* What it offered at a login that succeeded, for the next one. A disk that cannot keep it is no reason to
 * fail. */
void strength_remember(StoreReader *reader, Store *store, const ConfigAccount *account,
                       const ConfigServer *of, AuthStrength offered);

#endif
