# What runs the tests. The unit tests and fuzz targets themselves are named in each folder's local.mk.
TEST_LIBS = $(CMOCKA_LIBS)
# What unit tests share.
temp_folder = tests/unit/temp-folder.c tests/unit/temp-folder.h
TESTS = $(UNIT_TESTS)
LOG_COMPILER = $(SHELL) $(srcdir)/tests/run-unit
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
check_PROGRAMS += $(BENCHES)
if FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif

# Those that start threads, or whose code others' threads run: they run under ThreadSanitizer too.
TSAN_TESTS = $(filter tests/unit/test-base-% tests/unit/test-net-% tests/unit/test-auth-% tests/unit/test-store-% \
	tests/unit/test-engine-% tests/unit/test-maildir,$(UNIT_TESTS))

# For tests/check.py: the programs without running them, and the lists.
check-programs: $(check_PROGRAMS)
tsan-programs: $(TSAN_TESTS)
fuzz-programs: $(FUZZ_TARGETS)
print-list:
	@echo $($(LIST))
.PHONY: check-programs tsan-programs fuzz-programs print-list

# By name, what ./bootstrap check does in parts, each in a build folder of its own beside the sources. Their
# folder is the source tree, which a distribution's read-only one cannot give.
asan:
	$(srcdir)/bootstrap check --only unit,server
tsan:
	$(srcdir)/bootstrap check --only tsan
fuzz:
	$(srcdir)/bootstrap check --only fuzz --seconds $(or $(SECONDS),600)
# The long form of the tests of faults (tests/lib/torture.py): TORTURE_SEED, TORTURE_COUNT, and ONLY='-k kill'.
torture: all
	cd $(srcdir) && TERN=$(abs_builddir)/tern TORTURE=long PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 -m pytest -v -s --tb=short --timeout=0 -m torture tests/server tests/tui $(ONLY)
coverage:
	$(srcdir)/tests/coverage
bench: all $(BENCHES)
	TERN=$(abs_builddir)/tern BENCH_BUILD=$(abs_builddir) /usr/bin/python3 $(srcdir)/tests/bench/run $(BENCH)
lint: compile_commands.json
	$(srcdir)/tests/lint $(abs_builddir)
format:
	cd $(srcdir) && clang-format -i $$(find src ui tests -name '*.[ch]')
compile_commands.json: Makefile
	/usr/bin/python3 $(srcdir)/tests/compile-commands $(abs_srcdir) $(MAKE) >$@-t && mv $@-t $@
CLEANFILES += compile_commands.json
.PHONY: asan tsan fuzz torture coverage bench lint format

# Folders are copied as they stand, here and in the build, without what building and running leaves there.
EXTRA_DIST += tests/run-unit tests/lsan.supp tests/layers.sh tests/sizes.sh tests/check.py tests/coverage tests/lint \
	tests/compile-commands tests/pytest.ini tests/conftest.py tests/lib tests/server tests/bench \
	$(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/tests/tui $(srcdir)/tests/hostile $(srcdir)/tests/mail \
		$(srcdir)/tests/fuzz/corpus $(srcdir)/tests/fuzz/*.dict))
dist-hook:
	find $(distdir) \( -name __pycache__ -o -name .deps -o -name '*.o' -o -name .dirstamp \) -prune -exec rm -rf {} +
	rm -f $(addprefix $(distdir)/,$(check_PROGRAMS) $(noinst_PROGRAMS))
