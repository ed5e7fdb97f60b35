/*
 * config.h - the configuration file (CONTRACT.md: Configuration): accounts, options, keys, colours.
 *
 * A Config is read whole, checked whole, and never changes afterwards: reading again makes a new one. Every
 * value knows its line, so every mistake is told as `file:line: what is wrong, and what would be right`.
 * Shared by reference count, read by any thread. Nothing is run here: commands are only strings.
 */
#ifndef TERN_CONFIG_CONFIG_H
#define TERN_CONFIG_CONFIG_H

#include <glib.h>
#include <stdint.h>

typedef enum {
    CONFIG_IMAP,
    CONFIG_POP3,
    CONFIG_MAILDIR,
    CONFIG_MBOX,
    CONFIG_SMTP,
    CONFIG_SENDMAIL,
    CONFIG_NONE /* the key is not set */
} ConfigProtocol;

typedef enum { CONFIG_PLAIN, CONFIG_TLS, CONFIG_STARTTLS } ConfigSecurity;

/* A server as `incoming` and `outgoing` name it; for maildir:, mbox: and sendmail: only protocol and path. */
typedef struct {
    ConfigProtocol protocol;
    ConfigSecurity security;
    char *user; /* percent-decoded; NULL: the address */
    char *host; /* without brackets round an IPv6 address */
    uint16_t port;
    char *path; /* a path or a command */
} ConfigServer;

/* A SOCKS5 proxy (RFC 1928) as `proxy` names it. */
typedef struct {
    char *user, *password; /* percent-decoded; NULL: none */
    char *host;            /* without brackets round an IPv6 address; NULL: no proxy */
    uint16_t port;
} ConfigProxy;

/* What to keep readable offline: `headers`, `text` or `all`, for so long, up to so much. */
typedef struct {
    enum { CONFIG_KEEP_HEADERS, CONFIG_KEEP_TEXT, CONFIG_KEEP_ALL } what;
    int64_t age_s;      /* 0: without end */
    int64_t size_bytes; /* 0: without limit */
} ConfigKeep;

/* The same of a whole account. */
typedef struct {
    ConfigKeep rest;    /* of folders that are not named */
    GPtrArray *folders; /* ConfigKeepFolder *, those that are; NULL: none */
} ConfigKeeping;
typedef struct {
    char *name;
    ConfigKeep keep;
} ConfigKeepFolder;

/* What POP3 leaves on the server after downloading. */
typedef struct {
    enum { CONFIG_SERVER_DELETE, CONFIG_SERVER_KEEP, CONFIG_SERVER_DAYS, CONFIG_SERVER_UNTIL_DELETED } what;
    int64_t age_s; /* for CONFIG_SERVER_DAYS */
} ConfigServerKeep;

typedef struct {
    char *id; /* `[account ID]` */
    char *name, *address;
    ConfigServer incoming, outgoing;
    char *password, *password_command;
    char *ca_file, *pin;            /* pin: 64 lower-case hex digits */
    char *client_cert, *client_key; /* PEM; client_key NULL: it stands in client_cert's file */
    char *tunnel;                   /* a command line for sh -c; NULL: connect */
    ConfigProxy proxy;
    ConfigKeeping keep_offline;
    int64_t cache_size_bytes;
    char **watch; /* folder names, NULL-terminated */
    int max_connections;
    ConfigServerKeep keep_on_server;
    int64_t max_size_bytes;                       /* 0: none */
    int64_t poll_s;                               /* 0: as config_account_poll_s() says */
    char *archive, *trash, *sent, *drafts, *junk; /* NULL: as the server says */
    char *compress;                               /* "auto", "yes" or "no" */
    char **addresses, **use_address;              /* NULL-terminated; compose/identity.h reads them */
    char *signature, *signature_command, *reply_to;
    char **headers; /* "Name: value" */
    char **copy_to; /* "FOLDER -> FOLDER" */
    char *language; /* "en-GB" */
    gboolean bcc_self;
    gboolean offline, insecure, weaker_login;
    gboolean is_usable; /* there is no mistake in its section; else it must not be connected */
    int line;           /* of its section's header */
    int *key_lines;     /* of its keys (config_account_line()); NULL: not known */
} ConfigAccount;

/* A further address of an account, and what goes with it; what is not set is the account's. */
typedef struct {
    char *id;      /* `[identity ID]` */
    char *account; /* one that is there */
    char *name, *address;
    char **use_for; /* folders and recipients */
    char *signature, *signature_command, *reply_to;
    gboolean bcc_self;
    char **headers;
    guint set; /* which of its keys stand in the file, a bit each (config_identity_has()) */
    int line;
    int *key_lines;
} ConfigIdentity;

/* One `key = value` of a section whose keys are free ([keys], [colours], [aliases]). */
typedef struct {
    char *key, *value;
    int line;
} ConfigEntry;

typedef struct {
    char *file;
    int line; /* 0: the file as a whole */
    char *text;
} ConfigProblem;

typedef struct Config Config;

/* Reads `path`. Mistakes are no error: they are in config_problems(), and what is right around them is still
 * there. A missing file is a Config without accounts and without problems. NULL and CONFIG only when it
 * exists and cannot be read at all. */
Config *config_load(const char *path, GError **error);
/* The same from text, with `path` for the messages and `mode` (0 for none) to check 0600 where a password
 * stands. */
Config *config_parse(const char *text, gsize size, const char *path, unsigned mode);

Config *config_ref(Config *config);
void config_unref(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_unref)

const char *config_path(const Config *config);
gboolean config_exists(const Config *config);

/* ConfigProblem *, in order of lines; empty when all is well. Stays the Config's. */
const GPtrArray *config_problems(const Config *config);

/* ConfigAccount *, in the file's order, also those that cannot be used (is_usable) for what is wrong in them.
 * Stays the Config's. */
const GPtrArray *config_accounts(const Config *config);
/* By id, or NULL. */
const ConfigAccount *config_account(const Config *config, const char *id);

/* What is kept of a folder: as it, or else the nearest of those above it, is named. */
ConfigKeep config_account_keep(const ConfigAccount *account, const char *folder);

/* How often to look where the server tells nothing by itself: as configured, or 5 minutes; for POP3 10. */
int64_t config_account_poll_s(const ConfigAccount *account);

/* ConfigIdentity *, in the file's order. Stays the Config's. */
const GPtrArray *config_identities(const Config *config);
/* Whether that key stands in its section. */
gboolean config_identity_has(const ConfigIdentity *identity, const char *key);

/* An option of [tern] (table in config/options.c): its value or its default. Asking for one that is not in
 * the table is a bug. */
const char *config_string(const Config *config, const char *option);
int64_t config_int(const Config *config, const char *option);
gboolean config_bool(const Config *config, const char *option);
/* Whether it stands in the file, and rightly. */
gboolean config_is_set(const Config *config, const char *option);
/* The line where it does; 0: nowhere. */
int config_line(const Config *config, const char *option);

/* ConfigEntry * of [keys], [colours] or [aliases]. */
const GPtrArray *config_entries(const Config *config, const char *section);

/* What kind of value an option or an account's key takes. */
typedef enum {
    OPTION_STRING,
    OPTION_INT,         /* choices: "MIN MAX" */
    OPTION_BOOL,        /* yes, no */
    OPTION_CHOICE,      /* choices: the words, parted by spaces */
    OPTION_PATH,        /* begins with / or ~/; the value is absolute */
    OPTION_LIST,        /* parted by ";" */
    OPTION_SECRET,      /* never shown */
    OPTION_SIZE,        /* bytes: 500M, 1G */
    OPTION_DURATION,    /* seconds: 30s, 5m, 12h, 14d, 4w, 1y */
    OPTION_ADDRESS,     /* ada@example.org */
    OPTION_INCOMING,    /* a server's URL */
    OPTION_OUTGOING,    /* likewise, for sending */
    OPTION_PROXY,       /* a proxy's URL */
    OPTION_PIN,         /* a SHA-256 fingerprint */
    OPTION_KEEP,        /* headers, text or all, and how long and how much; the same for folders */
    OPTION_SERVER_KEEP, /* no, yes, until-deleted, or how long */
} ConfigOptionType;

/* The table of options, for help, man page and `:set`: one row an option, ended by a NULL name. */
typedef struct {
    const char *name;
    ConfigOptionType type;
    const char *default_value; /* as in the file; "": not set */
    const char *choices;       /* as the type says, else NULL */
    const char *help;          /* N_() */
} ConfigOption;
const ConfigOption *config_options(void);

/* The option of that name, or NULL. */
const ConfigOption *config_option(const char *name);

/* Whether the text is a valid value of an option, and why not (newly allocated). */
gboolean config_option_check(const ConfigOption *option, const char *value, char **why_out);

/* The keys of [account …] likewise. */
const ConfigOption *config_account_keys(void);

/* The line where an account's key stands; 0: nowhere. */
int config_account_line(const ConfigAccount *account, const char *key);

/* The value in effect of an account's key as it would stand in the file, to be freed; NULL: not set. A password is
 * "********". */
char *config_account_format(const ConfigAccount *account, const ConfigOption *key);

/* All likewise of [identity …]. */
const ConfigOption *config_identity_keys(void);
int config_identity_line(const ConfigIdentity *identity, const char *key);
char *config_identity_format(const ConfigIdentity *identity, const ConfigOption *key);

#endif
