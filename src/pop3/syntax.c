/* syntax.c - see syntax.h. */
#include "pop3/syntax.h"

#include "base/limits.h"

#include <string.h>

/* Nobody means more than these. */
#define MOST_EXPIRE_DAYS 100000
#define MOST_LOGIN_DELAY_S 86400
/* A time stamp is a message id, and its digest has to be worth something. */
#define MOST_TIMESTAMP_BYTES 256

/* ---- numbers and UIDLs ---- */

/* Digits at *at, moved behind them; FALSE when there are none or they do not fit. */
static gboolean take_number(const char **at, const char *end, uint64_t *number_out)
{
    const char *start = *at;
    uint64_t number = 0;

    for (; *at < end && g_ascii_isdigit(**at); (*at)++) {
        const uint64_t digit = (uint64_t)(**at - '0');
        if (number > (INT64_MAX - digit) / 10)
            return FALSE;
        number = number * 10 + digit;
    }
    *number_out = number;
    return *at > start && (*at == end || **at == ' ');
}

static void skip_spaces(const char **at, const char *end)
{
    while (*at < end && **at == ' ')
        (*at)++;
}

gboolean pop3_read_numbers(const char *text, gsize bytes, uint64_t *first_out, uint64_t *second_out)
{
    const char *at = text, *end = text + bytes;

    if (!take_number(&at, end, first_out))
        return FALSE;
    skip_spaces(&at, end);
    return take_number(&at, end, second_out);
}

gboolean pop3_read_uidl(const char *text, gsize bytes, uint64_t *number_out, const char **uidl_out,
                        gsize *uidl_bytes_out)
{
    const char *at = text, *end = text + bytes;

    if (!take_number(&at, end, number_out))
        return FALSE;
    skip_spaces(&at, end);
    while (end > at && end[-1] == ' ')
        end--;
    *uidl_out = at;
    *uidl_bytes_out = (gsize)(end - at);
    for (; at < end; at++)
        if (*at < 0x21 || *at > 0x7e)
            *uidl_bytes_out = 0;
    if (*uidl_bytes_out > LIMIT_POP3_UIDL_BYTES)
        *uidl_bytes_out = 0;
    return TRUE;
}

/* ---- capabilities ---- */

Pop3Capability pop3_read_capability(const char *text, const char **arguments_out)
{
    static const char *const NAMES[] = {
        [POP3_CAN_TOP] = "TOP",
        [POP3_CAN_UIDL] = "UIDL",
        [POP3_CAN_USER] = "USER",
        [POP3_CAN_SASL] = "SASL",
        [POP3_CAN_STLS] = "STLS",
        [POP3_CAN_PIPELINING] = "PIPELINING",
        [POP3_CAN_RESP_CODES] = "RESP-CODES",
        [POP3_CAN_AUTH_RESP_CODE] = "AUTH-RESP-CODE",
        [POP3_CAN_UTF8] = "UTF8",
        [POP3_CAN_EXPIRE] = "EXPIRE",
        [POP3_CAN_LOGIN_DELAY] = "LOGIN-DELAY",
        [POP3_CAN_IMPLEMENTATION] = "IMPLEMENTATION",
    };
    const gsize bytes = strcspn(text, " ");

    *arguments_out = text + bytes + strspn(text + bytes, " ");
    for (gsize i = 1; i < G_N_ELEMENTS(NAMES); i++)
        if (strlen(NAMES[i]) == bytes && g_ascii_strncasecmp(text, NAMES[i], bytes) == 0)
            return (Pop3Capability)i;
    return POP3_CAN_ANYWAY;
}

/* The number that a capability's arguments begin with, up to `most`; -1: none. */
static int first_number(const char *arguments, int most)
{
    const char *at = arguments;
    uint64_t number;

    if (!take_number(&at, arguments + strlen(arguments), &number))
        return -1;
    return (int)MIN(number, (uint64_t)most);
}

int pop3_read_expire(const char *arguments)
{
    if (g_ascii_strncasecmp(arguments, "NEVER", 5) == 0 && (!arguments[5] || arguments[5] == ' '))
        return POP3_EXPIRE_NEVER;
    const int days = first_number(arguments, MOST_EXPIRE_DAYS);
    return days >= 0 ? days : POP3_EXPIRE_UNKNOWN;
}

int pop3_read_login_delay(const char *arguments)
{
    return MAX(first_number(arguments, MOST_LOGIN_DELAY_S), 0);
}

/* ---- what a status says ---- */

char *pop3_read_code(const char *text, const char **text_out)
{
    const char *end = *text == '[' ? strchr(text, ']') : NULL;

    *text_out = text;
    if (!end || end == text + 1)
        return NULL;
    for (const char *at = text + 1; at < end; at++)
        if (!g_ascii_isalnum(*at) && !strchr("-/_.", *at))
            return NULL;
    *text_out = end + 1 + strspn(end + 1, " ");
    return g_ascii_strup(text + 1, end - text - 1);
}

char *pop3_read_timestamp(const char *greeting)
{
    const char *start = strchr(greeting, '<');
    const char *end = start ? strchr(start, '>') : NULL;
    gboolean has_at = FALSE;

    if (!end || end - start >= MOST_TIMESTAMP_BYTES)
        return NULL;
    /* Bytes above 0x7e let somebody who can choose the stamp find passwords out (CVE-2007-1558). */
    for (const char *at = start; at < end; at++) {
        if (*at < 0x21 || *at > 0x7e)
            return NULL;
        has_at |= *at == '@';
    }
    return has_at ? g_strndup(start, (gsize)(end - start) + 1) : NULL;
}
