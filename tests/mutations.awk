# mutations.awk: every single mistake in the assembly of the switch path.
#
# With it goes mutations/MACHINE.awk, which knows the machine's instructions.
# Input: the .S files, one instruction a line.  Each output line is one mutant,
# fields parted by |: file, routine, the lines to replace as LINE=TEXT (two, if
# need be, parted by ;), what was done, and the names of which its message must
# contain one.
#   delete    every instruction
#   exchange  the slots of every two saves, and of every two loads, where
#             may_swap() says so; of pushes or pops that follow one another, the
#             instructions
#   move      every offset and every count of bytes, by one slot up and down
FNR == 1 {
    flush()
    file = FILENAME
    sub(/.*\/src\//, "", file)
    comment = 0
}
/^\/\*/ { comment = 1 }
comment { if (/\*\//) comment = 0; next }
/^[a-z_][a-z_0-9]*:/ {
    label = $0
    sub(/:.*/, "", label)
    group++
    next
}
/^ +[a-z]/ && $1 !~ /^\./ {
    line = $0
    sub(/ *#.*/, "", line)
    sub(/^ +/, "", line)
    n++
    at[n] = FNR; text[n] = line; where[n] = label; of[n] = group
}
END { flush() }

function emit(i, new, what, about, j, newer) {
    sub(/,$/, "", about)
    gsub(/CONTEXT_/, "", what)
    printf "%s|%s|%d=%s", file, where[i], at[i], new
    if (j)
        printf ";%d=%s", at[j], newer
    printf "|%s|%s\n", what, about
}

function flush(    i, j, a, b, about, moved, k, d) {
    argument = 0
    for (i = 1; i <= n; i++)
        name[i] = names(text[i], where[i])
    for (i = 1; i <= n; i++) {
        emit(i, "", "no " text[i], name[i])
        for (j = i + 1; j <= n && of[j] == of[i]; j++) {
            a = slot(text[i]); b = slot(text[j])
            about = name[i] "," name[j]
            if (a != "" && b != "" && saves(text[i]) == saves(text[j])) {
                if (!may_swap(i, j))
                    continue
                emit(i, replaced(text[i], a, b),
                    (saves(text[i]) ? "saved" : "loaded") " swapped: " \
                    name[i] ", " name[j], about, j,
                    replaced(text[j], b, a))
            } else if (a == "" && b == "" && run(i, j)) {
                emit(i, text[j], "swapped: " text[i] ", " text[j], about,
                    j, text[i])
            }
        }
        for (d = -WORD; d <= WORD; d += 2 * WORD) {
            moved = shifted(text[i], d)
            if (moved != "")
                emit(i, moved, moved, name[i] "," neighbour(i, d))
        }
    }
    n = 0
}

# Whether i to j are all pushes, or all pops.
function run(i, j,    k) {
    for (k = i; k <= j; k++)
        if (substr(text[k], 1, 3) != substr(text[i], 1, 3) ||
            text[k] !~ /^(push|pop)/)
            return 0
    return 1
}
