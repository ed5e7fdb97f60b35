/* header.c - see header.h. */
#include "render/header.h"

#include "base/date.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "render/host.h"

#include <string.h>

/* Columns of a field's name with the space after it; narrower screens put it in front of the value. */
#define NAME_COLS 9
#define NARROW_COLS 24

/* One field: its name at the left, the value beside it, wrapped. */
static void add_field(RenderDocument *document, const char *name, const RenderText *value,
                      RenderLineKind kind)
{
    g_auto(RenderText) text = {0};
    gboolean is_narrow = render_document_width(document) < NARROW_COLS;
    g_autofree char *padded = is_narrow ? g_strconcat(name, " ", NULL)
                                        : text_pad(name, NAME_COLS, render_document_is_ascii(document));
    g_autofree char *indent = is_narrow ? g_strdup("") : g_strnfill(NAME_COLS, ' ');
    RenderFrame frame = {
        .prefix = padded, .prefix_next = indent, .prefix_style = RENDER_HEADER_NAME, .kind = kind};

    if (!is_narrow) {
        render_document_add(document, value, &frame);
        return;
    }
    frame = (RenderFrame){.kind = kind};
    render_text_init(&text);
    render_text_add(&text, padded, -1, RENDER_HEADER_NAME);
    guint start = (guint)text.text->len;
    render_text_add(&text, value->text->str, -1, RENDER_NORMAL);
    for (guint i = 0; i < value->spans->len; i++) {
        RenderSpan span = g_array_index(value->spans, RenderSpan, i);
        span.start += start;
        g_array_append_val(text.spans, span);
    }
    render_document_add(document, &text, &frame);
}

/* The same with a value from outside. */
static void add_value(RenderDocument *document, const char *name, const char *value, RenderStyle style,
                      RenderLineKind kind)
{
    g_auto(RenderText) text = {0};

    render_text_init(&text);
    render_text_add_outside(&text, value, -1, style);
    add_field(document, name, &text, kind);
}

/* A warning of tern's, below the field that it is about. */
static void add_warning(RenderDocument *document, const char *sentence)
{
    add_value(document, "", sentence, RENDER_SECURITY_WARN, RENDER_LINE_HEADER);
}

/* ---- people ---- */

/* `is_brief`: one who has a name is that name alone. */
static void add_address(RenderText *text, const MimeAddress *address, gboolean is_brief)
{
    g_autofree char *whole = NULL;

    if (address->name[0] && address->address[0] && !is_brief)
        whole = g_strdup_printf("%s <%s>", address->name, address->address);
    render_text_add_outside(text,
                            whole              ? whole
                            : address->name[0] ? address->name
                                               : address->address,
                            -1, RENDER_HEADER_VALUE);
}

static gboolean is_own(const MimeAddress *address, const char *own_address)
{
    return own_address && g_ascii_strcasecmp(address->address, own_address) == 0;
}

/* What stands for those who are not named: "(you and 4 others)". */
static char *others_text(gboolean has_you, guint others, gboolean are_more)
{
    if (has_you && others == 0)
        return g_strdup(_("(and you)"));
    if (are_more)
        return g_strdup_printf(has_you ? _("(you and more than %u others)") : _("(and more than %u others)"),
                               others);
    return g_strdup_printf(has_you ? ngettext_("(you and %u other)", "(you and %u others)", others)
                                   : ngettext_("(and %u other)", "(and %u others)", others),
                           others);
}

/* Two at most by name; of more the first one who is not oneself, and how many there are besides. */
static void add_people(RenderDocument *document, const char *name, const GPtrArray *people,
                       const char *own_address, gboolean is_brief, RenderLineKind kind)
{
    g_auto(RenderText) text = {0};
    guint own = 0, first = people->len;

    if (people->len == 0)
        return;
    render_text_init(&text);
    for (guint i = 0; i < people->len; i++) {
        if (is_own(people->pdata[i], own_address))
            own++;
        else
            first = MIN(first, i);
    }
    if (people->len <= 2 || first == people->len) {
        for (guint i = 0; i < MIN(people->len, 2); i++) {
            if (i > 0)
                render_text_add(&text, ", ", -1, RENDER_HEADER_VALUE);
            add_address(&text, people->pdata[i], is_brief);
        }
    } else {
        g_autofree char *others = others_text(own > 0, people->len - own - 1,
                                              people->len >= LIMIT_ADDRESSES); /* read up to there */
        add_address(&text, people->pdata[first], is_brief);
        render_text_add(&text, " ", -1, RENDER_HEADER_VALUE);
        render_text_add(&text, others, -1, RENDER_DIM);
    }
    add_field(document, name, &text, kind);
}

/* An address within a display name, which is all that many programs show: its domain is not the sender's.
 * Wide forms of '@' (and of letters) count as what they look like. */
static gboolean name_shows_other_address(const MimeAddress *from)
{
    const char *own = strrchr(from->address, '@');
    g_autofree char *name = g_utf8_normalize(from->name, -1, G_NORMALIZE_NFKC);

    if (!own || !name)
        return FALSE;
    g_autofree char *real = g_utf8_strdown(own + 1, -1);
    for (const char *at = strchr(name, '@'); at; at = strchr(at + 1, '@')) {
        gsize length = strcspn(at + 1, " <>()[]\"',;@");
        while (length > 0 && at[length] == '.')
            length--;
        g_autofree char *shown = g_utf8_strdown(at + 1, (gssize)length);
        if (*shown != '.' && strchr(shown, '.') && !render_host_matches(shown, real))
            return TRUE;
    }
    return FALSE;
}

static void warn_of_sender(RenderDocument *document, const MimeEnvelope *envelope)
{
    for (guint i = 0; i < envelope->from->len; i++) {
        const MimeAddress *from = envelope->from->pdata[i];
        const char *at = strrchr(from->address, '@');
        g_autofree char *host = at ? g_utf8_strdown(at + 1, -1) : g_strdup("");
        if (name_shows_other_address(from)) {
            g_autofree char *sentence = g_strdup_printf(
                _("The name shows another address; the mail says it is from %s"), from->address);
            add_warning(document, sentence);
        }
        if (render_host_imitates(host)) {
            g_autofree char *ascii = render_host_ascii(host);
            g_autofree char *sentence =
                g_strdup_printf(_("The sender's domain uses letters that look like others: %s"), ascii);
            add_warning(document, sentence);
        }
    }
}

static gboolean same_people(const GPtrArray *a, const GPtrArray *b)
{
    gboolean same = a->len == b->len;

    for (guint i = 0; i < a->len && same; i++)
        same = g_ascii_strcasecmp(((const MimeAddress *)a->pdata[i])->address,
                                  ((const MimeAddress *)b->pdata[i])->address) == 0;
    return same;
}

/* ---- the blocks ---- */

static void add_subject(RenderDocument *document, const char *subject, RenderLineKind kind)
{
    gboolean is_missing = !subject || !*subject;

    add_value(document, _("Subject"), is_missing ? _("(no subject)") : subject,
              is_missing ? RENDER_DIM : RENDER_SUBJECT, kind);
}

static void add_date(RenderDocument *document, int64_t date_s, int offset_min, const RenderOptions *options,
                     RenderLineKind kind)
{
    g_autofree char *date =
        options->is_brief ? date_day_and_time(date_s) : date_long(date_s, offset_min, options->now_s);

    add_value(document, _("Date"), date, RENDER_HEADER_VALUE, kind);
}

static void end_block(RenderDocument *document)
{
    render_document_add_rule(document, render_document_width(document), RENDER_RULE, RENDER_LINE_HEADER);
}

void render_header_block(RenderDocument *document, const MimeEnvelope *envelope, const RenderOptions *options)
{
    add_people(document, _("From"), envelope->from, NULL, FALSE, RENDER_LINE_HEADER);
    warn_of_sender(document, envelope);
    if (!same_people(envelope->reply_to, envelope->from))
        add_people(document, _("Reply-To"), envelope->reply_to, NULL, FALSE, RENDER_LINE_HEADER);
    add_people(document, _("To"), envelope->to, options->own_address, options->is_brief, RENDER_LINE_HEADER);
    add_people(document, _("Cc"), envelope->cc, options->own_address, options->is_brief, RENDER_LINE_HEADER);
    if (envelope->has_date)
        add_date(document, envelope->date_s, envelope->date_offset_min, options, RENDER_LINE_HEADER);
    add_subject(document, envelope->subject, RENDER_LINE_HEADER);
    end_block(document);
}

void render_inner_header(RenderDocument *document, const MimeEnvelope *envelope, const RenderOptions *options)
{
    add_people(document, _("From"), envelope->from, NULL, FALSE, RENDER_LINE_BODY);
    add_people(document, _("To"), envelope->to, options->own_address, options->is_brief, RENDER_LINE_BODY);
    if (envelope->has_date)
        add_date(document, envelope->date_s, envelope->date_offset_min, options, RENDER_LINE_BODY);
    add_subject(document, envelope->subject, RENDER_LINE_BODY);
    render_document_add_gap(document, RENDER_LINE_BODY);
}

void render_header_fields(RenderDocument *document, const GPtrArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        g_auto(RenderText) text = {0};
        /* What a long value goes on with must not look like another field. */
        RenderFrame frame = {.prefix = "", .prefix_next = "  ", .kind = RENDER_LINE_HEADER};
        render_text_init(&text);
        render_text_add_outside(&text, field->name, -1, RENDER_HEADER_NAME);
        render_text_add(&text, ": ", -1, RENDER_HEADER_NAME);
        render_text_add_outside(&text, field->value, -1, RENDER_HEADER_VALUE);
        render_document_add(document, &text, &frame);
    }
    end_block(document);
}

void render_header_from_store(RenderDocument *document, const RenderEnvelope *envelope,
                              const RenderOptions *options)
{
    if (envelope->from && *envelope->from)
        add_value(document, _("From"), envelope->from, RENDER_HEADER_VALUE, RENDER_LINE_HEADER);
    if (envelope->to && *envelope->to)
        add_value(document, _("To"), envelope->to, RENDER_HEADER_VALUE, RENDER_LINE_HEADER);
    if (envelope->has_date)
        add_date(document, envelope->date_s, envelope->date_offset_min, options, RENDER_LINE_HEADER);
    add_subject(document, envelope->subject, RENDER_LINE_HEADER);
    end_block(document);
}
