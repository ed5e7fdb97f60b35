/* format.h - numbers as people read them. Any thread. */
#ifndef TERN_UI_FORMAT_H
#define TERN_UI_FORMAT_H

#include <glib.h>

/* "98,113"; to be freed. */
char *format_count(gint64 number);

/* "12 KB", "15 GB": as few digits as say it, by 1024; to be freed. */
char *format_size(gint64 bytes);

#endif
