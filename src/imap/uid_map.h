/*
 * uid_map.h - which UID has which sequence number in the selected folder, as long as it is open (RFC 3501,
 * 2.3.1).
 *
 *   1 2 3 | 4 5 6 7 | ? ?        sequence numbers; what is known of the UIDs, as runs; new ones not yet known
 *   5 6 7   20 … 23
 *
 * Runs stand in blocks, so that taking one out of a million costs neither a walk through all nor a copy of
 * all. Nothing is allocated for what is not known, whatever number of messages a server claims. Pure; any
 * thread.
 */
#ifndef TERN_IMAP_UID_MAP_H
#define TERN_IMAP_UID_MAP_H

#include "imap/uidset.h"

typedef struct ImapUidMap ImapUidMap;

/* The first messages of the folder, ascending by UID as sequence numbers are. */
ImapUidMap *imap_uid_map_new(ImapUidSet *uids);
void imap_uid_map_free(ImapUidMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapUidMap, imap_uid_map_free)

/* Sequence numbers from 1 to this are known. */
uint32_t imap_uid_map_known(const ImapUidMap *map);
/* 0: not known. */
uint32_t imap_uid_map_find(const ImapUidMap *map, uint32_t seq);
/* A FETCH told it; it counts only as the next one that is not known, with a UID above the others. */
void imap_uid_map_learn(ImapUidMap *map, uint32_t seq, uint32_t uid);
/* EXPUNGE: those behind move up. The UID, 0 when it was not known. */
uint32_t imap_uid_map_expunge(ImapUidMap *map, uint32_t seq);

#endif
