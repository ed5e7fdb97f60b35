/*
 * private.h - what the files of auth share.
 *
 * A login is a list of attempts, made once from what the server offers: first the strongest mechanism, then, only where
 * that was refused for its channel binding, what is as safe. Most logins have one.
 */
#ifndef TERN_AUTH_PRIVATE_H
#define TERN_AUTH_PRIVATE_H

#include "auth/auth.h"

#define AUTH_LOGIN_COMMAND "LOGIN command"

typedef struct {
    const char *mechanism; /* of the table in choice.c */
    const char *binding;   /* "tls-exporter", "tls-unique"; NULL: none */
} AuthAttempt;

/* AuthAttempt, at least one; NULL and AUTH otherwise. */
GArray *auth_choose(const AuthRequest *request, GError **error);

gboolean auth_is_scram(const char *mechanism);

#endif
