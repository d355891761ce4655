# i386.awk: what mutations.awk asks of the machine.
BEGIN { WORD = 4 }

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

# The operation and the slot of a save or load.
function slot(text) {
    return match(text, /CONTEXT_[A-Z]*/) ? substr(text, RSTART, RLENGTH) : ""
}
function saves(text) { return text ~ /CONTEXT_[A-Z]*\(%eax\)$/ && text !~ /^push/ }
function may_swap(i, j) { return 1 }
function replaced(text, a, b) { sub(a, b, text); return text }

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
