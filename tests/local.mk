# The unit tests and fuzz targets are named in each folder's local.mk; here is what runs them.
TEST_LIBS = $(CMOCKA_LIBS)
TESTS = $(UNIT_TESTS)
LOG_COMPILER = $(SHELL) $(srcdir)/tests/run-unit
EXTRA_DIST += tests/run-unit tests/layers.sh tests/sizes.sh
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
if FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif
