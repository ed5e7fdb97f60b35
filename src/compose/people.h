/*
 * people.h - who gets an answer: read out of what the answered message says, which its sender wrote.
 *
 * Own addresses are taken out (identity.h), everybody stands there once, and nobody is there whom the fields
 * do not show: what comes back is typed into the draft's fields, where the writer sees it. Pure.
 */
#ifndef TERN_COMPOSE_PEOPLE_H
#define TERN_COMPOSE_PEOPLE_H

#include "config/config.h"
#include "mime/message.h"
#include "mime/write.h"

#include <glib.h>

typedef enum { PEOPLE_SENDER, PEOPLE_ALL, PEOPLE_LIST } PeopleWho;

typedef struct {
    GPtrArray *to, *cc;     /* MimeMailbox * */
    gboolean is_redirected; /* Reply-To names another domain than From: worth a second look */
} People;
void people_clear(People *people);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(People, people_clear)

/* Reply: Reply-To, else From; to one's own message, its To. All: Mail-Followup-To if it is there, else that,
 * with all of To and Cc. List: List-Post (RFC 2369), else Mail-Followup-To. FALSE and INPUT where there is
 * nobody: no list, a list that takes no mail. */
gboolean people_of_reply(People *people, const Config *config, const MimeMessage *message, PeopleWho who,
                         GError **error);

/* Somebody out of another message as a writer would type it: what cannot be seen in the name is gone. The
 * address stays as it is, so that a wrong one is told when it is checked. */
MimeMailbox *people_mailbox_new(const MimeAddress *address);

/* The address that mail to the message's list goes to, to be freed; NULL: it came from none. */
char *people_list_post(const MimeMessage *message);

#endif
