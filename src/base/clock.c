/* clock.c - see clock.h. */
#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t boot_shift_us;

static int64_t read_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

int64_t clock_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME) + atomic_load(&boot_shift_us);
}

void clock_shift_boot_us(int64_t by_us)
{
    atomic_fetch_add(&boot_shift_us, by_us);
}

int clock_timeout_ms(int64_t deadline_us)
{
    if (deadline_us == DEADLINE_NONE)
        return -1;
    int64_t left_us = deadline_us - clock_now_us();
    if (left_us <= 0)
        return 0;
    int64_t left_ms = (left_us + 999) / 1000; /* up, so that poll(2) does not come back just before */
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}
