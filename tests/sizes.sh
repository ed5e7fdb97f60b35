#!/bin/bash
# tern's row of the yardstick: lines of a file, lines of a function (its signature to its closing brace), and how many
# functions are longer than 60 lines. With --long also those functions, longest first.
#
#     tests/sizes.sh [--long]
set -u
cd "$(dirname "$0")/.." || exit 2

# The value below which the given share of the sorted numbers on standard input stands.
share() { awk -v share="$1" '{ n[NR] = $1 } END { i = int(NR * share + 0.999999); print NR ? n[i < 1 ? 1 : i] : 0 }'; }

files=$(find src ui -name '*.c' | LC_ALL=C sort)
[ -n "$files" ] || { echo "no sources"; exit 0; }
# A function's brace stands in the first column, and nothing else's.
# shellcheck disable=SC2086
functions=$(awk '
FNR == 1 { begin = 0; open = 0 }
open { if (/^}/) { print FNR - begin + 1, FILENAME ":" begin, name; open = 0; begin = 0 } next }
/^{/ { open = begin > 0; next }
/^[a-zA-Z]/ { if (!begin) { begin = FNR; name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
              if (/[;}]$/ || /=/ || /{$/) begin = 0; next }
/^$/ || /^#/ || /^ ?\*/ { begin = 0 }' $files | sort -n)
# shellcheck disable=SC2086
lines=$(wc -l $files | awk '$2 != "total" && $2 != "insgesamt" { print $1 }' | sort -n)
of() { awk '{ print $1 }' <<<"$functions"; }

echo "| codebase | file median / max | function median / p90 / max | functions over 60 lines |"
# shellcheck disable=SC2016  # it is Markdown, not a command
printf '| tern `src/` `ui/` | %s / %s | %s / %s / %s | %s %% |\n' \
    "$(share 0.5 <<<"$lines")" "$(share 1 <<<"$lines")" \
    "$(of | share 0.5)" "$(of | share 0.9)" "$(of | share 1)" \
    "$(of | awk '$1 > 60 { long++ } END { printf "%.1f", NR ? 100 * long / NR : 0 }')"
if [ "${1-}" = --long ]; then
    awk '$1 > 60' <<<"$functions" | sort -rn | awk '{ printf "%4d  %s  %s\n", $1, $2, $3 }'
fi
