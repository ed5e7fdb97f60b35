/*
 * disk_box.h - one folder on this disk, open, whatever it is made of; private to the engine (disk.h).
 *
 *      DiskBox ── DiskOps ──┬ disk_maildir.c    a folder of a Maildir
 *                           ├ disk_stubs.c      a POP3 account's Inbox that has stubs
 *                           └ disk_mbox.c       an mbox
 *
 * A message is known by its name (store/files.h), which stays when flags change. Flags are STORE_SEEN …;
 * $Forwarded is the keyword. A function that finds a message returns 1, 0 when it is gone, -1 and STORE. On
 * the caller's thread, between disk_begin() and disk_end().
 */
#ifndef TERN_ENGINE_DISK_BOX_H
#define TERN_ENGINE_DISK_BOX_H

#include "engine/disk.h"

typedef struct DiskBox DiskBox;

/* One message, as listed; lives until the folder is listed again, or changed. */
typedef struct {
    const char *name;
    uint32_t flags;
    const void *own; /* the folder's */
} DiskFile;

/* What is changed of a message. */
typedef struct {
    uint32_t set, clear;
    GPtrArray *add, *remove; /* keywords: const char *, without an end mark */
} DiskChange;

/* What is known of a message beside its bytes. */
typedef struct {
    uint32_t flags;
    char **keywords; /* NULL: none */
    int64_t arrival_s;
} DiskAside;
void disk_aside_clear(DiskAside *aside);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DiskAside, disk_aside_clear)

/* What a message begins with, read at once. */
typedef struct {
    GByteArray *bytes; /* at most DISK_READ_BYTES of it */
    int64_t size_bytes, arrival_s;
} DiskHead;
/* Messages up to this are read whole, to know their attachments; of larger ones only the header is looked
 * at. */
#define DISK_READ_BYTES (4 << 20)

/* What a kind of folder does; `of` is its own state. */
typedef struct {
    gboolean (*list)(void *of, GArray *files, GError **error);
    guint64 (*stamp)(void *of);
    char **(*keywords)(void *of, const DiskFile *file);
    int (*read)(void *of, const DiskFile *file, DiskHead *head, GError **error);
    int (*change)(void *of, const char *name, uint32_t like_flags, const DiskChange *change, GError **error);
    int (*remove)(void *of, const char *name, uint32_t like_flags, GError **error);
    /* Its bytes, as a message by itself, and what is known of it beside them. */
    int (*write_out)(void *of, const char *name, uint32_t like_flags, int fd, DiskAside *aside,
                     GError **error);
    /* A message, from a descriptor to its end. `mark`: makes it known again when this is done twice. */
    gboolean (*take_in)(void *of, int fd, const char *mark, uint32_t flags, char **keywords,
                        int64_t arrival_s, char **name_out, GError **error);
    /* Whether a message was taken in with that mark, and what it is known by, to be freed. */
    int (*took)(void *of, const char *mark, char **name_out, GError **error);
    gboolean (*flush)(void *of, GError **error);
    void (*close)(void *of);
} DiskOps;

struct DiskBox {
    const DiskOps *ops;
    void *of;
    GArray *files; /* DiskFile, as listed last */
};

/* Whether that folder of the account is a file: the Inbox of an mbox account. */
gboolean disk_is_mbox(const ConfigAccount *account, const char *raw_name);
/* The account's Maildir, made where it may be. FALSE and STORE. */
gboolean disk_make_root(const Disk *disk, const char *root, GError **error);

/* NULL and STORE. */
DiskBox *disk_box_open(const Disk *disk, const char *raw_name, GError **error);
/* The same of a folder that is no account's: takes over what a kind has opened; NULL for NULL. */
DiskBox *disk_box_at(void *of, const DiskOps *ops);
void disk_box_free(DiskBox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiskBox, disk_box_free)

/* DiskFile, ascending by the bytes of their names; the box's. NULL and STORE. */
const GArray *disk_box_list(DiskBox *box, GError **error);

/* Into another folder; *name_out (to be freed): what it is known by there. */
int disk_box_move(DiskBox *from, const char *name, uint32_t like_flags, DiskBox *to, const char *mark,
                  char **name_out, GError **error);
int disk_box_copy(DiskBox *from, const char *name, uint32_t like_flags, DiskBox *to, const char *mark,
                  char **name_out, GError **error);

/* ---- the kinds ---- */

extern const DiskOps DISK_MAILDIR, DISK_MBOX, DISK_STUBS;
/* The Inbox of an mbox account: NULL and STORE. */
void *disk_mbox_open(const Disk *disk, GError **error);
/* A folder of a Maildir: NULL and STORE. */
void *disk_maildir_open(const char *root, const char *raw_name, GError **error);
/* The Inbox of a POP3 account, with its stubs, in *of_out; NULL there: it has none, and is a folder like any
 * other. FALSE and STORE. */
gboolean disk_stubs_open(const char *root, const char *stubs, void **of_out, GError **error);
/* Its folder of the Maildir: what disk_maildir_open() gives. */
void *disk_stubs_mail(void *of);
/* Whether that message may go from there to anywhere. FALSE and INPUT: it is a stub. */
gboolean disk_stubs_may_leave(void *of, const char *name, GError **error);
/* What a message that is taken in with that mark is called, to be freed. */
char *disk_maildir_name(const char *mark);
/* To be freed; NULL: it is not there, or with `is_likely` not where its flags say, which is found out without
 * reading the folder. */
char *disk_maildir_path(const char *root, const char *raw_name, const char *name, uint32_t like_flags,
                        gboolean is_likely);
int disk_maildir_move(void *from, const char *name, uint32_t like_flags, void *to, char **name_out,
                      GError **error);
int disk_maildir_copy(void *from, const char *name, uint32_t like_flags, void *to, const char *mark,
                      char **name_out, GError **error);

#endif
