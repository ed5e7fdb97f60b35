# src/config: the configuration file, and the syntax that themes and key files share. Runs nothing.
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/account.c src/config/account.h src/config/account_keys.def \
	src/config/config.c src/config/config.h \
	src/config/identity.c src/config/identity.h src/config/identity_keys.def \
	src/config/ini.c src/config/ini.h \
	src/config/options.c \
	src/config/keep.c src/config/keep.h \
	src/config/problem.c src/config/problem.h \
	src/config/suggest.c src/config/suggest.h \
	src/config/units.c src/config/units.h \
	src/config/url.c src/config/url.h \
	src/config/value.c src/config/value.h
CONFIG_LIBS = src/config/libconfig.a $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-config tests/unit/test-config-ini tests/unit/test-config-url
tests_unit_test_config_SOURCES = tests/unit/test-config.c $(temp_folder)
tests_unit_test_config_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_LDADD = $(CONFIG_LIBS) $(CMOCKA_LIBS)
tests_unit_test_config_ini_SOURCES = tests/unit/test-config-ini.c
tests_unit_test_config_ini_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_ini_LDADD = $(CONFIG_LIBS) $(CMOCKA_LIBS)
tests_unit_test_config_url_SOURCES = tests/unit/test-config-url.c
tests_unit_test_config_url_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_url_LDADD = $(CONFIG_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_config_LDADD = $(CONFIG_LIBS)
