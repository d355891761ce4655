# part.sh: what the parts of the test suite have in common; sourced by them.
#
# A part prints `ok NAME` or `FAIL NAME: why` for each of its tests.  It runs in
# the repository's top folder; $WORK is a folder of its own, and its stderr is
# kept as the part's log.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
TOP=$PWD
part=$(basename "$0")
WORK=${WORK:-build/tests/$part}
rm -rf "$WORK"
mkdir -p "$WORK"
WORK=$(cd "$WORK" && pwd) || exit 2
export LC_ALL=C.UTF-8
# Not what the make that runs the tests was told.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CH E BOOT AT V GDBFLAGS
failed=0

# check NAME COMMAND...: one test.  It fails at the first command that fails; the
# reason is that command, and the last line that was printed.
check() {
    local name=$1 code what why
    shift
    (
        set -eE
        trap 'what=${BASH_COMMAND/#\"\$@\"/$*}; echo "failed: ${what%%$'\''\n'\''*}" >&2' ERR
        "$@"
    ) >"$WORK/said" 2>&1
    code=$?
    what=$(grep -a '^failed: ' "$WORK/said" | tail -n 1)
    why=$(grep -avE '^([[:space:]]*$|failed: |make(\[[0-9]+\])?: \*\*\*)' "$WORK/said" |
        tail -n 1)
    { echo "== $name"; cat "$WORK/said"; } >&2
    if [ $code = 0 ]; then
        echo "ok $name"
    else
        echo "FAIL $name: ${what:+$what: }${why:-code $code}"
        failed=1
    fi
}

# die REASON: the test has failed
die() {
    trap - ERR
    echo "$*"
    exit 1
}

# refused COMMAND...: it must fail; $said holds what it says
refused() {
    if said=$("$@" 2>&1); then
        echo "$said"
        die "did not fail: $*"
    fi
    echo "$said"
}

# says TEXT: in $said
says() {
    [[ $said == *"$1"* ]] || die "does not say: $1"
}

# same A B: two files, byte for byte
same() {
    cmp -- "$1" "$2" || die "$1 and $2 differ"
}

# sources: the files of the repository, committed or about to be
sources() {
    git ls-files -co --exclude-standard 2>/dev/null | while read -r f; do
        [ -f "$f" ] && echo "$f"
    done
}

# copy DIR: the repository's files, and what has been built, with its times
copy() {
    local f
    mkdir -p "$1/build"
    sources | tar cf - -T - | tar xf - -C "$1" || return
    for f in build/*; do
        [ "$f" = build/tests ] || cp -a "$f" "$1/build/"
    done
}

# variable NAME: what it is in the Makefile
variable() {
    make -s --eval 'print: ; @echo $('"$1"')' print
}

# cross: the prefix of the compiler that the Makefile has picked
cross() {
    variable CROSS
}
