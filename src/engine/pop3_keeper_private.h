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
    gboolean (*committed)(void *data, GError **error);
    void (*progress)(const Pop3Progress *progress, void *data);
    void *data;
    MaildirDelivery *coming; /* NULL: none */
    GPtrArray *group;        /* Arrived * */
    Preparation *preparing;  /* the group before that; NULL: none */
};

/* Pop3Keeper.find */
gboolean keeper_find_items(const GPtrArray *items, GHashTable *found, void *data, GError **error);

#endif
