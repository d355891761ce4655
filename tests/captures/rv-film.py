# kernel: rv-film
# boot: opensbi
#
# The first switch on riscv64, from idleproc to initproc: where the program
# counter, the stack pointer and the return address are, at the moments of the
# film of chapter 09, and every instruction in between.
import re

import gdb
from capture import (Failure, constant, function_at, next_instruction,
                     registers, step, stop_at, symbol, text, value, word)

CONTEXT = ["ra", "sp"] + [f"s{i}" for i in range(12)]
NAMES = {"fp": "s0"}            # as gdb calls it
moments = []
owner = dict.fromkeys(["pc"] + CONTEXT, "outgoing")


def field(proc, what):
    return int(gdb.parse_and_eval(
        f"(unsigned long)((struct proc_struct *){proc})->{what}"))


def now():
    regs = registers()
    return {NAMES.get(name, name): v for name, v in regs.items()}


def moment(name):
    """One line of the picture: the lower halves, since the upper are alike."""
    regs = now()
    for key in ("pc", "sp", "ra", "a0"):
        value(f"{name}.{key}", regs[key])
    moments.append(f"{name}/" + "/".join(
        f"{regs[r] & 0xffffffff:08x}/{owner[r]}" for r in ("pc", "sp", "ra")))


stop_at("switch_to", symbol("switch_to"))
idle, init = (int(gdb.parse_and_eval(f"(unsigned long){name}"))
              for name in ("idleproc", "initproc"))
top = field(init, "kstack") + constant("KSTACKSIZE")
tf = field(init, "tf")
if field(init, "context.sp") != tf:
    raise Failure("the stack of the new thread does not begin with its frame")
goal = field(init, "tf->tf_regs.reg_s0")
value("top", top)
value("tf", tf)

rows, counts = [], {}
moment("switch_to")
while now()["pc"] != goal:
    before = now()
    place, offset = function_at(before["pc"])
    line = re.sub(r"\s*#.*", "", next_instruction())
    if place == "switch_to" and line.startswith("ld ra"):
        moment("saved")
    elif place == "switch_to" and line == "ret":
        moment("loaded")
    elif line == "sret":
        moment("sret")
    elif offset == 0 and place in ("forkret", "forkrets", "__trapret",
                                   "kernel_thread_entry"):
        moment(place.strip("_"))
    if line == "sret":          # which QEMU 7.2 does not survive in steps
        stop_at("where sret leads", field(init, "tf->tf_sepc"))
    else:
        step()
    after = now()
    counts[place] = counts.get(place, 0) + 1
    effect = ""
    found = re.match(r"([sl]d) (\w+),", line)
    if place == "switch_to":
        register = found and NAMES.get(found[2], found[2])
        if found and found[1] == "ld":
            owner[register] = "incoming"
            effect = f"{register} {after[register]:016x}"
        elif found:
            effect = f"from.{register} {before[register]:016x}"
        else:
            owner["pc"] = "incoming"
            effect = f"pc {after['pc']:016x}"
    rows.append((place, line.replace("fp", "s0"), effect, dict(owner)))
    if len(rows) > 400:
        raise Failure("the thread's function is not reached")
moment("function")
if set(owner.values()) != {"incoming"}:
    raise Failure(f"not all registers were loaded: {owner}")

names = ["pc"] + CONTEXT
text(f"{'switch_to:':48}" + " ".join(f"{n:>3}" for n in ("pc", "ra", "sp"))
     + "  s0-s11")
for place, line, effect, owned in rows:
    if place == "switch_to":
        mark = {n: "*" if owned[n] == "incoming" else "." for n in names}
        text(f"  {line:16}{effect:30}"
             + " ".join(f"{mark[n]:>3}" for n in ("pc", "ra", "sp")) + "  "
             + "".join(mark[n] for n in CONTEXT[2:]))
for place, n in counts.items():
    value(f"count.{place.strip('_')}", str(n))
value("count", str(len(rows)))
value("moments", ",".join(moments))
