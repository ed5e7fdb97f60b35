/* preview.c - see preview.h. */
#include "compose/preview.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "compose/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static gboolean write_to(const Draft *draft, const Config *config, int fd, GError **error)
{
    g_autoptr(Draft) copy = draft_copy(draft); /* the Message-ID that it gets is nobody's */

    g_autoptr(DraftAddresses) addresses = draft_check(draft, FALSE, NULL, NULL, error);
    /* They may be large, and nothing is seen of their bytes; but the text is made with the pictures in it. */
    const ComposeOptions options = {.now_s = clock_wall_s(),
                                    .is_flowed = config_bool(config, "text-flowed"),
                                    .without_files = TRUE};

    return addresses && compose_message_write(copy, addresses, &options, fd, error);
}

/* The message's text, and what is attached. */
static char *text_of(const RenderDocument *document, const Draft *draft)
{
    g_autofree char *text = render_document_text(document);
    GString *all = g_string_new(text);

    for (guint i = 0; i < draft->attachments->len; i++) {
        const DraftAttachment *attachment = draft->attachments->pdata[i];
        g_autofree char *name = sanitise(attachment->name, -1, SANITISE_LINE);
        g_autofree char *size = g_format_size((guint64)attachment->size_bytes);
        g_string_append_printf(all, "%s[%s, %s, %s]\n", i ? "" : "\n", name, attachment->words, size);
    }
    return g_string_free(all, FALSE);
}

char *preview_text(const Draft *draft, const Config *config, const char *data, const RenderOptions *options,
                   GError **error)
{
    g_autofree char *folder = g_build_filename(data, "drafts", "tmp", NULL);
    g_autofree char *path = g_build_filename(folder, "preview-XXXXXX", NULL);
    const int fd = file_make_folder(folder, error) ? mkostemp(path, O_CLOEXEC) : -1;
    RenderOptions wants = *options;
    g_autoptr(RenderDocument) document = NULL;

    if (fd < 0) {
        if (error && !*error)
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
        return NULL;
    }
    wants.headers = TRUE;
    wants.prefer_html = draft->is_markdown;
    if (write_to(draft, config, fd, error))
        document = render_file(path, &wants, error);
    close(fd);
    unlink(path);
    return document ? text_of(document, draft) : NULL;
}
