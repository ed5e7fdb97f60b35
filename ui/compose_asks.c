/* compose_asks.c - what a message asks for besides being delivered: notices, a receipt, encryption. */
#include "base/i18n.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

static const struct {
    DraftAsks asks;
    const char *name;  /* as it is typed */
    const char *words; /* as it stands in the header */
    const char *help;
} ASKS[] = {
    {DRAFT_ASKS_DELIVERY, "delivery", N_("notices of delivery"),
     N_("the mail servers tell what became of it")},
    {DRAFT_ASKS_RECEIPT, "receipt", N_("a receipt"), N_("the reader tells that it was read")},
    {DRAFT_ASKS_TLS, "encryption", N_("encryption all the way"),
     N_("it goes only where every server promises it")},
};

char *compose_asks_text(const Draft *draft)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(ASKS); i++)
        if (draft->asks & ASKS[i].asks)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", _(ASKS[i].words));
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static void toggle(ViewCompose *compose, guint n)
{
    compose->draft->asks ^= ASKS[n].asks;
    compose_changed(compose);
    ui_news(compose->view.ui,
            compose->draft->asks & ASKS[n].asks ? _("It asks for %s.") : _("It no longer asks for %s."),
            _(ASKS[n].words));
}

static void chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    ViewCompose *compose = compose_top(ui);

    if (compose)
        toggle(compose, (guint)item->value);
}

void compose_ask_for(ViewCompose *compose, const char *name)
{
    Ui *ui = compose->view.ui;
    GPtrArray *items;

    for (guint i = 0; name && i < G_N_ELEMENTS(ASKS); i++) {
        if (!g_str_equal(name, ASKS[i].name))
            continue;
        toggle(compose, i);
        return;
    }
    if (name) {
        ui_error(ui, _("that cannot be asked for; delivery, receipt and encryption can"));
        return;
    }
    items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    for (guint i = 0; i < G_N_ELEMENTS(ASKS); i++)
        g_ptr_array_add(items,
                        picker_item_new(ASKS[i].name, _(ASKS[i].help),
                                        compose->draft->asks & ASKS[i].asks ? _("asked for") : NULL, i));
    picker_open(ui, &(PickerWants){.label = _("Ask for: "), .items = items, .chosen = chosen});
}
