/* stranded.c - see stranded.h. */
#include "engine/stranded.h"

#include "base/i18n.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"

#include <sys/stat.h>

/* Whether an account shows that folder of files, by whatever name. */
static gboolean is_read(const Config *config, const struct stat *root)
{
    const GPtrArray *accounts = config_accounts(config);
    struct stat status;

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigServer *incoming = &((const ConfigAccount *)accounts->pdata[i])->incoming;
        if (incoming->protocol == CONFIG_MAILDIR && stat(incoming->path, &status) == 0 &&
            status.st_dev == root->st_dev && status.st_ino == root->st_ino)
            return TRUE;
    }
    return FALSE;
}

static guint count_in(const char *root, const char *raw_name)
{
    g_autoptr(MaildirFolder) folder = maildir_open(root, raw_name, NULL);
    const GPtrArray *files = folder ? maildir_list(folder, NULL) : NULL;

    return files ? files->len : 0;
}

/* An mbox account has its other folders there itself: only an Inbox is too much. */
static guint count(const ConfigAccount *account, const char *root)
{
    g_autoptr(GPtrArray) names = maildir_folders(root, NULL);
    guint messages = 0;

    if (account->incoming.protocol == CONFIG_MBOX)
        return count_in(root, MAILDIR_INBOX);
    for (guint i = 0; names && i < names->len; i++)
        messages += count_in(root, names->pdata[i]);
    return messages;
}

char *stranded_notice(const Config *config, const ConfigAccount *account, const Paths *paths)
{
    g_autofree char *root = g_build_filename(paths->data, "mail", account->id, NULL);
    struct stat status;

    if (account->incoming.protocol == CONFIG_POP3 || stat(root, &status) != 0 || is_read(config, &status))
        return NULL;
    const guint messages = count(account, root);
    if (!messages)
        return NULL;
    return g_strdup_printf(
        ngettext_("“%s” has %u message on this disk from before that no list shows; a second account with "
                  "incoming = maildir:%s shows it",
                  "“%s” has %u messages on this disk from before that no list shows; a second account with "
                  "incoming = maildir:%s shows them",
                  messages),
        account->id, messages, root);
}
