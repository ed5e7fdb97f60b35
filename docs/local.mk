# The manual, and the map for those who change tern.
dist_man_MANS += docs/tern.1 docs/tern.conf.5
# What a desktop opens mailto: links with.
desktopdir = $(datadir)/applications
dist_desktop_DATA = docs/tern.desktop
EXTRA_DIST += docs/architecture.md docs/keys docs/tern-watch.service
