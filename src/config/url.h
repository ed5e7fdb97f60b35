/*
 * url.h - the servers that `incoming`, `outgoing` and `proxy` name.
 *
 *      SCHEME://[USER@]HOST[:PORT]               imaps imap+starttls imap, the same of pop3 and of smtp
 *      maildir:PATH  mbox:PATH  sendmail:COMMAND
 *      socks5://[USER:PASSWORD@]HOST[:PORT]      the proxy
 *
 * USER is percent-decoded (a bare '@' in it is understood), HOST a name (international ones become ASCII), an
 * IPv4 address, or an IPv6 address in brackets. Pure; any thread.
 */
#ifndef TERN_CONFIG_URL_H
#define TERN_CONFIG_URL_H

#include "config/config.h"

typedef enum { URL_INCOMING, URL_OUTGOING } UrlKind;

/* Fills *server (to be cleared by url_server_clear()). FALSE and what is wrong with it, with an example
 * (newly allocated); a text that holds a password is not quoted. */
gboolean url_parse_server(const char *text, UrlKind kind, ConfigServer *server_out, char **why_out);
void url_server_clear(ConfigServer *server);

/* The server as its URL, to be freed; NULL for CONFIG_NONE. */
char *url_format_server(const ConfigServer *server);

/* Fills *proxy_out from socks5://[USER:PASSWORD@]HOST[:PORT] (to be cleared by url_proxy_clear()). FALSE as
 * url_parse_server(). */
gboolean url_parse_proxy(const char *text, ConfigProxy *proxy_out, char **why_out);
void url_proxy_clear(ConfigProxy *proxy);
/* As its URL without the password, to be freed; NULL for none. */
char *url_format_proxy(const ConfigProxy *proxy);

/* Whether connections to that host stay within this machine. */
gboolean url_is_loopback(const char *host);

#endif
