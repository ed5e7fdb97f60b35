/* folder_prompt.c - a folder is asked for: found by a few letters, those that were chosen lately first. */
#include "base/i18n.h"
#include "store/read.h"
#include "ui/history.h"
#include "ui/prompt.h"
#include "ui/ui.h"

/* What a folder that was chosen a moment ago is worth beside one whose letters fit as well; less, the longer it is ago. */
#define RECENT_BONUS 150
#define RECENT_STEP 10

typedef struct {
    FolderWants wants;
    char *history;
    GHashTable *names; /* folder id -> "account/name", as the history has it */
} Asked;

static void asked_free(void *data)
{
    Asked *asked = data;

    if (asked->wants.free_data)
        asked->wants.free_data(asked->wants.data);
    g_hash_table_unref(asked->names);
    g_free(asked->history);
    g_free(asked);
}

static void chosen(Ui *ui, void *data, const PickerItem *item)
{
    Asked *asked = data;
    const char *name = g_hash_table_lookup(asked->names, &item->value);

    if (asked->history && name)
        history_add(ui_history(ui), asked->history, name);
    asked->wants.chosen(ui, asked->wants.data, item->value);
}

static void unknown(Ui *ui, void *data, const char *text)
{
    Asked *asked = data;

    asked->wants.unknown(ui, asked->wants.data, text);
}

static PickerItem *item_for(Ui *ui, const Asked *asked, const StoreFolder *folder)
{
    g_autofree char *name = asked->wants.account ? g_strdup(folder->name) : ui_folder_name(ui, folder);
    g_autofree char *whole = g_strdup_printf("%s/%s", folder->account, folder->name);
    int unread = store_folder_unread(folder);
    g_autofree char *right = unread > 0 ? g_strdup_printf(_("%d unread"), unread) : NULL;
    PickerItem *item = picker_item_new(name, NULL, right, folder->id);

    g_hash_table_insert(asked->names, g_memdup2(&folder->id, sizeof folder->id), g_steal_pointer(&whole));
    return item;
}

static void prefer_recent(Ui *ui, const Asked *asked, const GPtrArray *items)
{
    const GPtrArray *lines = history_lines(ui_history(ui), asked->history);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < items->len; i++) {
        PickerItem *item = items->pdata[i];
        char *name = g_hash_table_lookup(asked->names, &item->value);
        if (name)
            g_hash_table_insert(by_name, name, item);
    }
    for (guint age = 0; age < lines->len; age++) {
        PickerItem *item = g_hash_table_lookup(by_name, lines->pdata[lines->len - 1 - age]);
        if (item)
            item->bonus = MAX(RECENT_BONUS - (int)age * RECENT_STEP, 1);
    }
}

void folder_prompt_open(Ui *ui, const FolderWants *wants)
{
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(ui_reader(ui), wants->account, &error);
    Asked *asked = g_new0(Asked, 1);

    asked->wants = *wants;
    asked->history = g_strdup(wants->history);
    asked->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    if (wants->none)
        g_ptr_array_add(items, picker_item_new(wants->none, NULL, NULL, 0));
    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if ((folder->selectable || wants->with_unselectable) && folder->id != wants->except)
            g_ptr_array_add(items, item_for(ui, asked, folder));
    }
    if (asked->history)
        prefer_recent(ui, asked, items);
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
