# mutations.awk: every single mistake in the assembly of the switch path.
#
# Input: the tangled .S files.  Each output line is one mutant, fields parted by
# |: file, routine, the lines to replace as LINE=TEXT (two, if need be, parted by
# ;), what was done, and the names of which its message must contain one.
#   delete    every instruction
#   exchange  the slots of every two saves, and of every two loads; of pushes or
#             pops that follow one another, the instructions
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

# What a message may call the thing that the instruction is about.
function names(text, label,    slot) {
    if (match(text, /CONTEXT_[A-Z]*/)) {
        slot = tolower(substr(text, RSTART + 8, RLENGTH - 8))
        return slot
    }
    if (label == "switch_to" && text ~ /^movl 4\(%esp\)/)
        return ++argument == 1 ? "first argument,eax" : "second argument"
    if (text in called)
        return called[text]
    return "past its end,at " label
}

function emit(i, new, what, about, j, newer) {
    sub(/,$/, "", about)
    gsub(/CONTEXT_/, "", what)
    printf "%s|%s|%d=%s", file, where[i], at[i], new
    if (j)
        printf ";%d=%s", at[j], newer
    printf "|%s|%s\n", what, about
}

# The operation and the slot of a save or load.
function slot(text) {
    return match(text, /CONTEXT_[A-Z]*/) ? substr(text, RSTART, RLENGTH) : ""
}
function saves(text) { return text ~ /CONTEXT_[A-Z]*\(%eax\)$/ && text !~ /^push/ }

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
                emit(i, replaced(text[i], a, b),
                    (saves(text[i]) ? "saved" : "loaded") " swapped: " \
                    name[i] ", " name[j], about, j,
                    replaced(text[j], b, a))
            } else if (a == "" && b == "" && run(i, j)) {
                emit(i, text[j], "swapped: " text[i] ", " text[j], about,
                    j, text[i])
            }
        }
        for (d = -4; d <= 4; d += 8) {
            moved = shifted(text[i], d)
            if (moved != "")
                emit(i, moved, moved, name[i] "," neighbour(i, d))
        }
    }
    n = 0
}

function replaced(text, a, b) { sub(a, b, text); return text }

# Whether i to j are all pushes, or all pops.
function run(i, j,    k) {
    for (k = i; k <= j; k++)
        if (substr(text[k], 1, 3) != substr(text[i], 1, 3) ||
            text[k] !~ /^(push|pop)/)
            return 0
    return 1
}

# The instruction with its offset, or count of bytes, changed by d.
function shifted(text, d,    s) {
    if (match(text, /CONTEXT_[A-Z]*/)) {
        s = RSTART + RLENGTH
        return substr(text, 1, s - 1) (d > 0 ? " + 4" : " - 4") substr(text, s)
    }
    if (match(text, /^movl [0-9]+\(/))
        return substr(text, 1, 5) (substr(text, 6) + d) substr(text, RLENGTH)
    if (match(text, /^addl \$[0-9]+/))
        return "addl $" (substr(text, 7) + d) substr(text, RLENGTH + 1)
    return ""
}

# Whose slot a save or load hits that is off by d.
function neighbour(i, d,    order, k, m) {
    m = split("eip esp ebx ecx edx esi edi ebp", order, " ")
    for (k = 1; k <= m; k++)
        if (order[k] == name[i])
            return order[k + d / 4]
    return ""
}

# What the messages of the tests call the things.
BEGIN {
    called["pushl %ds"] = "ds"
    called["pushl %es"] = "es"
    called["pushal"] = "eax,es"
    called["movw $KERNEL_DS, %ax"] = called["movw %ax, %ds"] = "handler: ds"
    called["movw %ax, %es"] = "handler: es"
    called["cld"] = "DF"
    called["pushl %esp"] = "handler: frame"
    called["call trap"] = "trap() was not called"
    called["addl $4, %esp"] = called["addl $8, %esp"] = "%esp at"
    called["popal"] = called["iret"] = "%esp at"
    called["popl %ds"] = "ds,%esp at"
    called["popl %es"] = "es,%esp at"
    called["movl 4(%esp), %esp"] = "esp"
    called["pushl %edx"] = "argument"
    called["call *%ebx"] = "function"
    called["pushl %eax"] = "returned"
}
