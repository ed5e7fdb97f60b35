/* play_refused.c - see play_refused.h. */
#include "engine/play_refused.h"

#include "base/i18n.h"
#include "store/label.h"

struct PlayRefused {
    StoreVerb verb;
    char *place; /* the folder that it was about, or the tag; "" */
    char *subject, *why;
    int messages;
};

/* What was to be done: with the subject of one message, or with the number of several, and with `place` where
 * they name one. About folders `one` alone counts. */
static const struct {
    const char *one, *many;
} WORDS[] = {
    [STORE_VERB_FLAGS] = {N_("the change of “%s”"), N_("the change of %d messages")},
    [STORE_VERB_KEYWORD] = {N_("the change of “%s” (tag %s)"), N_("the change of %d messages (tag %s)")},
    [STORE_VERB_MOVE] = {N_("the move of “%s” to %s"), N_("the move of %d messages to %s")},
    [STORE_VERB_COPY] = {N_("the copy of “%s” in %s"), N_("the copies of %d messages in %s")},
    [STORE_VERB_EXPUNGE] = {N_("the deletion of “%s”"), N_("the deletion of %d messages")},
    [STORE_VERB_CREATE] = {N_("the new folder %s"), NULL},
    [STORE_VERB_RENAME] = {N_("the new name %s of a folder"), NULL},
    [STORE_VERB_DELETE] = {N_("the deletion of the folder %s"), NULL},
    [STORE_VERB_SUBSCRIBE] = {N_("the subscription of the folder %s"), NULL},
    [STORE_VERB_APPEND] = {N_("the import of “%s” into %s"), N_("the import of %d messages into %s")},
    [STORE_VERB_FETCH] = {N_("the move of “%s”"), N_("the move of %d messages")},
};

static void refused_free(void *data)
{
    PlayRefused *refused = data;

    g_free(refused->place);
    g_free(refused->subject);
    g_free(refused->why);
    g_free(refused);
}

GPtrArray *play_refused_new(void)
{
    return g_ptr_array_new_with_free_func(refused_free);
}

static const char *place_of(const StoreEntry *entry)
{
    const gboolean is_named = entry->verb == STORE_VERB_KEYWORD || entry->verb == STORE_VERB_RENAME;
    const char *place = is_named ? entry->name : entry->folder_name;

    if (place && entry->verb == STORE_VERB_KEYWORD)
        place = label_shown(place);
    return place ? place : "";
}

static char *subject_of(StoreReader *reader, int64_t id)
{
    g_autoptr(StoreMessage) message = id ? store_read_message(reader, id, NULL) : NULL;

    return g_strdup(message && message->subject && *message->subject ? message->subject : _("(no subject)"));
}

void play_refused_note(GPtrArray *all, StoreReader *reader, const StoreEntry *entry, const char *why)
{
    const char *place = place_of(entry);

    for (guint i = 0; entry->message && i < all->len; i++) {
        PlayRefused *refused = all->pdata[i];
        if (refused->verb != entry->verb || !g_str_equal(refused->place, place) ||
            !g_str_equal(refused->why, why))
            continue;
        refused->messages++;
        return;
    }
    PlayRefused *refused = g_new0(PlayRefused, 1);
    *refused = (PlayRefused){.verb = entry->verb,
                             .place = g_strdup(place),
                             .subject = entry->message ? subject_of(reader, entry->message) : NULL,
                             .why = g_strdup(why),
                             .messages = entry->message ? 1 : 0};
    g_ptr_array_add(all, refused);
}

/* The formats are those of WORDS, or a translation that has the same conversions. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *change_of(const PlayRefused *refused)
{
    const char *one = _(WORDS[refused->verb].one);

    if (!refused->messages)
        return g_strdup_printf(one, refused->place);
    if (refused->messages > 1)
        return g_strdup_printf(
            ngettext_(WORDS[refused->verb].many, WORDS[refused->verb].many, refused->messages),
            refused->messages, refused->place);
    return g_strdup_printf(one, refused->subject, refused->place);
}
#pragma GCC diagnostic pop

char *play_refused_sentence(const PlayRefused *refused)
{
    g_autofree char *change = change_of(refused);

    return g_strdup_printf(_("%s was taken back, since the server refused it: %s"), change, refused->why);
}
