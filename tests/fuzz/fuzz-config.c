/* fuzz-config.c - any bytes as a configuration: every account reads back as it was read, and no mistake holds
 * a control byte. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A URL that tern wrote means the same when it is read again. */
static void check_server(const ConfigAccount *account, const char *name)
{
    for (const ConfigOption *key = config_account_keys(); key->name; key++) {
        g_autofree char *why = NULL,
                        *text = strcmp(key->name, name) == 0 ? config_account_format(account, key) : NULL;
        if (text && !config_option_check(key, text, &why))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Config) config = config_parse((const char *)data, size, "tern.conf", size % 2 ? 0600 : 0644);

    for (guint i = 0; i < config_problems(config)->len; i++) {
        const ConfigProblem *problem = config_problems(config)->pdata[i];
        if (!g_utf8_validate(problem->text, -1, NULL))
            abort();
        for (const char *c = problem->text; *c; c++)
            if ((guchar)*c < 0x20 || *c == 0x7F)
                abort();
    }
    for (guint i = 0; i < config_accounts(config)->len; i++) {
        check_server(config_accounts(config)->pdata[i], "incoming");
        check_server(config_accounts(config)->pdata[i], "outgoing");
    }
    return 0;
}
