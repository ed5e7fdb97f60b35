/*
 * spawn.h - the only way in which tern starts another program.
 *
 * posix_spawn with the signal mask and dispositions reset; every descriptor of tern's is O_CLOEXEC. No shell
 * unless the user wrote a command line in the configuration, which then goes to `sh -c` whole, with nothing
 * from outside in it. Blocks: for workers and helpers, not for the ui thread (but the last two).
 */
#ifndef TERN_BASE_SPAWN_H
#define TERN_BASE_SPAWN_H

#include "base/cancel.h"

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

/* Runs a command line of the user's by `sh -c` in a session of its own, without a terminal, and gives what it
 * wrote to its standard output, at most `max_bytes`, NUL-terminated, to be freed. NULL and an error (INPUT
 * when it could not be run or ended with another status than 0, the first line of its standard error in the
 * sentence; LIMIT; CANCELLED; NETWORK never) otherwise. At `deadline_us` or on cancel it gets SIGTERM, then
 * SIGKILL, its whole group. */
char *spawn_capture(const char *command_line, gsize max_bytes, int64_t deadline_us, Cancel *cancel,
                    GError **error);

/* The same with a program by its words (found in PATH, no shell), for those that hold what somebody typed and
 * is looked for: that it says by its status alone that it found nothing is no failure, as long as its
 * standard error is empty. */
char *spawn_search_argv(const char *const *argv, gsize max_bytes, int64_t deadline_us, Cancel *cancel,
                        GError **error);

/* Runs a program with these arguments (found in PATH, no shell) in a session of its own, its standard input
 * an open file, read from where that stands. TRUE when it ended with status 0. FALSE and an error as from
 * spawn_capture(), and its status: -1 when it did not end by itself, SPAWN_NOT_STARTED when it never ran. */
#define SPAWN_NOT_STARTED (-2)
gboolean spawn_fed(const char *const *argv, int in_fd, int64_t deadline_us, Cancel *cancel, int *status_out,
                   GError **error);

/* Starts a command line of the user's by `sh -c` and does not wait: in a session, and so a process group, of
 * its own, without a terminal. Its standard input is what is written to *in_fd_out; its output and complaints
 * are read from the other two. All are the caller's, who ends the group and reaps. The process, or -1 and
 * INPUT or BUG. */
pid_t spawn_piped(const char *command_line, int *in_fd_out, int *out_fd_out, int *err_fd_out, GError **error);

/* What is done before tern stops with a program in its foreground (Ctrl-Z in that), and when both go on. */
typedef struct {
    void (*stops)(void *data);
    void (*goes_on)(void *data);
    void *data;
} SpawnStop;

/* Runs argv in the foreground of tern's terminal: a process group of its own that gets the terminal, and
 * gives it back. Waits, also through its being stopped (`stop`: NULL, nothing is done then). The wait status,
 * or -1 and an error. The caller has left curses. Where SIGTERM and SIGHUP are blocked and one of them comes, it gets SIGHUP, and 2 s later
 * SIGKILL; the signal stays pending for the caller. */
int spawn_foreground(const char *const *argv, const SpawnStop *stop, GError **error);

/* The same for a command line of the user's, by `sh -c`, which talks to the person by terminal and standard
 * error; its standard output (at most `max_bytes`, which are fewer than a pipe holds: 64 KiB) comes back as
 * from spawn_capture(), with the same errors. */
char *spawn_foreground_capture(const char *command_line, gsize max_bytes, GError **error);

/* Runs a program by its words (argv[0] is looked for in PATH), with that environment, in a session of its own
 * without a terminal; it reads nothing, and what it writes is dropped. Waits for its end; the deadline and
 * cancelling as spawn_capture(). FALSE and INPUT: it cannot be run, took too long, or ended with another
 * status than 0; CANCELLED. */
gboolean spawn_argv(const char *const *argv, const char *const *environment, int64_t deadline_us,
                    Cancel *cancel, GError **error);

#endif
