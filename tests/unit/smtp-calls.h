/*
 * smtp-calls.h - an SMTP session told what to do by a line of text, and what comes of it as lines: for
 * conversations.
 *
 *     greet                              login USER PASSWORD         login-safely …  (no cleartext)
 *     can                                what the server announced
 *     send FROM TO[,TO…] TEXT [OPTION…]  TEXT: "_" is a space, "\n" and "\r" are those; OPTION: tls notify full id=…
 *                                        mark-fails big=N (N lines of "x" after the text)
 *     then FROM TO[,TO…] TEXT [OPTION…]  the message after the next one: what that one's next() gives
 *     go-on                              sends it
 *     noop  quit
 *
 * Of send: "next" when next() gave one, "mark" when before_end() was called, a line for each recipient,
 * "unknown" and "notified" where it is so. "ok" or "error KIND: sentence" is the last line.
 */
#ifndef TERN_TESTS_SMTP_CALLS_H
#define TERN_TESTS_SMTP_CALLS_H

#include "smtp/session.h"

/* FALSE: there is no such call. */
gboolean smtp_calls_do(SmtpSession *session, const char *line, int64_t patience_us, GString *out);
/* Whether it is one that cannot notice a broken connection. */
gboolean smtp_calls_is_pure(const char *line);

#endif
