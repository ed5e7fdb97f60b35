/*
 * units.h - numbers with units: sizes in bytes (500M), durations in seconds (14d). Pure; any thread.
 */
#ifndef TERN_CONFIG_UNITS_H
#define TERN_CONFIG_UNITS_H

#include <glib.h>
#include <stdint.h>

/* Digits and K, M, G or T (of 1024); plain digits are bytes. FALSE: it is none, or too large. */
gboolean units_parse_size(const char *text, int64_t *bytes_out);

/* Digits and s, m, h, d, w or y. FALSE also past a hundred years, so that it can be added to any time. */
gboolean units_parse_duration(const char *text, int64_t *seconds_out);

/* The same in the other direction, in the largest unit that loses nothing; to be freed. */
char *units_format_size(int64_t bytes);
char *units_format_duration(int64_t seconds);

#endif
