/* siphash.h - SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash whose collisions nobody outside can aim
 * for. */
#ifndef TERN_STORE_SIPHASH_H
#define TERN_STORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint64_t key[2], const void *data, size_t size);

#endif
