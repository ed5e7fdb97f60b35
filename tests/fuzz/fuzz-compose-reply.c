/*
 * Any message can be answered and passed on: what is written then has only the fields that tern writes, no
 * line over 998 bytes, and no byte that does not belong into mail. Lines end with LF, as all do in the
 * outbox.
 */
#include "base/file.h"
#include "compose/message.h"
#include "compose/reply.h"
#include "mime/field.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char CONFIG[] = "[account work]\naddress = ada@example.org\nincoming = imaps://h\n";

static const char *const FIELDS[] = {
    "Date",       "From",        "To",         "Cc",           "Reply-To",     "Subject",
    "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    NULL};

static void check_header(const char *bytes, gsize size)
{
    MimeRawField field;

    for (const char *at = bytes; mime_field_next(&at, bytes + size, &field);) {
        g_autofree char *name = g_strndup(field.name, field.name_bytes);
        if (!g_strv_contains(FIELDS, name))
            abort();
    }
}

static void check_lines(const char *bytes, gsize size)
{
    gsize line = 0;

    for (gsize i = 0; i < size; i++) {
        if (!bytes[i] || bytes[i] == '\r')
            abort();
        line = bytes[i] == '\n' ? 0 : line + 1;
        if (line > 998)
            abort();
    }
}

/* `own`: it may have header fields of its writer's own. */
static void check_message(Draft *draft, gboolean own)
{
    g_autoptr(DraftAddresses) addresses = draft ? draft_check(draft, FALSE, NULL, NULL, NULL) : NULL;
    const ComposeOptions options = {.is_flowed = TRUE};

    if (!addresses)
        return;
    int fd = memfd_create("message", MFD_CLOEXEC);
    if (!compose_message_write(draft, addresses, &options, fd, NULL))
        abort();
    gsize size = (gsize)lseek(fd, 0, SEEK_END);
    g_autofree char *bytes = g_malloc(size + 1);
    if (pread(fd, bytes, size, 0) != (ssize_t)size)
        abort();
    close(fd);
    check_lines(bytes, size);
    if (!own)
        check_header(bytes, size);
}

static void check_draft(Draft *draft)
{
    check_message(draft, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Config *config;
    static char *folder, *path;

    if (!config) {
        config = config_parse(CONFIG, strlen(CONFIG), "tern.conf", 0);
        folder = g_dir_make_tmp("tern-fuzz-XXXXXX", NULL);
        path = g_build_filename(folder, "message", NULL);
    }
    if (!g_file_set_contents_full(path, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600,
                                  NULL))
        abort();
    const ReplyWants wants = {
        .config = config, .data = folder, .attribution = "%n %a %s %d:", .quotes = TRUE};
    const ReplySource source = {path, 1, "work", "INBOX"};
    g_autoptr(Draft) answer = reply_new(&source, 1, PEOPLE_ALL, &wants, NULL, NULL);
    g_autoptr(Draft) list = reply_new(&source, 1, PEOPLE_LIST, &wants, NULL, NULL);
    g_autoptr(Draft) passed = forward_inline(&source, &wants, NULL, NULL);
    g_autoptr(Draft) again = edit_as_new(&source, &wants, NULL, NULL);
    check_draft(answer);
    check_draft(list);
    check_draft(passed);
    g_autoptr(Draft) resumed = resume_new(&source, &wants, NULL, NULL);
    check_draft(again);
    check_message(resumed, TRUE);
    file_empty_folder(folder, NULL);
    return 0;
}
