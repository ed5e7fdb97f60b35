/* mail_tag.c - tags: the keywords of messages, given and taken by name. */
#include "ui/mail_private.h"

#include "base/i18n.h"
#include "base/text.h"
#include "ui/format.h"
#include "ui/history.h"
#include "ui/prompt.h"

#include <string.h>

#define TAG_MAX_BYTES 64
/* Of a word that cannot be one so much is said. */
#define TOLD_COLUMNS 20

/* An IMAP keyword is an atom (RFC 3501 section 9); a backslash would make it a flag of the server's. */
static gboolean is_tag(const char *word)
{
    for (const char *p = word; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("(){%*\"\\]", *p))
            return FALSE;
    return *word && strlen(word) <= TAG_MAX_BYTES;
}

/* Parts "work -todo" into what is given and what is taken. FALSE: a word cannot be a tag, which was told. */
static gboolean parse(Ui *ui, const char *text, gboolean is_taken, GPtrArray *tags, GPtrArray *untags)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,\t", -1);

    for (char **word = words; *word; word++) {
        gboolean is_minus = (*word)[0] == '-', is_plus = (*word)[0] == '+';
        const char *tag = *word + (is_minus || is_plus);
        if (!**word)
            continue;
        if (!is_tag(tag)) {
            g_autofree char *shortened = text_ellipsize(tag, TOLD_COLUMNS, FALSE);
            g_autofree char *sentence =
                g_strdup_printf(_("“%s” cannot be a tag; one is a plain word"), shortened);
            ui_error(ui, sentence);
            return FALSE;
        }
        g_ptr_array_add(is_minus || is_taken ? untags : tags, g_strdup(tag));
    }
    return TRUE;
}

static char **to_strv(GPtrArray *words)
{
    if (!words->len)
        return NULL;
    g_ptr_array_add(words, NULL);
    return g_strdupv((char **)words->pdata);
}

static void change_tags(MailTask *task, const char *text, gboolean is_taken)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free),
                         untags = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *n = format_count(task->n);

    if (!parse(task->ui, text, is_taken, tags, untags) || !(tags->len + untags->len))
        return;
    g_auto(GStrv) given = to_strv(tags), taken = to_strv(untags);
    mail_submit(task,
                &(MailJob){.verb = MAIL_TAGS,
                           .kind = given ? STORE_CHANGE_TAG : STORE_CHANGE_UNTAG,
                           .name = g_strjoinv(" ", given ? given : taken),
                           .tags = g_strdupv(given),
                           .untags = g_strdupv(taken)},
                (OverlayEffect){.tags = g_strdupv(given), .untags = g_strdupv(taken)},
                given
                    ? g_strdup_printf(ngettext_("Tagged %s message", "Tagged %s messages", task->n), n)
                    : g_strdup_printf(ngettext_("Untagged %s message", "Untagged %s messages", task->n), n));
}

static void asked(G_GNUC_UNUSED Ui *ui, void *data, const char *text)
{
    if (text)
        change_tags(data, text, FALSE);
}

/* The last word, from the tags that were given before. */
static GPtrArray *complete(Ui *ui, G_GNUC_UNUSED void *data, const char *line, gsize *shown_from_out)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const GPtrArray *lines = history_lines(ui_history(ui), "tag");
    const char *last = strrchr(line, ' ');
    gsize from = last ? (gsize)(last + 1 - line) : 0;
    from += line[from] == '-' || line[from] == '+';
    g_autofree char *head = g_strndup(line, from);

    *shown_from_out = from;
    for (guint i = lines->len; i-- > 0;) {
        g_auto(GStrv) words = g_strsplit_set(lines->pdata[i], " ,", -1);
        for (char **word = words; *word; word++) {
            const char *tag = *word + ((*word)[0] == '-' || (*word)[0] == '+');
            if (*tag && g_str_has_prefix(tag, line + from) && g_hash_table_add(seen, g_strdup(tag)))
                g_ptr_array_add(found, g_strconcat(head, tag, NULL));
        }
    }
    return found;
}

void mail_tag(MailTask **given, const char *argument)
{
    if (argument) {
        change_tags(*given, argument, FALSE);
        return;
    }
    MailTask *task = g_steal_pointer(given);
    prompt_open(task->ui, &(PromptWants){.label = _("Tags: "),
                                         .history = "tag",
                                         .complete = complete,
                                         .done = asked,
                                         .data = task,
                                         .free_data = mail_task_free});
}

void mail_untag(MailTask **given, const char *argument)
{
    change_tags(*given, argument, TRUE);
}
