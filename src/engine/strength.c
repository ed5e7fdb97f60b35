/* strength.c - see strength.h. */
#include "engine/strength.h"
#include "store/writer.h"

typedef struct {
    const char *account;
    char *name;
    int number;
} Job;

static char *name_of(const ConfigServer *server)
{
    return g_strdup_printf("%s:%u", server->host, server->port);
}

/* In the same table: a server has a row for its strength and one for its kind of binding. */
static char *binding_name_of(const ConfigServer *server)
{
    return g_strdup_printf("%s:%u binding", server->host, server->port);
}

static int remembered_binding(StoreReader *reader, const ConfigAccount *account, const ConfigServer *of)
{
    g_autofree char *name = binding_name_of(of);
    int kind = 0;

    store_read_login(reader, account->id, name, &kind, NULL);
    return kind;
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
    auth_expect_binding(server->host, remembered_binding(reader, account, server));
    return account->weaker_login ? AUTH_UNKNOWN : remembered(reader, account, server);
}

static gboolean write_login(StoreTxn *txn, void *data, GError **error)
{
    const Job *job = data;

    return store_txn_set_login(txn, job->account, job->name, job->number, error);
}

static void write_number(Store *store, const ConfigAccount *account, char *name, int number)
{
    Job job = {account->id, name, number};

    store_run(store, STORE_LANE_BULK, FALSE, write_login, &job, NULL);
}

void strength_remember(StoreReader *reader, Store *store, const ConfigAccount *account,
                       const ConfigServer *of, AuthStrength offered)
{
    g_autofree char *server = name_of(of), *binding = binding_name_of(of);
    const int kind = auth_binding(of->host);

    if (offered != AUTH_UNKNOWN && offered != remembered(reader, account, of))
        write_number(store, account, server, (int)offered);
    if (kind && kind != remembered_binding(reader, account, of))
        write_number(store, account, binding, kind);
}
