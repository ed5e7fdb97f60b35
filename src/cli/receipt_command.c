/* receipt_command.c - tern receipt: the receipt that a message asks for, sent after a question, or
 * refused. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/commands.h"
#include "cli/opened.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "compose/receipt.h"

#include <unistd.h>

typedef struct {
    gboolean refuses;
    char *account; /* whose outbox has it now */
} Receipt;

/* "Tell Zoë <zoe@example.com> that …", made safe. */
static char *question(const CliOpened *opened, const ReceiptAsked *asked)
{
    g_autofree char *text =
        g_strdup_printf(asked->is_elsewhere ? _("Tell %s%s<%s>, who is not its sender, that “%s” was read?")
                                            : _("Tell %s%s<%s> that “%s” was read?"),
                        asked->name, *asked->name ? " " : "", asked->address, opened->row->subject);

    return sanitise(text, -1, SANITISE_LINE);
}

/* Only a person, or --yes, says so. */
static gboolean is_agreed(const CliOpened *opened, const ReceiptAsked *asked, GError **error)
{
    g_autofree char *text = question(opened, asked);

    if (opened->context->yes)
        return TRUE;
    if (!isatty(STDIN_FILENO)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("%s Nobody is there to ask; --yes says yes"), text);
        return FALSE;
    }
    if (cli_ask(text))
        return TRUE;
    tern_error_set(error, TERN_ERROR_CANCELLED, "%s", _("no receipt was sent"));
    return FALSE;
}

static int answer(const CliOpened *opened, void *data, GError **error)
{
    Receipt *receipt = data;
    const CliContext *context = opened->context;
    g_autoptr(ReceiptAsked) asked = receipt_asked(opened->path, context->config);

    if (!asked || receipt_is_settled(opened->row)) {
        tern_error_set(error, TERN_ERROR_INPUT, "%s",
                       asked ? _("its receipt was sent or refused before")
                             : _("the message asks for no receipt that tern sends"));
        return CLI_FAILED;
    }
    if (receipt->refuses)
        return receipt_settle(opened->store, opened->row->id, error) ? CLI_DONE : CLI_FAILED;
    return is_agreed(opened, asked, error) &&
                   receipt_send(opened->store, opened->row, opened->path, context->config,
                                context->paths->data, &receipt->account, error)
               ? CLI_DONE
               : CLI_FAILED;
}

int cli_command_receipt(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    Receipt receipt = {0};
    const CliOption options[] = {{"refuse", '\0', CLI_FLAG, &receipt.refuses}, {NULL, '\0', CLI_FLAG, NULL}};
    g_autofree char **words = cli_arguments(context, options, argv, 1, 1);

    if (!words)
        return CLI_USAGE;
    const int status = cli_with_message(context, words[0], answer, &receipt);
    const ConfigAccount *account = receipt.account ? config_account(context->config, receipt.account) : NULL;
    if (account && !account->offline && !context->offline)
        cli_outbox_try(context, receipt.account);
    g_free(receipt.account);
    return status;
}
