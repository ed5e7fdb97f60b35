#!/bin/bash
# The layers of the house: who may include whom, which folder may know which library, and that nothing in src/ but
# cli/ prints. Tests may include anything. Prints each offence as file:line and exits 1 when there is one.
#
#     tests/layers.sh [TOP]        TOP is the source tree (default: the one this stands in)
set -u
cd "${1:-$(dirname "$0")/..}" || exit 2

# folder     what it may include besides itself and base
LAYERS='
base
config
query
maildir
store        query
mime
crypto       mime
render       mime crypto
compose      config store maildir mime crypto render
net
auth         config net
imap         net auth
pop3         net auth
smtp         net auth
engine       config query maildir store mime crypto net auth imap pop3 smtp
cli          engine store config query maildir mime render compose
ui           store config query render compose engine/engine.h cli/cli.h
'

# header (a prefix)        the folders that may know it
LIBRARIES='
ncurses                    ui
curses.h                   ui
term.h                     ui
panel.h                    ui
sqlite3.h                  store
gmime/                     mime crypto
gumbo.h                    mime render
libical/                   mime
gpgme.h                    crypto
cmark.h                    compose
openssl/                   base net
zlib.h                     net
gsasl.h                    auth
curl/                      auth
libsecret/                 auth
iconv.h                    base
unicase.h                  base
unigbrk.h                  base
unilbrk.h                  base
uninorm.h                  base
unistr.h                   base
uniwidth.h                 base
unictype.h                 base render
'

# Every file with its folder, then every line of it that includes or prints.
find src ui -name '*.[ch]' | LC_ALL=C sort | while IFS= read -r file; do
    case $file in
    src/*/*) folder=${file#src/}; folder=${folder%%/*} ;;
    ui/*) folder=ui ;;
    *) echo "$file:1: stands in no folder of the house"; continue ;;
    esac
    awk -v folder="$folder" -v layers="$LAYERS" -v libraries="$LIBRARIES" '
    BEGIN {
        count = split(layers, rows, "\n")
        for (i = 1; i <= count; i++) {
            n = split(rows[i], words, " ")
            if (n == 0) continue
            known[words[1]] = 1
            if (words[1] != folder) continue
            may = " base " folder " "
            for (j = 2; j <= n; j++) may = may words[j] " "
        }
        count = split(libraries, rows, "\n")
        for (i = 1; i <= count; i++) {
            n = split(rows[i], words, " ")
            if (n == 0) continue
            users[words[1]] = " "
            for (j = 2; j <= n; j++) users[words[1]] = users[words[1]] words[j] " "
        }
        if (may == "") { printf "%s:1: %s/ is not in the table of layers\n", ARGV[1], folder }
    }
    function offence(text) { printf "%s:%d: %s\n", FILENAME, FNR, text }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        path = quoted[2]
        if (path == "config.h") next
        target = path
        sub(/\/.*/, "", target)
        if (path ~ /(^|\/)\.\.?\//) offence("an include by a relative path: " path)
        else if (path !~ /\//) offence("an include without its folder: " path)
        else if (!(target in known)) offence("an include from outside the house: " path)
        else if (!index(may, " " target " ") && !index(may, " " path " "))
            offence(folder "/ may not include " path " (it may: base" substr(may, length(" base " folder) + 1) ")")
        next
    }
    /^[ \t]*#[ \t]*include[ \t]*</ {
        path = $0
        sub(/^[^<]*</, "", path); sub(/>.*/, "", path)
        for (library in users)
            if (index(path, library) == 1 && !index(users[library], " " folder " "))
                offence(folder "/ may not know <" path ">, which belongs to" users[library])
        next
    }
    folder != "cli" && folder != "ui" &&
    /(^|[^a-zA-Z0-9_])(printf|puts|putchar|perror|getpass|g_print|g_printerr|v?fprintf *\( *std(out|err)|fputs *\([^;]*std(out|err)) *\(?/ {
        line = $0
        if (line ~ /^[ \t]*(\*|\/\/|\/\*)/) next
        if (line ~ /(^|[^a-zA-Z0-9_])(printf|puts|putchar|perror|getpass|g_print|g_printerr) *\(/ || line ~ /std(out|err)/)
            offence("nothing in src/ prints or asks but cli/")
    }' "$file"
done | { ! grep . ; }
