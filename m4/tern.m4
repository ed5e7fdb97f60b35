# What configure says when something is missing comes from the file `packages`, so that a package is named in one place.

# TERN_PACKAGE_OF(WHAT): the Debian package whose third column in `packages` is WHAT.
AC_DEFUN([TERN_PACKAGE_OF], [$(awk -v what="$1" '$[]3 == what { print $[]2; exit }' "$srcdir/packages")])

# TERN_MISSING(WHAT): notes WHAT; all that is missing is reported together at the end.
AC_DEFUN([TERN_MISSING], [tern_missing="$tern_missing TERN_PACKAGE_OF([$1])"])

# TERN_MODULE(VARIABLE, MODULE, VERSION)
AC_DEFUN([TERN_MODULE], [PKG_CHECK_MODULES([$1], [$2 >= $3], [], [TERN_MISSING([$2])])])

# TERN_REPORT_MISSING: ends configure with one command that installs everything that was not found.
AC_DEFUN([TERN_REPORT_MISSING], [
  AS_IF([test -n "$tern_missing"], [
    AC_MSG_ERROR([some packages are missing. On Debian install them with:
    apt-get install$tern_missing
or run ./bootstrap build, which does it])])])
