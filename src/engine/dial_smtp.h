/*
 * dial_smtp.h - from an account's `outgoing` to an SMTP session that takes messages; private to the engine,
 * on a sender's thread.
 */
#ifndef TERN_ENGINE_DIAL_SMTP_H
#define TERN_ENGINE_DIAL_SMTP_H

#include "config/config.h"
#include "smtp/session.h"

/* Connects, shakes TLS, greets, and logs in where the server offers that; 30 s for the connection. The
 * password is the account's, asked for when the server wants one. `least`: what the server has to offer.
 * The caller frees the session. Errors as net_stream_open(), smtp_greet(), auth_password_get() and
 * smtp_login(). */
SmtpSession *dial_smtp(const ConfigAccount *account, AuthStrength least, Cancel *cancel, GError **error);

#endif
