# src/cli: tern without a screen, one command a file.
noinst_LIBRARIES += src/cli/libcli.a
src_cli_libcli_a_SOURCES = \
	src/cli/account_command.c \
	src/cli/action.c \
	src/cli/change.c src/cli/change.h \
	src/cli/check.c src/cli/check.h \
	src/cli/cli.h \
	src/cli/commands.c src/cli/commands.h \
	src/cli/compose.c src/cli/compose.h \
	src/cli/config_beyond.c src/cli/config_beyond.h \
	src/cli/config_command.c \
	src/cli/context.c \
	src/cli/doctor.c \
	src/cli/folder_command.c \
	src/cli/folders.c \
	src/cli/help.c \
	src/cli/import_command.c \
	src/cli/journal_command.c \
	src/cli/json.c src/cli/json.h \
	src/cli/list.c \
	src/cli/message_json.c src/cli/message_json.h \
	src/cli/opened.c src/cli/opened.h \
	src/cli/options.c src/cli/options.h \
	src/cli/outbox.c src/cli/outbox.h src/cli/outbox_command.c src/cli/outbox_edit.c src/cli/receipt_command.c \
	src/cli/send.h src/cli/send_command.c src/cli/send_envelope.c \
	src/cli/output.c src/cli/output.h \
	src/cli/parts.c \
	src/cli/save.c src/cli/save.h \
	src/cli/screen.c \
	src/cli/session.c src/cli/session.h \
	src/cli/show.c \
	src/cli/show_json.c src/cli/show_json.h \
	src/cli/sync.c \
	src/cli/synced.c src/cli/synced.h \
	src/cli/target.c src/cli/target.h \
	src/cli/undo_command.c \
	src/cli/watch.c
src_cli_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) -DTERN_VERSION=\"$(PACKAGE_VERSION)\"
CLI_LIBS = src/cli/libcli.a src/compose/libcompose.a $(CMARK_LIBS) $(ENGINE_LIBS) $(RENDER_LIBS) $(STORE_LIBS) $(MIME_LIBS) $(MAILDIR_LIBS) $(CONFIG_LIBS) $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-cli
tests_unit_test_cli_SOURCES = tests/unit/test-cli.c
tests_unit_test_cli_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cli_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)
