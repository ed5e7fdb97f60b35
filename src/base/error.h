/*
 * error.h - how things fail in tern.
 *
 * A function that can fail takes a `GError **error` last, and returns false, NULL or -1 when it failed. The
 * error says two things: its kind, which is named by what happens next, so that a caller can act without
 * reading text; and a sentence for the user: what failed, on what, and what to do about it. The sentence goes
 * through _(), ends without a full stop where more may follow, and holds no byte from outside that was not
 * made safe (see sanitise.h).
 *
 *     if (!file_read(path, LIMIT_CONFIG_BYTES, &text, error)) {
 *         g_prefix_error(error, _("the configuration: "));
 *         return NULL;
 *     }
 *
 * Any thread.
 */
#ifndef TERN_BASE_ERROR_H
#define TERN_BASE_ERROR_H

#include <glib.h>

#define TERN_ERROR (tern_error_quark())

/* The kinds, named by what the caller does next. The order is part of no file format; the names are
 * (CONTRACT: JSON). */
typedef enum {
    TERN_ERROR_CANCELLED, /* somebody asked for it: say nothing */
    TERN_ERROR_NETWORK,   /* the network or the peer is not there: try again later */
    TERN_ERROR_TLS,       /* the peer is not who it should be: do not go on; ask the user */
    TERN_ERROR_AUTH,      /* not let in: ask for another password */
    TERN_ERROR_REFUSED,   /* the server said no to this one thing: roll it back and tell */
    TERN_ERROR_PROTOCOL,  /* the server talks nonsense: drop the connection */
    TERN_ERROR_LIMIT,     /* more came from outside than tern takes (limits.h) */
    TERN_ERROR_STORE,     /* disk or database */
    TERN_ERROR_CRYPTO,    /* OpenPGP or S/MIME */
    TERN_ERROR_CONFIG,    /* the configuration file */
    TERN_ERROR_INPUT,     /* what the user typed or gave */
    TERN_ERROR_BUG,       /* tern is wrong */
} TernErrorKind;

GQuark tern_error_quark(void);

/* The kind of an error. One of another domain (GIOError, …) that no one translated counts as
 * TERN_ERROR_BUG. */
TernErrorKind tern_error_kind(const GError *error);

/* A kind's name as scripts see it: "network", "tls" … Static storage. */
const char *tern_error_kind_name(TernErrorKind kind);

/* Whether `error` is set and of this kind; false for NULL. */
gboolean tern_error_is(const GError *error, TernErrorKind kind);

/* Sets *error (which may be NULL, as in GLib) to a new error; `format` is the sentence for the user. */
void tern_error_set(GError **error, TernErrorKind kind, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same for a failed system call: the sentence is followed by ": " and what errno says. Pass errno as
 * saved. */
void tern_error_set_errno(GError **error, TernErrorKind kind, int saved_errno, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
