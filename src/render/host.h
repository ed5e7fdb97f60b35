/*
 * host.h - whether a host's name is what it looks like; for src/render only.
 */
#ifndef TERN_RENDER_HOST_H
#define TERN_RENDER_HOST_H

#include <glib.h>

/* The host in a URL ("https://user@Example.org:8080/x" gives "example.org"), or of mailto: what follows the
 * '@'; lower case, "" when there is none. *has_user_out (may be NULL): something stands before an '@' in
 * front of the host, which is how a host is hidden behind another one. To be freed. */
char *render_host_of_url(const char *url, gboolean *has_user_out);

/* Whether a name of other letters could be taken for one of Latin ones: a label mixes scripts that no
 * language writes together, or is all letters that look Latin. Names in punycode are decoded first. */
gboolean render_host_imitates(const char *host);

/* The host in ASCII (punycode), to be freed. */
char *render_host_ascii(const char *host);

/* Whether somebody who reads `shown` expects to get to `real`: the same, or one within the other's domain. */
gboolean render_host_matches(const char *shown, const char *real);

#endif
