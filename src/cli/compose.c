/*
 * compose.c - tern compose, tern mailto:…: a message written in a text editor on the terminal, or given on
 * standard input.
 *
 *     options, addresses, link ──> Draft ──> editor ──> send? ──> outbox
 *                                    ├── no terminal: standard input ──┘
 *                                    └── a link, or nobody to ask: kept as a draft
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/spawn.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "compose/address.h"
#include "compose/alias.h"
#include "compose/editor.h"
#include "compose/mailto.h"
#include "compose/reply.h"
#include "compose/send.h"
#include "compose/upload.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    CliContext *context;
    char *subject, *include;
    GPtrArray *cc, *bcc, *attach;
    Draft *draft;
    int hold_fd;       /* draft_hold()'s, from before it is first saved up to the end; -1: not yet */
    gboolean has_link; /* somebody else's words: shown before anything is sent (THREATS.md 3) */
} Composing;

/* ---- what it begins with ---- */

static void add_to(Draft *draft, DraftField field, const char *more)
{
    const char *old = draft->fields[field];
    g_autofree char *all = *old && *more ? g_strconcat(old, ", ", more, NULL) : g_strconcat(old, more, NULL);

    draft_set(draft, field, all);
}

/* What the person at the keyboard has typed, who may mean an alias; a link may not. */
static void add_typed(Composing *composing, DraftField field, const char *typed)
{
    g_autofree char *whole = alias_expand(composing->context->config, typed);

    add_to(composing->draft, field, whole);
}

static gboolean take_link(Draft *draft, const char *link, GError **error)
{
    g_autoptr(Mailto) mailto = mailto_parse(link, error);

    if (!mailto)
        return FALSE;
    add_to(draft, DRAFT_TO, mailto->to);
    add_to(draft, DRAFT_CC, mailto->cc);
    if (*mailto->subject)
        draft_set(draft, DRAFT_SUBJECT, mailto->subject);
    if (*mailto->body) {
        g_autofree char *body = g_strconcat(mailto->body, "\n", draft->body, NULL);
        draft_set_body(draft, body, strlen(body));
    }
    if (mailto->in_reply_to) {
        draft->in_reply_to = g_strdup(mailto->in_reply_to);
        g_strfreev(draft->references);
        draft->references = g_new0(char *, 2);
        draft->references[0] = g_strdup(mailto->in_reply_to);
    }
    if (mailto->refused)
        cli_note(_("The link also wanted to set: %s. That is not for a link to say."), mailto->refused);
    if (mailto->is_cut)
        cli_note(_("The link was too long and is cut."));
    return TRUE;
}

/* All that is to be read from a descriptor, up to the limit of a draft's text. NULL and INPUT or LIMIT. */
static char *read_all(int fd, const char *name, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char bytes[16384];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)) {
        g_string_append_len(text, bytes, MAX(n, 0));
        if (text->len <= LIMIT_DRAFT_BYTES)
            continue;
        tern_error_set(error, TERN_ERROR_LIMIT,
                       _("%s: the text of a message is at most %d MB; attach it instead"), name,
                       LIMIT_DRAFT_BYTES >> 20);
        return NULL;
    }
    if (n < 0) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, errno, _("cannot read %s"), name);
        return NULL;
    }
    return g_strndup(text->str, text->len);
}

/* The text of -i, or of standard input, above the signature. */
static gboolean take_text(Composing *composing, GError **error)
{
    Draft *draft = composing->draft;
    gboolean from_input = !composing->include && !isatty(STDIN_FILENO);
    FILE *file = composing->include ? fopen(composing->include, "re") : NULL;

    if (!composing->include && !from_input)
        return TRUE;
    if (composing->include && !file) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, errno, _("cannot read %s"), composing->include);
        return FALSE;
    }
    g_autofree char *text =
        read_all(file ? fileno(file) : STDIN_FILENO, file ? composing->include : _("standard input"), error);
    if (file)
        fclose(file);
    if (!text)
        return FALSE;
    g_autofree char *all =
        g_strconcat(text, g_str_has_suffix(text, "\n") || !*text ? "" : "\n", draft->body, NULL);
    draft_set_body(draft, all, strlen(all));
    return TRUE;
}

/* The first address that it goes to, of what was typed or of a link; to be freed; NULL: none. */
static char *first_recipient(const Config *config, char *const *words)
{
    char *first = NULL;

    for (; *words && !first; words++) {
        const gboolean is_link = g_ascii_strncasecmp(*words, "mailto:", 7) == 0;
        g_autoptr(Mailto) link = is_link ? mailto_parse(*words, NULL) : NULL;
        g_autofree char *typed = is_link ? NULL : alias_expand(config, *words);
        first = compose_address_first(!is_link ? typed : link ? link->to : "");
    }
    return first;
}

static gboolean begin(Composing *composing, char *const *words, GError **error)
{
    const Config *config = composing->context->config;
    const ReplyWants wants = {.config = config, .data = composing->context->paths->data};
    g_autofree char *first = first_recipient(config, words);
    const IdentityHints hints = {.recipient = first};
    g_autofree char *notice = NULL;

    composing->draft = compose_new(&hints, &wants, &notice, error);
    if (!composing->draft)
        return FALSE;
    if (notice)
        cli_note("%s", notice);
    for (; *words; words++) {
        if (g_ascii_strncasecmp(*words, "mailto:", 7) != 0)
            add_typed(composing, DRAFT_TO, *words);
        else if (!take_link(composing->draft, *words, error))
            return FALSE;
        else
            composing->has_link = TRUE;
    }
    if (composing->subject)
        draft_set(composing->draft, DRAFT_SUBJECT, composing->subject);
    for (guint i = 0; i < composing->cc->len; i++)
        add_typed(composing, DRAFT_CC, composing->cc->pdata[i]);
    for (guint i = 0; i < composing->bcc->len; i++)
        add_typed(composing, DRAFT_BCC, composing->bcc->pdata[i]);
    for (guint i = 0; i < composing->attach->len; i++)
        if (!draft_attach(composing->draft, composing->attach->pdata[i], NULL, NULL, error))
            return FALSE;
    return take_text(composing, error);
}

/* ---- editing ---- */

/* Nobody else goes on with it meanwhile: it would be sent there, and here once more. */
static gboolean hold_draft(Composing *composing, GError **error)
{
    GError *failed = NULL;

    if (composing->hold_fd < 0)
        composing->hold_fd = draft_hold(composing->context->paths->data, composing->draft->id, &failed);
    if (composing->hold_fd >= 0)
        return TRUE;
    if (!failed)
        tern_error_set(&failed, TERN_ERROR_INPUT,
                       _("the draft %s is open in another tern; close it there first"), composing->draft->id);
    g_propagate_error(error, failed);
    return FALSE;
}

static gboolean edit(Composing *composing, GError **error)
{
    const char *data = composing->context->paths->data;
    /* First the draft: what the editor saves is found by it. */
    gboolean is_kept = hold_draft(composing, error) && draft_save(composing->draft, data, error);
    g_autofree char *path = is_kept ? editor_write(composing->draft, data, TRUE, error) : NULL;
    g_auto(GStrv) argv = path ? editor_argv(config_string(composing->context->config, "editor"), path) : NULL;

    if (!argv)
        return FALSE;
    g_autoptr(Draft) before = draft_copy(composing->draft);
    int hold = editor_hold(path);
    int status = spawn_foreground((const char *const *)argv, NULL, error);
    if (hold >= 0)
        close(hold);
    if (status < 0 || !editor_read(composing->draft, path, TRUE, status, error))
        return FALSE;
    alias_expand_draft(composing->context->config, before, composing->draft);
    return draft_save(composing->draft, data, error);
}

/* A line with what can be done; the letter that was typed, 0 at the input's end. */
static char ask(const Composing *composing)
{
    const Draft *draft = composing->draft;
    char line[64];

    for (DraftField i = 0; i < DRAFT_FIELDS; i++)
        if (*draft->fields[i] || i == DRAFT_TO || i == DRAFT_SUBJECT)
            cli_note("%s: %s", draft_field_name(i), draft->fields[i]);
    for (guint i = 0; i < draft->attachments->len; i++)
        cli_note(_("Attached: %s"), ((const DraftAttachment *)draft->attachments->pdata[i])->name);
    if (draft_misses_attachment(draft))
        cli_note(_("The text speaks of an attachment, and there is none."));
    cli_note(_("Send (y), edit again (e), keep as a draft (p), throw away (q)?"));
    return fgets(line, sizeof line, stdin) ? (char)tolower((unsigned char)*line) : '\0';
}

/* ---- the end ---- */

static void tell(const CliContext *context, int64_t id, gboolean is_told)
{
    g_autoptr(GError) unread = NULL;
    g_autoptr(Outbox) outbox = outbox_open(context->paths->data, &unread);
    g_autoptr(OutboxEnvelope) now = outbox ? outbox_read(outbox, id, &unread) : NULL;

    if (unread)
        cli_note(_("what became of message %" G_GINT64_FORMAT " in the outbox is not known: %s"), id,
                 unread->message);
    else
        cli_outbox_tell_kept(now, is_told);
}

static int queue(Composing *composing)
{
    CliContext *context = composing->context;
    const SendWants wants = {.config = context->config, .data = context->paths->data};
    g_autoptr(GError) error = NULL, unsaved = NULL, told = NULL;

    int64_t id = 0;
    if (send_queue(composing->draft, &wants, &id, &error)) {
        const ConfigAccount *account = send_account(context->config, composing->draft, NULL);
        draft_remove(composing->draft, context->paths->data);
        cli_note(_("The message is in the outbox."));
        const gboolean is_told =
            account && !account->offline && !context->offline && !cli_outbox_try(context, account->id);
        tell(context, id, is_told);
        return CLI_DONE;
    }
    /* What was written must not be lost for a wrong address. */
    if (!draft_save(composing->draft, context->paths->data, &unsaved)) {
        cli_fail(context, error);
        return cli_fail(context, unsaved);
    }
    tern_error_set(&told, tern_error_kind(error), _("%s; it is kept as the draft %s"), error->message,
                   composing->draft->id);
    return cli_fail(context, told);
}

static int keep(Composing *composing)
{
    g_autoptr(GError) error = NULL;

    /* The next tern that connects puts it into the folder for drafts, too. */
    const char *data = composing->context->paths->data;
    const gboolean is_kept =
        config_int(composing->context->config, "upload-drafts")
            ? draft_upload(composing->draft, composing->context->config, data, NULL, &error)
            : draft_save(composing->draft, data, &error);
    if (!is_kept)
        return cli_fail(composing->context, error);
    cli_note(_("It is kept as the draft %s."), composing->draft->id);
    return CLI_DONE;
}

/* Whether every address is one; told where not, so that it can be edited. */
static gboolean can_go(const Composing *composing)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DraftAddresses) addresses = draft_check(composing->draft, TRUE, NULL, NULL, &error);

    if (!addresses)
        cli_fail(composing->context, error);
    return addresses != NULL;
}

static int by_hand(Composing *composing)
{
    gboolean wants_edit = TRUE;

    for (;;) {
        g_autoptr(GError) error = NULL;
        if (wants_edit && !edit(composing, &error))
            cli_fail(composing->context, error);
        wants_edit = FALSE;
        switch (ask(composing)) {
        case 'y':
            if (can_go(composing))
                return queue(composing);
            break;
        case 'e':
            wants_edit = TRUE;
            break;
        case 'q':
            draft_remove(composing->draft, composing->context->paths->data);
            return CLI_DONE;
        case 'p':
        case '\0':
            return keep(composing);
        default:
            break;
        }
    }
}

static int run(Composing *composing, char *const *words)
{
    g_autoptr(GError) error = NULL;

    if (!begin(composing, words, &error))
        return cli_fail(composing->context, error);
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return by_hand(composing);
    if (!composing->has_link && !isatty(STDIN_FILENO))
        return queue(composing);
    cli_note(_("There is no terminal to show the message on: nothing is sent."));
    return keep(composing);
}

int cli_compose_draft(CliContext *context, Draft *draft)
{
    Composing composing = {.context = context, .draft = draft, .hold_fd = -1};
    int status = CLI_DONE;

    g_autoptr(GError) error = NULL;
    const gboolean is_by_hand = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

    if (is_by_hand && !hold_draft(&composing, &error)) /* another tern has opened it meanwhile */
        status = cli_fail(context, error);
    else if (is_by_hand)
        status = by_hand(&composing);
    else
        cli_note(_("It is kept as the draft %s."), draft->id);
    if (composing.hold_fd >= 0)
        close(composing.hold_fd);
    draft_free(draft);
    return status;
}

int cli_command_compose(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    Composing composing = {.context = context,
                           .hold_fd = -1,
                           .cc = g_ptr_array_new_with_free_func(g_free),
                           .bcc = g_ptr_array_new_with_free_func(g_free),
                           .attach = g_ptr_array_new_with_free_func(g_free)};
    const CliOption options[] = {
        {"subject", 's', CLI_TEXT, &composing.subject}, {"cc", 'c', CLI_LIST, composing.cc},
        {"bcc", 'b', CLI_LIST, composing.bcc},          {"attach", 'a', CLI_LIST, composing.attach},
        {"include", 'i', CLI_TEXT, &composing.include}, {NULL, '\0', CLI_FLAG, NULL},
    };
    /* "tern mailto:…" is the command's name and its first word at once. */
    gboolean is_link = g_ascii_strncasecmp(argv[0], "mailto:", 7) == 0;
    char *link = argv[0], name[] = "compose";
    if (is_link)
        argv[0] = name;
    g_autofree char **words = cli_arguments(context, options, argv, 0, -1);
    argv[0] = link;
    char *only[] = {link, NULL};
    int status = !words ? CLI_USAGE : run(&composing, is_link ? only : words);
    if (composing.hold_fd >= 0)
        close(composing.hold_fd);
    draft_free(composing.draft);
    g_free(composing.subject);
    g_free(composing.include);
    g_ptr_array_unref(composing.cc);
    g_ptr_array_unref(composing.bcc);
    g_ptr_array_unref(composing.attach);
    return status;
}
