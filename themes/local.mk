# The colour themes: installed for people to copy, and compiled in so that tern has them wherever it runs.
THEME_FILES = themes/dark.theme themes/light.theme
themedir = $(pkgdatadir)/themes
dist_theme_DATA = $(THEME_FILES)
EXTRA_DIST += themes/embed.awk
CLEANFILES += themes/builtin.c

themes/builtin.c: $(THEME_FILES) themes/embed.awk
	$(AM_V_GEN)$(MKDIR_P) themes && awk -f $(srcdir)/themes/embed.awk \
		$(srcdir)/themes/dark.theme $(srcdir)/themes/light.theme > $@.tmp && mv $@.tmp $@
