/*
 * private.h - what the files of auth share.
 *
 * A login is a list of attempts, made once from what the server offers: first the strongest mechanism, then,
 * where its channel binding may be what was refused, what is as safe. Most logins have one.
 */
#ifndef TERN_AUTH_PRIVATE_H
#define TERN_AUTH_PRIVATE_H

#include "auth/auth.h"

#define AUTH_LOGIN_COMMAND "LOGIN command"
#define AUTH_EXTERNAL "EXTERNAL"

typedef struct {
    const char *mechanism; /* of the table in choice.c */
    const char *binding;   /* "tls-exporter", "tls-unique"; NULL: none */
} AuthAttempt;

/* AuthAttempt, at least one; NULL and AUTH otherwise. */
GArray *auth_choose(const AuthRequest *request, GError **error);

/* A login with this kind of binding (of an AuthAttempt) succeeded: the next one there begins with it. Any
 * thread. */
void auth_remember_binding(const char *host, const char *binding);

gboolean auth_is_scram(const char *mechanism);

#endif
