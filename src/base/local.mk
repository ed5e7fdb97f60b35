# src/base: no mail here; everything else stands on it.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/cancel.c src/base/cancel.h \
	src/base/charset.c src/base/charset.h \
	src/base/charset_names.c src/base/charset_names.h \
	src/base/clock.c src/base/clock.h \
	src/base/date.c src/base/date.h \
	src/base/date_parse.c \
	src/base/error.c src/base/error.h \
	src/base/file.c src/base/file.h \
	src/base/i18n.h src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/paths.c src/base/paths.h \
	src/base/progress.c src/base/progress.h \
	src/base/queue.c src/base/queue.h \
	src/base/sanitise.c src/base/sanitise.h \
	src/base/sanitise_file_name.c \
	src/base/spawn.c src/base/spawn_argv.c src/base/foreground.c src/base/spawn.h src/base/spawn_private.h \
	src/base/sum.c src/base/sum.h \
	src/base/text.c src/base/text.h \
	src/base/text_wrap.c \
	src/base/thread.c src/base/thread.h \
	src/base/utf7.c src/base/utf7.h \
	src/base/wake.c src/base/wake.h
src_base_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
BASE_LIBS = src/base/libbase.a $(UNISTRING_LIBS) $(OPENSSL_LIBS) $(GLIB_LIBS) -lpthread

UNIT_TESTS += tests/unit/test-base-sum
tests_unit_test_base_sum_SOURCES = tests/unit/test-base-sum.c
tests_unit_test_base_sum_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_sum_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-base-charset
tests_unit_test_base_charset_SOURCES = tests/unit/test-base-charset.c
tests_unit_test_base_charset_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_charset_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-base-text
tests_unit_test_base_text_SOURCES = tests/unit/test-base-text.c
tests_unit_test_base_text_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_text_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-base-charset
tests_fuzz_fuzz_base_charset_SOURCES = tests/fuzz/fuzz-base-charset.c
tests_fuzz_fuzz_base_charset_LDADD = $(BASE_LIBS)
tests_fuzz_fuzz_base_charset_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-base-sanitise
tests_unit_test_base_sanitise_SOURCES = tests/unit/test-base-sanitise.c
tests_unit_test_base_sanitise_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_sanitise_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-base-date
tests_unit_test_base_date_SOURCES = tests/unit/test-base-date.c
tests_unit_test_base_date_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_date_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-base-sanitise
tests_fuzz_fuzz_base_sanitise_SOURCES = tests/fuzz/fuzz-base-sanitise.c
tests_fuzz_fuzz_base_sanitise_LDADD = $(BASE_LIBS)
tests_fuzz_fuzz_base_sanitise_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
UNIT_TESTS += tests/unit/test-base-progress
tests_unit_test_base_progress_SOURCES = tests/unit/test-base-progress.c
tests_unit_test_base_progress_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_progress_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-base-queue tests/unit/test-base-file tests/unit/test-base-spawn
tests_unit_test_base_queue_SOURCES = tests/unit/test-base-queue.c
tests_unit_test_base_queue_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_queue_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_file_SOURCES = tests/unit/test-base-file.c $(temp_folder)
tests_unit_test_base_file_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_file_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_base_spawn_SOURCES = tests/unit/test-base-spawn.c
tests_unit_test_base_spawn_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_spawn_LDADD = $(BASE_LIBS) $(CMOCKA_LIBS)
