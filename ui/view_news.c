/* view_news.c - what was told last, in full: on the bottom lines news goes after a moment, and what is long is
 * cut on a small screen. */
#include "ui/views.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "ui/status.h"
#include "ui/ui.h"

View *view_news_new(Ui *ui, const Status *status)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    const GPtrArray *told = status_told(status);
    const gint64 now_s = clock_wall_s();

    for (guint i = told->len; i > 0; i--) {
        const StatusTold *one = told->pdata[i - 1];
        g_autofree char *when = date_short(one->when_s, now_s),
                        *text = sanitise(one->text, -1, SANITISE_LINE);
        g_ptr_array_add(lines, text_line_new(FALSE, when, NULL, text));
    }
    if (!told->len)
        g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, _("Nothing was told yet.")));
    return view_text_new(ui, _("What was told last"), lines);
}
