# Makes of themes/*.theme the C source that is compiled in: one string a theme, without its comments.
BEGIN {
    print "/* Made from the .theme files by themes/embed.awk. */"
    print "#include \"ui/theme.h\"\n"
    print "const ThemeBuiltin THEME_BUILTINS[] = {"
}
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.theme$/, "", name)
    printf "%s    {\"%s\",", (NR > 1 ? "},\n" : ""), name
}
/^#/ || /^[ \t]*$/ { print "     \"\\n\""; next }
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "     \"%s\\n\"\n", $0
}
END { print "},\n    {NULL, NULL}};" }
