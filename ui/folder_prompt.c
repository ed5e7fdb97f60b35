/* folder_prompt.c - a folder is asked for: found by a few letters, those that were chosen lately first. */
#include "base/i18n.h"
#include "store/read.h"
#include "ui/history.h"
#include "ui/prompt.h"
#include "ui/ui.h"

#include <string.h>

/* What a folder that was chosen a moment ago is worth beside one whose letters fit as well; less, the longer
 * it is ago. */
#define RECENT_BONUS 150
#define RECENT_STEP 10
/* An account's name fits all of its folders; the Inbox is meant. */
#define INBOX_BONUS 30

typedef struct {
    FolderWants wants;
    char *history;
} Asked;

static void asked_free(void *data)
{
    Asked *asked = data;

    if (asked->wants.free_data)
        asked->wants.free_data(asked->wants.data);
    g_free(asked->history);
    g_free(asked);
}

/* In the history a folder is "account/name". */
static void remember(Ui *ui, const Asked *asked, gint64 folder_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(ui_reader(ui), folder_id, &error);

    ui_read_failed(ui, &error);
    if (!folder)
        return;
    g_autofree char *whole = g_strdup_printf("%s/%s", folder->account, folder->name);
    history_add(ui_history(ui), asked->history, whole);
}

static void chosen(Ui *ui, void *data, const PickerItem *item)
{
    Asked *asked = data;

    if (asked->history && item->value)
        remember(ui, asked, item->value);
    asked->wants.chosen(ui, asked->wants.data, item->value);
}

static void unknown(Ui *ui, void *data, const char *text)
{
    Asked *asked = data;

    asked->wants.unknown(ui, asked->wants.data, text);
}

static PickerItem *item_for(Ui *ui, const Asked *asked, const StoreFolder *folder)
{
    const char *own = asked->wants.account;
    g_autofree char *name = !own ? ui_folder_name(ui, folder)
                            : g_str_equal(own, folder->account)
                                ? g_strdup(folder->name)
                                : g_strconcat(folder->account, "/", folder->name, NULL);
    int unread = store_folder_unread(folder);
    g_autofree char *right = unread > 0 ? g_strdup_printf(_("%d unread"), unread) : NULL;

    return picker_item_new(name, NULL, right, folder->id);
}

/* What it is worth that a folder was chosen lately, by "account/name"; and the names without the account, so
 * that of thousands of folders only few have to be looked up by both. */
typedef struct {
    GHashTable *worth, *names;
} Recent;

/* Borrows the history's lines. */
static Recent recent_new(Ui *ui, const Asked *asked)
{
    const Recent recent = {g_hash_table_new(g_str_hash, g_str_equal),
                           g_hash_table_new(g_str_hash, g_str_equal)};
    const GPtrArray *lines = asked->history ? history_lines(ui_history(ui), asked->history) : NULL;

    for (guint i = 0; lines && i < lines->len; i++) { /* the newest is the last */
        const int age = (int)(lines->len - 1 - i);
        const char *slash = strchr(lines->pdata[i], '/');
        g_hash_table_insert(recent.worth, lines->pdata[i],
                            GINT_TO_POINTER(MAX(RECENT_BONUS - age * RECENT_STEP, 1)));
        if (slash)
            g_hash_table_add(recent.names, (char *)slash + 1);
    }
    return recent;
}

static void recent_free(const Recent *recent)
{
    g_hash_table_unref(recent->worth);
    g_hash_table_unref(recent->names);
}

static int bonus_of(const Recent *recent, const StoreFolder *folder)
{
    const int bonus = folder->role == STORE_ROLE_INBOX ? INBOX_BONUS : 0;

    if (!g_hash_table_contains(recent->names, folder->name))
        return bonus;
    g_autofree char *whole = g_strconcat(folder->account, "/", folder->name, NULL);
    return bonus + GPOINTER_TO_INT(g_hash_table_lookup(recent->worth, whole));
}

static void add_item(GPtrArray *items, PickerItem *item, int bonus)
{
    item->bonus = bonus;
    g_ptr_array_add(items, item);
}

/* Those of the account (NULL: of all), or those of the others. */
static void add_items(Ui *ui, const Asked *asked, GPtrArray *items, const GPtrArray *folders,
                      const Recent *recent, gboolean of_others)
{
    const FolderWants *wants = &asked->wants;

    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        const gboolean is_other = wants->account && !g_str_equal(folder->account, wants->account);
        if (is_other == of_others && (folder->selectable || wants->with_unselectable) &&
            (wants->with_unconfigured || ui_has_account(ui, folder->account)) && folder->id != wants->except)
            add_item(items, item_for(ui, asked, folder), bonus_of(recent, folder));
    }
}

void folder_prompt_open(Ui *ui, const FolderWants *wants)
{
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = ui_read_folders(ui, &error);
    Asked *asked = g_new0(Asked, 1);

    asked->wants = *wants;
    asked->history = g_strdup(wants->history);
    const Recent recent = recent_new(ui, asked);
    if (wants->none)
        g_ptr_array_add(items, picker_item_new(wants->none, NULL, NULL, 0));
    add_items(ui, asked, items, folders, &recent, FALSE);
    if (wants->with_others)
        add_items(ui, asked, items, folders, &recent, TRUE);
    recent_free(&recent);
    if (error)
        ui_error(ui, error->message);
    asked->wants.account = NULL; /* borrowed for this call only */
    picker_open(ui, &(PickerWants){.label = wants->label,
                                   .items = items,
                                   .chosen = chosen,
                                   .unknown = wants->unknown ? unknown : NULL,
                                   .data = asked,
                                   .free_data = asked_free});
}
