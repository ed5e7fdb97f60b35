/*
 * clock.h - the time, in two kinds: on the wall, and for waiting.
 *
 * Deadlines are monotonic microseconds (clock_now_us() + n); a deadline of DEADLINE_NONE never comes. Tests
 * may shift boot time against monotonic time, which is how a suspended machine looks. Any thread.
 */
#ifndef TERN_BASE_CLOCK_H
#define TERN_BASE_CLOCK_H

#include <stdint.h>

#define DEADLINE_NONE INT64_MAX
#define SECOND_US INT64_C(1000000)

/* Monotonic microseconds; stands still while the machine sleeps. */
int64_t clock_now_us(void);

/* Seconds since 1970, UTC. */
int64_t clock_wall_s(void);

/* Microseconds since boot, counting sleep; the difference to clock_now_us() grows by what was slept. */
int64_t clock_boot_us(void);

/* Milliseconds from now until `deadline_us`, for poll(2): 0 when past, -1 for DEADLINE_NONE. */
int clock_timeout_ms(int64_t deadline_us);

/* Adds to what clock_boot_us() says from now on; for tests of suspend. */
void clock_shift_boot_us(int64_t by_us);

#endif
