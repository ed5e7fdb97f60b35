/*
 * streams.h - for tests: a stream to a TestServer, and what every test of streams asks. Failing here fails the test.
 */
#ifndef TERN_TESTS_STREAMS_H
#define TERN_TESTS_STREAMS_H

#include "tests/lib/peer.h"

#include "base/error.h"
#include "net/stream.h"

/* Plain, to 127.0.0.1. */
NetStream *test_stream_open(const TestServer *server, Cancel *cancel);
/* Exactly `size` bytes or what comes before the end, NUL-terminated; to be freed. */
char *test_stream_read(NetStream *stream, gsize size);
void test_stream_write(NetStream *stream, const char *text);

/* Ends it; nothing may have gone wrong in it. */
void test_server_end(TestServer *server);

/* That the error is of this kind and says these words; clears it. */
void test_assert_error(GError **error, TernErrorKind kind, const char *words);

/* A thread that triggers a Cancel in 50 ms. */
typedef struct TestLater TestLater;
TestLater *test_cancel_later(Cancel *cancel);
/* That what it cancelled has ended since, promptly (10 ms are promised; a loaded machine with sanitizers gets more). */
void test_later_assert_prompt(TestLater *later, const char *what);

#endif
