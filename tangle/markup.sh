#!/bin/sh
# markup.sh: chapters to noweb's markup stream.
#
#       markup.sh STREAM CHAPTER...
#
# Writes STREAM, or nothing at all: every mistake that would mislead noweb is
# reported as `chapters/NN-name.nw:LINE: what is wrong and what to do', code 1.
# -t keeps tabs as they are: the lints want to see them.

markup=${NOWEB:-/usr/lib/noweb}/markup
[ $# -ge 2 ] || { echo "usage: markup.sh STREAM CHAPTER..." >&2; exit 2; }
out=$1
shift
mkdir -p "$(dirname "$out")" || exit
new=$out.new errors=$out.errors
trap 'rm -f "$new" "$errors"' EXIT

# complain FILE MESSAGE: for each `LINE:...' on stdin
complain() {
    LC_ALL=C sed "s|^\([0-9]*\):.*|$1:\1: $2|"
}

# What noweb takes as it is, or stops at without a place.
check_bytes() {
    head -c 3 "$1" | LC_ALL=C grep -q "^$(printf '\357\273\277')" &&
        echo "$1:1: begins with a byte order mark: save it as plain UTF-8"
    LC_ALL=C grep -an "$(printf '\r')" "$1" |
        complain "$1" "ends with a carriage return: save it with Unix lines"
    LC_ALL=C.UTF-8 grep -anvx '.*' "$1" |
        complain "$1" "is not UTF-8: save the file as UTF-8"
    LC_ALL=C grep -anP '[\x00-\x08\x0b\x0c\x0e-\x1f]' "$1" |
        complain "$1" "has a control character: take it out"
}

# noweb passes over `<<' without `>>' in code; before a letter it is a name
# that is not closed, else a shift.
check_names() {
    LC_ALL=C awk '
    /^<<.*>>=[ \t]*$/ { code = 1; next }
    /^@([ \t]|$)/ { code = 0 }
    {
        s = $0
        gsub(/@<</, "", s)
        if (!code && !sub(/^.*\[\[/, "", s))
            next
        while ((i = index(s, "<<")) > 0) {
            s = substr(s, i + 2)
            if ((j = index(s, ">>")) > 0)
                s = substr(s, j + 2)
            else if (s ~ /^[A-Za-z]/)
                print FILENAME ":" FNR ": << is not closed: write >> behind " \
                    "the name or, for a shift, @<<"
        }
    }' "$1"
}

# noweb's own words, which lack what to do.
translate() {
    sed -e '/couldn.t open file/d' \
        -e 's/unescaped << in documentation chunk$/<< in prose: write @<</' \
        -e 's/open quote `\[\[. never closed$/[[ is not closed: write ]] behind it, or @[[/'
}

for chapter do
    if [ -f "$chapter" ] && [ -r "$chapter" ]; then
        check_bytes "$chapter"
        check_names "$chapter"
    else
        echo "$chapter:1: can't be read: correct the name"
    fi
done >"$errors" 2>&1
if ! "$markup" -t "$@" >"$new" 2>"$new.err" || [ -s "$new.err" ]; then
    translate <"$new.err" >>"$errors"
    # A complaint must have a place, even one that we don't know of yet.
    grep -q '^[^:]*:[0-9]*: ' "$errors" ||
        echo "$1:1: noweb can't read the chapters" >>"$errors"
fi
rm -f "$new.err"
if [ -s "$errors" ]; then
    LC_ALL=C sort -s -t: -k1,1 -k2,2n -u "$errors" >&2
    exit 1
fi
mv "$new" "$out"
