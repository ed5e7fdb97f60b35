# ui: the screen. All but main() is a library, so that the tests can have it.
noinst_LIBRARIES += ui/libui.a
ui_libui_a_SOURCES = \
	ui/actions.c \
	ui/attention.c \
	ui/background.c ui/background.h \
	ui/buffer.c ui/buffer.h ui/buffer_keys.c ui/buffer_private.h \
	ui/command.c ui/command.def ui/command.h \
	ui/command_line.c \
	ui/completion.c ui/completion.h \
	ui/compose.c ui/compose.h ui/compose_private.h \
	ui/compose_asks.c \
	ui/compose_begin.c \
	ui/compose_drafts.c \
	ui/compose_draw.c \
	ui/compose_edit.c \
	ui/compose_fields.c \
	ui/compose_from.c \
	ui/compose_people.c \
	ui/compose_preview.c \
	ui/compose_send.c \
	ui/compose_template.c \
	ui/compose_turns.c ui/compose_turns.h \
	ui/compose_upload.c \
	ui/configured.c ui/configured.h \
	ui/contact_commands.c ui/contact_commands.h \
	ui/contacts.c ui/contacts.h \
	ui/cursor.c ui/cursor.h \
	ui/contacts_read.c \
	ui/draw.c \
	ui/edit.c ui/edit.h \
	ui/events.c \
	ui/folder_commands.c ui/folder_commands.h \
	ui/folder_draw.c ui/folder_draw.h \
	ui/folder_find.c ui/folder_find.h \
	ui/folder_reader.c ui/folder_reader.h \
	ui/folder_job.c ui/folder_job.h \
	ui/folder_tree.c ui/folder_tree.h \
	ui/format.c ui/format.h \
	ui/folder_prompt.c \
	ui/fuzzy.c ui/fuzzy.h \
	ui/history.c ui/history.h \
	ui/input.c \
	ui/key_list.c ui/key_list.h \
	ui/keymap.c ui/keymap.h \
	ui/keys.c ui/keys.h \
	ui/layout.c ui/layout.h \
	ui/list_empty.c \
	ui/list_move.c \
	ui/list_row.c ui/list_row.h \
	ui/list_select.c \
	ui/loop.c ui/loop.h \
	ui/mail.c ui/mail.h ui/mail_private.h \
	ui/mail_job.c \
	ui/mail_move.c \
	ui/mail_tag.c \
	ui/mail_undo.c \
	ui/message_commands.c \
	ui/message_file.c ui/message_text.c \
	ui/modal.h \
	ui/options.c \
	ui/outbox.c ui/outbox.h \
	ui/outbox_commands.c \
	ui/overlay.c ui/overlay.h \
	ui/pager.c ui/pager.h \
	ui/paste.c ui/paste.h \
	ui/path.c ui/path.h ui/transfer.c ui/transfer.h \
	ui/picker.c \
	ui/prompt.c ui/prompt.h \
	ui/question.c \
	ui/quit.c ui/quit.h \
	ui/receipt.c ui/receipt.h \
	ui/renderer.c ui/renderer.h \
	ui/reload.c \
	ui/screen.c ui/screen.h \
	ui/selection.c ui/selection.h \
	ui/slot.def \
	ui/stack.c \
	ui/start.c \
	ui/state.h \
	ui/status.c ui/status.h \
	ui/terminal.c ui/terminal.h \
	ui/theme.c ui/theme.h \
	ui/ui.c ui/ui.h \
	ui/view.h ui/views.h \
	ui/view_compose.c \
	ui/view_contacts.c \
	ui/view_folders.c \
	ui/view_help.c \
	ui/view_links.c \
	ui/view_list.c ui/view_list_private.h \
	ui/view_message.c ui/view_message_private.h \
	ui/view_news.c \
	ui/view_outbox.c \
	ui/view_text.c \
	ui/view_welcome.c \
	ui/wrapped.c ui/wrapped.h
nodist_ui_libui_a_SOURCES = themes/builtin.c
ui_libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
UI_LIBS = ui/libui.a $(CLI_LIBS) $(RENDER_LIBS) $(ENGINE_LIBS) $(NCURSES_LIBS)

bin_PROGRAMS += tern
tern_SOURCES = ui/main.c
tern_LDADD = $(UI_LIBS)

# What of the screen can be tested without one.
UI_UNIT_LIBS = ui/libui.a $(CONFIG_LIBS) $(BASE_LIBS) $(NCURSES_LIBS) $(CMOCKA_LIBS)
UI_UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_TESTS += tests/unit/test-ui-buffer tests/unit/test-ui-command tests/unit/test-ui-contacts tests/unit/test-ui-edit tests/unit/test-ui-history tests/unit/test-ui-keys tests/unit/test-ui-layout \
	tests/unit/test-ui-overlay tests/unit/test-ui-rows tests/unit/test-ui-selection tests/unit/test-ui-status \
	tests/unit/test-ui-theme tests/unit/test-ui-turns
tests_unit_test_ui_buffer_SOURCES = tests/unit/test-ui-buffer.c
tests_unit_test_ui_buffer_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_buffer_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_command_SOURCES = tests/unit/test-ui-command.c
tests_unit_test_ui_command_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_command_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_contacts_SOURCES = tests/unit/test-ui-contacts.c
tests_unit_test_ui_contacts_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_contacts_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_edit_SOURCES = tests/unit/test-ui-edit.c
tests_unit_test_ui_edit_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_edit_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_history_SOURCES = tests/unit/test-ui-history.c $(temp_folder)
tests_unit_test_ui_history_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_history_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_keys_SOURCES = tests/unit/test-ui-keys.c
tests_unit_test_ui_keys_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_keys_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_layout_SOURCES = tests/unit/test-ui-layout.c
tests_unit_test_ui_layout_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_layout_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_overlay_SOURCES = tests/unit/test-ui-overlay.c $(store_fixture)
tests_unit_test_ui_overlay_CPPFLAGS = $(UI_UNIT_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_ui_overlay_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_rows_SOURCES = tests/unit/test-ui-rows.c $(temp_folder)
tests_unit_test_ui_rows_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_rows_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_selection_SOURCES = tests/unit/test-ui-selection.c
tests_unit_test_ui_selection_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_selection_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_status_SOURCES = tests/unit/test-ui-status.c
tests_unit_test_ui_status_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_status_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_theme_SOURCES = tests/unit/test-ui-theme.c $(temp_folder)
tests_unit_test_ui_theme_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_theme_LDADD = $(UI_UNIT_LIBS)
tests_unit_test_ui_turns_SOURCES = tests/unit/test-ui-turns.c
tests_unit_test_ui_turns_CPPFLAGS = $(UI_UNIT_CPPFLAGS)
tests_unit_test_ui_turns_LDADD = $(UI_UNIT_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-ui-keys
tests_fuzz_fuzz_ui_keys_SOURCES = tests/fuzz/fuzz-ui-keys.c
tests_fuzz_fuzz_ui_keys_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ui_keys_LDADD = ui/libui.a $(CONFIG_LIBS) $(BASE_LIBS) $(NCURSES_LIBS)
