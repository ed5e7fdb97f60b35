/*
 * pop3_keeper_private.h - the inside of a keeper, for the files that make it up.
 *
 *      pop3_keeper.c       messages on their way from the server into the Inbox
 *      pop3_recover.c      what visits that were cut off have left
 */
#ifndef TERN_ENGINE_POP3_KEEPER_PRIVATE_H
#define TERN_ENGINE_POP3_KEEPER_PRIVATE_H

#include "engine/pop3_keeper.h"
#include "maildir/maildir.h"

typedef struct Preparation Preparation;

struct Keeper {
    char *account, *root, *stubs_root;
    MaildirFolder *inbox, *stubs; /* stubs NULL: there are none */
    UidlLog *log;
    KeeperOwner owner;
    void (*progress)(const Pop3Progress *progress, void *data);
    MaildirDelivery *coming; /* NULL: none */
    GPtrArray *group;        /* Arrived * */
    Preparation *preparing;  /* the group before that; NULL: none */
    GPtrArray *gone;         /* char *: bases of stubs whose messages the server does not have any more */
};

/* Takes stubs away, durably, with their keywords, while the folders are its own; `bases`: char *. FALSE and
 * STORE, or what begin() fails with. */
gboolean keeper_remove_stubs(const Keeper *keeper, const GPtrArray *bases, GError **error);

/* Pop3Keeper.find */
gboolean keeper_find_items(const GPtrArray *items, GHashTable *found, void *data, GError **error);

#endif
