/* message_json.c - see message_json.h. */
#include "cli/message_json.h"

#include "base/text.h"

#include <string.h>

/* IMAP's five, in the order in which they are printed. */
static const struct {
    uint32_t flag;
    const char *name;
    char mark;
} FLAGS[] = {
    {STORE_SEEN, "seen", 'N'},   {STORE_FLAGGED, "flagged", 'F'}, {STORE_ANSWERED, "answered", 'r'},
    {STORE_DRAFT, "draft", 'D'}, {STORE_DELETED, "deleted", 'd'},
};

static void add_addresses(CliJson *json, const char *name, const GPtrArray *addresses)
{
    cli_json_begin_array(json, name);
    for (guint i = 0; addresses && i < addresses->len; i++) {
        const StoreAddress *address = addresses->pdata[i];
        cli_json_begin(json, NULL);
        cli_json_string(json, "name", address->name ? address->name : "");
        cli_json_string(json, "address", address->address ? address->address : "");
        cli_json_end(json);
    }
    cli_json_end(json);
}

static void add_flags(CliJson *json, const StoreMessage *message)
{
    cli_json_begin_array(json, "flags");
    for (gsize i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        if (message->flags & FLAGS[i].flag)
            cli_json_string(json, NULL, FLAGS[i].name);
    cli_json_end(json);
    cli_json_begin_array(json, "keywords");
    for (char **keyword = message->keywords; keyword && *keyword; keyword++)
        cli_json_string(json, NULL, *keyword);
    cli_json_end(json);
}

int64_t cli_message_date(const StoreMessage *message, int *offset_min_out)
{
    *offset_min_out = message->has_date ? message->date_offset_min : 0;
    return message->has_date ? message->date_s : message->arrival_s;
}

void cli_json_message(CliJson *json, const StoreMessage *message)
{
    int offset_min = 0;
    int64_t date_s = cli_message_date(message, &offset_min);

    cli_json_int(json, "id", message->id);
    cli_json_string(json, "account", message->account);
    cli_json_string(json, "folder", message->folder);
    if (message->uid)
        cli_json_int(json, "uid", message->uid);
    cli_json_string(json, "message_id", message->message_id);
    cli_json_int(json, "thread", message->thread);
    cli_json_time(json, "date", date_s, offset_min);
    add_addresses(json, "from", message->from);
    add_addresses(json, "to", message->to);
    add_addresses(json, "cc", message->cc);
    cli_json_string(json, "subject", message->subject ? message->subject : "");
    add_flags(json, message);
    cli_json_int(json, "size", message->size_bytes);
    if (message->flags & STORE_STUB)
        cli_json_bool(json, "on_server_only", TRUE);
    if (message->attachments >= 0)
        cli_json_int(json, "attachments", message->attachments);
}

void cli_message_marks(uint32_t flags, char marks_out[6])
{
    for (gsize i = 0; i < G_N_ELEMENTS(FLAGS); i++) {
        gboolean is_set = flags & FLAGS[i].flag;
        if (FLAGS[i].flag == STORE_SEEN) /* what is worth a mark is that it was not seen */
            is_set = !is_set;
        marks_out[i] = is_set ? FLAGS[i].mark : '-';
    }
    marks_out[G_N_ELEMENTS(FLAGS)] = '\0';
}

const char *cli_first_person(const GPtrArray *addresses)
{
    if (!addresses || !addresses->len)
        return "";
    const StoreAddress *first = addresses->pdata[0];
    return text_person(first->name, first->address);
}
