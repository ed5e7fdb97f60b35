/* strength.c - see strength.h. */
#include "engine/strength.h"
#include "store/writer.h"

typedef struct {
    const char *account;
    char *server;
    AuthStrength strength;
} Job;

static char *name_of(const ConfigServer *server)
{
    return g_strdup_printf("%s:%u", server->host, server->port);
}

static AuthStrength remembered(StoreReader *reader, const ConfigAccount *account, const ConfigServer *of)
{
    g_autofree char *server = name_of(of);
    int strength = AUTH_UNKNOWN;

    store_read_login(reader, account->id, server, &strength, NULL);
    return (AuthStrength)strength;
}

AuthStrength strength_expected(StoreReader *reader, const ConfigAccount *account, const ConfigServer *server)
{
    return account->weaker_login ? AUTH_UNKNOWN : remembered(reader, account, server);
}

static gboolean write_strength(StoreTxn *txn, void *data, GError **error)
{
    const Job *job = data;

    return store_txn_set_login(txn, job->account, job->server, (int)job->strength, error);
}

void strength_remember(StoreReader *reader, Store *store, const ConfigAccount *account,
                       const ConfigServer *of, AuthStrength offered)
{
    if (offered == AUTH_UNKNOWN || offered == remembered(reader, account, of))
        return;
    g_autofree char *server = name_of(of);
    Job job = {account->id, server, offered};
    store_run(store, STORE_LANE_BULK, FALSE, write_strength, &job, NULL);
}
