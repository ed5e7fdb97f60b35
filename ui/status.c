/* status.c - see status.h. */
#include "ui/status.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/progress.h"
#include "ui/format.h"
#include "ui/screen.h"
#include "ui/wrapped.h"

#include <string.h>

/* The bar of long work. */
#define BAR_COLUMNS 10
/* On a narrow screen news may take so many lines: what it says last is how to take it back. */
#define NEWS_ROWS 3

typedef struct {
    char *name, *what;
    char *why; /* the error that it is in this state by; NULL: none */
    EngineState state;
    TernErrorKind kind; /* why a person is needed */
    gboolean is_live;
    gint64 retry_at_us;
    gint64 withheld; /* EngineEvent */
    Progress progress;
} Account;

struct Status {
    GPtrArray *accounts; /* Account *, in the order they were heard of */
    char *news, *error;
    gint64 news_until_us;
    guint64 last_news; /* what the newest is known by */
    GPtrArray *told;   /* StatusTold * */
};

/* How bad a state is: the worst account is the one that is shown. What is to be offline is well as it is. */
static const int BADNESS[] = {
    [ENGINE_OFFLINE] = 0,    [ENGINE_IDLE] = 1,    [ENGINE_WORKING] = 2,
    [ENGINE_CONNECTING] = 3, [ENGINE_WAITING] = 4, [ENGINE_ATTENTION] = 5,
};

/* Up to here a time to wait is told in seconds, above in minutes: what changes less often wakes nobody. */
#define SECONDS_MAX 90

static void account_free(void *data)
{
    Account *account = data;

    g_free(account->name);
    g_free(account->what);
    g_free(account->why);
    g_free(account);
}

static void told_free(void *data)
{
    StatusTold *told = data;

    g_free(told->text);
    g_free(told);
}

Status *status_new(void)
{
    Status *status = g_new0(Status, 1);

    status->told = g_ptr_array_new_with_free_func(told_free);
    status->accounts = g_ptr_array_new_with_free_func(account_free);
    return status;
}

void status_free(Status *status)
{
    if (!status)
        return;
    g_ptr_array_unref(status->accounts);
    g_ptr_array_unref(status->told);
    g_free(status->news);
    g_free(status->error);
    g_free(status);
}

static Account *find(const Status *status, const char *name)
{
    for (guint i = 0; i < status->accounts->len; i++) {
        Account *account = status->accounts->pdata[i];
        if (g_str_equal(account->name, name))
            return account;
    }
    return NULL;
}

gboolean status_event(Status *status, const EngineEvent *event)
{
    if (event->kind != ENGINE_EVENT_STATE || !event->account)
        return TRUE;
    Account *account = find(status, event->account);
    if (!account) {
        account = g_new0(Account, 1);
        account->name = g_strdup(event->account);
        g_ptr_array_add(status->accounts, account);
    }
    progress_note(&account->progress, g_strcmp0(account->what, event->what) != 0, event->done, event->total,
                  event->bytes, event->bytes_total);
    gboolean is_news = account->state != event->state || account->withheld != event->withheld ||
                       g_strcmp0(account->what, event->what) != 0;
    g_free(account->what);
    account->what = g_strdup(event->what);
    g_free(account->why);
    account->why = event->error ? g_strdup(event->error->message) : NULL;
    account->state = event->state;
    account->is_live = event->is_live;
    account->kind = event->error ? tern_error_kind(event->error) : TERN_ERROR_AUTH;
    account->withheld = event->withheld;
    account->retry_at_us = event->retry_at_us;
    return is_news;
}

/* ---- words ---- */

static Symbol mark_of(EngineState state)
{
    switch (state) {
    case ENGINE_IDLE:
        return SYMBOL_LIVE;
    case ENGINE_CONNECTING:
    case ENGINE_WORKING:
        return SYMBOL_BUSY;
    case ENGINE_ATTENTION:
        return SYMBOL_ATTENTION;
    default:
        return SYMBOL_OFFLINE;
    }
}

/* A certificate that is not trusted is told in full, on lines of their own (net/stream.h); what else can be
 * wrong with TLS is one sentence. */
static const char *needed_of(const Account *account)
{
    if (account->kind == TERN_ERROR_TLS)
        return account->why && strchr(account->why, '\n') ? _("certificate?") : _("encryption?");
    if (account->kind == TERN_ERROR_STORE) /* a Maildir or mbox that cannot be read */
        return _("mailbox?");
    return account->kind == TERN_ERROR_CONFIG ? _("configuration?") : _("password?");
}

static char *words_of(const Account *account)
{
    switch (account->state) {
    case ENGINE_IDLE:
        return g_strdup(account->is_live ? _("live") : _("connected"));
    case ENGINE_CONNECTING:
        return g_strdup(_("connecting"));
    case ENGINE_OFFLINE:
        return g_strdup(_("offline"));
    case ENGINE_WAITING: {
        int left_s = (int)((account->retry_at_us - clock_now_us() + SECOND_US - 1) / SECOND_US);
        return left_s > SECONDS_MAX ? g_strdup_printf(_("again in %d min"), (left_s + 59) / 60)
               : left_s > 0         ? g_strdup_printf(_("again in %d s"), left_s)
                                    : g_strdup(_("again now"));
    }
    case ENGINE_ATTENTION:
        return g_strdup(needed_of(account));
    case ENGINE_WORKING:
        break;
    }
    g_autofree char *what = account->what && *account->what ? g_strdup_printf(_("syncing %s"), account->what)
                                                            : g_strdup(_("syncing"));
    const Progress *progress = &account->progress;
    if (progress->total <= 0)
        return g_steal_pointer(&what);
    g_autofree char *done = format_count(progress->done), *total = format_count(progress->total);
    return g_strdup_printf(_("%s %s of %s"), what, done, total);
}

/* "2 min", once there is something to reckon it from; to be freed, or NULL. */
static char *remaining(const Account *account)
{
    const gint64 left_s = progress_left_s(&account->progress);

    if (left_s < 5)
        return NULL;
    return left_s < 90 ? g_strdup_printf(_("%d s"), (int)left_s)
                       : g_strdup_printf(_("%d min"), (int)(left_s + 30) / 60);
}

static unsigned slot_of(EngineState state)
{
    return state == ENGINE_ATTENTION                               ? SLOT_STATUS_ERROR
           : state == ENGINE_WORKING || state == ENGINE_CONNECTING ? SLOT_STATUS_BUSY
                                                                   : SLOT_STATUS;
}

char *status_account(const Status *status, const char *name, int *slot_out)
{
    const Account *account = find(status, name);

    if (!account)
        return NULL;
    g_autofree char *words = words_of(account);
    *slot_out = (int)slot_of(account->state);
    return g_strdup_printf("%s %s", screen_symbol(mark_of(account->state)), words);
}

/* ---- news ---- */

/* What is told again and again stands there once, with the last time. */
static void remember(Status *status, const char *text, guint64 news)
{
    GPtrArray *all = status->told;
    StatusTold *told = g_new0(StatusTold, 1);
    const StatusTold *last = all->len ? all->pdata[all->len - 1] : NULL;

    if (last && g_str_equal(last->text, text))
        g_ptr_array_remove_index(all, all->len - 1);
    else if (all->len >= STATUS_TOLD)
        g_ptr_array_remove_index(all, 0);
    *told = (StatusTold){clock_wall_s(), news, g_strdup(text)};
    g_ptr_array_add(all, told);
}

const GPtrArray *status_told(const Status *status)
{
    return status->told;
}

guint64 status_news(Status *status, const char *text)
{
    g_free(status->news);
    status->news = g_strdup(text);
    status->news_until_us = clock_now_us() + STATUS_NEWS_MS * 1000;
    remember(status, text, ++status->last_news);
    return status->last_news;
}

void status_withdraw(Status *status, guint64 news)
{
    if (news == status->last_news)
        g_clear_pointer(&status->news, g_free);
    for (guint i = 0; i < status->told->len; i++) {
        if (((const StatusTold *)status->told->pdata[i])->news != news)
            continue;
        g_ptr_array_remove_index(status->told, i);
        return;
    }
}

void status_cover_news(Status *status)
{
    g_clear_pointer(&status->news, g_free);
}

guint status_news_left_ms(const Status *status)
{
    gint64 left_us = status->news ? status->news_until_us - clock_now_us() : 0;

    return left_us > 0 ? (guint)(left_us / 1000) + 1 : 0;
}

void status_error(Status *status, const char *text)
{
    g_free(status->error);
    status->error = g_strdup(text);
    remember(status, text, 0);
}

gboolean status_key(Status *status)
{
    gboolean was = status->error != NULL;

    g_clear_pointer(&status->error, g_free);
    return was;
}

/* ---- drawing ---- */

static const Account *worst(const Status *status, guint *n_like_it_out)
{
    const Account *worst = NULL;

    *n_like_it_out = 0;
    for (guint i = 0; i < status->accounts->len; i++) {
        const Account *account = status->accounts->pdata[i];
        if (worst && account->state == worst->state) {
            ++*n_like_it_out;
        } else if (!worst || BADNESS[account->state] > BADNESS[worst->state]) {
            worst = account;
            *n_like_it_out = 1;
        }
    }
    return worst;
}

StatusNeed status_need(const Status *status, const char **account_out)
{
    guint n_like_it;
    const Account *account = worst(status, &n_like_it);

    *account_out = NULL;
    if (!account || account->state != ENGINE_ATTENTION)
        return STATUS_NEEDS_NOTHING;
    *account_out = account->name;
    return account->kind == TERN_ERROR_AUTH ? STATUS_NEEDS_PASSWORD : STATUS_NEEDS_EYES;
}

gint64 status_withheld(const Status *status, const char **account_out)
{
    for (guint i = 0; i < status->accounts->len; i++) {
        const Account *account = status->accounts->pdata[i];
        if (account->withheld > 0) {
            *account_out = account->name;
            return account->withheld;
        }
    }
    return 0;
}

gboolean status_is_downloading(const Status *status)
{
    guint n_like_it;
    const Account *account = worst(status, &n_like_it);

    return account && account->state == ENGINE_WORKING && account->progress.bytes_all > 0;
}

gboolean status_needs_password(const Status *status, const char *name)
{
    const Account *account = find(status, name);

    return account && account->state == ENGINE_ATTENTION && account->kind == TERN_ERROR_AUTH;
}

gboolean status_state(const Status *status, const char *name, EngineState *state_out)
{
    const Account *account = find(status, name);

    if (account)
        *state_out = account->state;
    return account != NULL;
}

const char *status_why(const Status *status, const char *name)
{
    const Account *account = find(status, name);

    return account ? account->why : NULL;
}

/* Until the second, or minute, that is shown has gone by. */
static guint account_change_ms(const Account *account)
{
    gint64 left_us = account->retry_at_us - clock_now_us();

    if (account->state != ENGINE_WAITING || left_us <= 0)
        return 0;
    gint64 left_s = (left_us + SECOND_US - 1) / SECOND_US;
    gint64 next_s = left_s > SECONDS_MAX ? MAX((left_s - 1) / 60 * 60, SECONDS_MAX) : left_s - 1;
    return (guint)((left_us - next_s * SECOND_US) / 1000) + 1;
}

guint status_change_ms(const Status *status, gboolean all)
{
    guint n, least = 0;
    const Account *shown = worst(status, &n);

    for (guint i = 0; i < status->accounts->len; i++) {
        const Account *account = status->accounts->pdata[i];
        guint change_ms = all || account == shown ? account_change_ms(account) : 0;
        if (change_ms && (!least || change_ms < least))
            least = change_ms;
    }
    return least;
}

/* "5.9 MB of 48 MB", to be freed; NULL: they are not counted. */
static char *bytes_of(const Progress *progress)
{
    if (progress->bytes_all <= 0)
        return NULL;
    g_autofree char *done = format_size(progress->bytes), *all = format_size(progress->bytes_all);
    return g_strdup_printf(_("%s of %s"), done, all);
}

/* "2.1 MB/s", likewise. */
static char *rate_of(const Progress *progress)
{
    const gint64 rate = progress->bytes_all > 0 ? progress_rate(progress) : 0;
    g_autofree char *size = rate > 0 ? format_size(rate) : NULL;

    return size ? g_strdup_printf(_("%s/s"), size) : NULL;
}

/* What there is room for, in this order; what says least goes first. */
static int draw_progress(const Account *account, int row, int column, int columns)
{
    enum { BAR, LEFT, BYTES, RATE, PARTS };
    static const int GOES_FIRST[] = {BAR, BYTES, RATE, LEFT};
    const Progress *progress = &account->progress;
    char *parts[PARTS] = {screen_bar(BAR_COLUMNS, progress->done, progress->total), remaining(account),
                          bytes_of(progress), rate_of(progress)};
    int wanted = 0, used = 0;

    for (int i = 0; i < PARTS; i++)
        wanted += parts[i] ? 1 + screen_width(parts[i]) : 0;
    for (guint i = 0; i < G_N_ELEMENTS(GOES_FIRST) && wanted > columns; i++) {
        char **part = &parts[GOES_FIRST[i]];
        wanted -= *part ? 1 + screen_width(*part) : 0;
        g_clear_pointer(part, g_free);
    }
    for (int i = 0; i < PARTS; i++) {
        if (parts[i])
            used += 1 + screen_text(row, column + used + 1, columns - used - 1, SLOT_STATUS_BUSY, parts[i]);
        g_free(parts[i]);
    }
    return used;
}

/* While it is connected they are told at once: what comes and goes in a moment is not worth a word. */
static int draw_waiting(const Account *account, const StatusLine *line, int row, int column, int columns)
{
    if ((!line->waiting && !line->to_send) || account->state == ENGINE_IDLE ||
        account->state == ENGINE_WORKING)
        return 0;
    g_autofree char *changes = format_count(line->waiting), *messages = format_count(line->to_send);
    g_autofree char *text = !line->to_send ? g_strdup_printf(_("%s waiting"), changes)
                            : !line->waiting
                                ? g_strdup_printf(_("%s to send"), messages)
                                : g_strdup_printf(_("%s waiting, %s to send"), changes, messages);
    return 2 + screen_text_cut(row, column + 2, columns - 2, SLOT_STATUS, text);
}

static void draw_connection(const Status *status, ViewRect rect, int columns, const StatusLine *line)
{
    guint n_like_it, n = status->accounts->len;
    const Account *account = worst(status, &n_like_it);
    g_autofree char *words = words_of(account);
    unsigned slot = slot_of(account->state);
    int column = rect.column + 1, end = rect.column + columns;

    column += screen_text(rect.row, column, end - column, slot, screen_symbol(mark_of(account->state))) + 1;
    column += screen_text_cut(rect.row, column, end - column, slot, words);
    if (account->state == ENGINE_WORKING && account->progress.total > 0)
        column += draw_progress(account, rect.row, column, end - column);
    if (n > 1 && n_like_it < n) {
        g_autofree char *count = g_strdup_printf(_(" (%s, %u of %u)"), account->name, n_like_it, n);
        column += screen_text_cut(rect.row, column, end - column, slot, count);
    }
    column += draw_waiting(account, line, rect.row, column, end - column);
    /* Half of it would tell nothing. */
    if (line->hint && column + 2 + screen_width(line->hint) <= end)
        screen_text(rect.row, column + 2, end - column - 2, SLOT_STATUS, line->hint);
}

static gboolean is_well(EngineState state)
{
    return state == ENGINE_IDLE || state == ENGINE_WORKING || state == ENGINE_CONNECTING;
}

void status_draw(const Status *status, ViewRect rect, const StatusLine *line)
{
    guint n_like_it = 0;
    const Account *account = worst(status, &n_like_it);
    const char *right = line->right;
    int columns = rect.columns;

    if (rect.rows < 1)
        return;
    screen_fill(rect.row, rect.column, rect.columns, SLOT_STATUS);
    if (right && screen_width(right) + 2 < columns)
        columns =
            screen_text_right(rect.row, rect.column, rect.columns - 1, SLOT_STATUS, right) - rect.column - 1;
    if (line->left && (!account || is_well(account->state)))
        screen_text_cut(rect.row, rect.column + 1, columns - 1, SLOT_STATUS, line->left);
    else if (account)
        draw_connection(status, rect, columns, line);
}

int status_error_rows(const Status *status, int columns)
{
    return status->error ? wrapped_rows(columns, status->error) : 0;
}

gboolean status_draw_news(const Status *status, ViewRect rect)
{
    gboolean is_news = status_news_left_ms(status) > 0;

    if (!status->error && !is_news)
        return FALSE;
    /* An error stays until a key, and must not hide for so long what the connection is doing: it has its own
     * rows. */
    int rows = status->error ? rect.rows : MAX(MIN(NEWS_ROWS, rect.row / 3), 1);
    wrapped_draw(rect.row + rect.rows - 1, rows, rect.columns,
                 status->error ? SLOT_SECURITY_BAD : SLOT_NORMAL,
                 status->error ? status->error : status->news);
    return TRUE;
}
