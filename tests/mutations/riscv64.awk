# riscv64.awk: what mutations.awk asks of the machine.
BEGIN {
    WORD = 8
    split("ra sp s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11", context, " ")
    split("x0 ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 " \
        "s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 SPP sepc stval scause", frame, " ")
}

# The name of the slot of a save or load.
function slot_at(text, label, d,    word) {
    match(text, /-?[0-9]+\(/)
    word = 1 + (substr(text, RSTART, RLENGTH - 1) + d) / WORD
    return label == "switch_to" ? context[word] : frame[word]
}

# What a message may call the thing that the instruction is about.
function names(text, label) {
    if (text in called)
        return called[text]
    if (text ~ /^[sl]d /)
        return slot_at(text, label, 0)
    return "past its end,at " label
}

function slot(text) { return text ~ /^[sl]d / ? register(text) : "" }
function saves(text) { return text ~ /^sd / }
function register(text) {
    sub(/^[a-z]+ /, "", text)
    sub(/,.*/, "", text)
    return text
}

# In the frame, there are 30 of each; neighbours will do.
function may_swap(i, j) { return where[i] == "switch_to" || j == i + 1 }
function replaced(text, a, b) { sub(" " a ",", " " b ",", text); return text }

# The instruction with its offset, or count of bytes, changed by d.
function shifted(text, d) {
    if (match(text, /-?[0-9]+\(/))
        return substr(text, 1, RSTART - 1) \
            (substr(text, RSTART, RLENGTH - 1) + d) \
            substr(text, RSTART + RLENGTH - 1)
    if (match(text, /^addi [a-z0-9]+, sp, -?[0-9]+$/)) {
        match(text, /-?[0-9]+$/)
        return substr(text, 1, RSTART - 1) (substr(text, RSTART) + d)
    }
    return ""
}

# Whose slot a save or load hits that is off by d.
function neighbour(i, d) {
    return text[i] ~ /^[sl]d / ? slot_at(text[i], where[i], d) : ""
}

# What the messages of the tests call the things; "hang" is for those with which
# no trap ever comes to an end.
BEGIN {
    called["csrrw sp, sscratch, sp"] = "pushed: sp"
    called["bnez sp, 1f"] = called["mv sp, a0"] = "sp is"
    called["csrr sp, sscratch"] = called["addi sp, sp, -288"] = "handler: frame"
    called["csrrw t0, sscratch, zero"] = "pushed: sp"
    called["csrr t0, sstatus"] = "SPP"
    called["csrr t0, sepc"] = "sepc"
    called["csrr t0, stval"] = "stval"
    called["csrr t0, scause"] = "scause"
    called["sd t0, 280(sp)"] = "scause,interrupt at"
    called["la t0, __alltraps"] = called["csrw stvec, t0"] = "stvec"
    called["la sp, spare_stack_top"] = called["j 1f"] = "no room"
    called["la sp, __overflow"] = "hang"
    called["csrw stvec, sp"] = "no room"
    called["mv a0, sp"] = called["call trap"] = "hang"
    called["ld t0, 256(sp)"] = called["csrw sstatus, t0"] = "sstatus,SPP,sp is"
    called["andi t1, t0, 0x00000100"] = "sp is"
    called["bnez t1, 1f"] = "sscratch"
    called["addi t1, sp, 288"] = "from user mode: frame,sp is"
    called["csrw sscratch, t1"] = "sp is"
    called["ld t0, 264(sp)"] = called["csrw sepc, t0"] = "the way back"
    called["sret"] = "the way back"
    called["mv a0, s1"] = "argument"
    called["jalr s0"] = "function"
}
