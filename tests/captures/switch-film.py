# kernel: film
# boot: image
#
# The first switch, from idleproc to initproc: the pictures of the film, and,
# between the call of switch_to and the thread's function, every instruction.
import re

import gdb
from capture import (Failure, constant, function_at, next_instruction,
                     registers, step, stop_at, symbol, text, value, word)

REGISTERS = "eip", "esp", "ebp", "ebx", "esi", "edi", "edx", "ecx", "eax"
CONTEXT = "eip", "esp", "ebx", "ecx", "edx", "esi", "edi", "ebp"
LOADED = "eip", "esp", "ebp", "ebx", "esi", "edi", "edx", "ecx"
FRAME = 68                      # struct trapframe
frames = []
owner = dict.fromkeys(REGISTERS, "idle")
proc = {}                       # idle and init: where their proc_struct is


def number(expression):
    return int(gdb.parse_and_eval(f"(unsigned)({expression})"))


def field(name, what):
    return number(f"((struct proc_struct *){proc[name]})->{what}")


def context(name):
    at = number(f"&((struct proc_struct *){proc[name]})->context")
    return {r: word(at + 4 * i) for i, r in enumerate(CONTEXT)}


def source():
    """The instruction that comes next, spelt as its source does if that is
    assembly."""
    place = gdb.find_pc_line(registers()["eip"])
    if not place.symtab.filename.endswith(".S"):
        return next_instruction()
    with open("src/" + place.symtab.filename) as f:
        line = f.readlines()[place.line - 1]
    return re.sub(r"\s+", " ", line.split("#")[0]).strip()


def frame(name, saved, loaded):
    """One picture; whether idle's registers are in its context by now, and
    init's no longer."""
    now = registers()
    top = field("init", "kstack") + constant("KSTACKSIZE")
    esp = now["esp"]
    frames.append({
        "name": name, "regs": {r: now[r] for r in REGISTERS},
        "owner": dict(owner), "saved": saved, "loaded": loaded,
        "idle": context("idle"), "init": context("init"),
        "current": field("idle", "pid") if number("current") == proc["idle"]
        else field("init", "pid"),
        "esp0": number("ts.esp0"), "cr3": now["cr3"],
        "if": int(now["efl"] & 0x200 != 0),
        "esp": esp, "inside": top - constant("KSTACKSIZE") <= esp < top,
        "words": {a: word(a) for a in range(top - 4, top - FRAME - 40, -4)},
        "stack": {a: word(a) for a in range(esp, esp + 16, 4)}})
    for key in ("esp", "esp0", "cr3"):
        value(f"{name}.{key}", frames[-1][key])
    value(f"{name}.eip", now["eip"])
    return frames[-1]


# Born: what copy_thread leaves.
stop_at("copy_thread", symbol("copy_thread"))
proc["init"] = word(registers()["esp"] + 4)
proc["idle"] = number("idleproc")
stop_at("the return from copy_thread", word(registers()["esp"]))
frame("born", False, False)
top = field("init", "kstack") + constant("KSTACKSIZE")
if field("init", "tf") != top - FRAME:
    raise Failure("the trap frame is not on top of the stack")

stop_at("cpu_idle", symbol("cpu_idle"))
value("idle.esp", registers()["esp"])
value("idle.low", f"{registers()['esp'] & 0xfff:03x}")
stop_at("proc_run", symbol("proc_run"))
frame("proc_run", False, False)
stop_at("switch_to", symbol("switch_to"))
frame("switch_to", False, False)
arguments = registers()["esp"] + 4

# Instruction by instruction.
goal = word(field("init", "tf") + 16)   # reg_ebx
rows, counts, loading = [], {}, False
while registers()["eip"] != goal:
    before = registers()
    place, offset = function_at(before["eip"])
    line = source()
    if place == "switch_to" and line == "movl 4(%esp), %eax" and offset > 0:
        frame("saved", True, False)
        loading = True
    elif line == "ret":
        frame("loaded", True, True)
    elif offset == 0 and place in ("forkret", "forkrets", "__trapret",
                                   "kernel_thread_entry"):
        frame(place.strip("_"), True, True)
    elif line == "iret":
        frame("iret", True, True)
    step()
    now = registers()
    counts[place] = counts.get(place, 0) + 1
    effect = [f"{r} {now[r]:08x}" for r in REGISTERS[1:] if now[r] != before[r]]
    if place == "switch_to":
        slot = re.search(r"CONTEXT_(\w+)\(", line)
        if slot and loading and line.startswith("movl"):
            owner[slot[1].lower()] = "init"
        elif slot and not loading:
            effect = ["from.%s %08x" % (slot[1].lower(),
                                        context("idle")[slot[1].lower()])]
        elif line == "ret":
            owner["eip"] = owner["eax"] = "init"
            effect = [f"eip {now['eip']:08x}"]
    elif line in ("popal", "iret"):
        effect = [f"7 registers, esp {now['esp']:08x}" if line == "popal"
                  else f"eip {now['eip']:08x}"]
    rows.append((place, line, effect[0] if effect else "", dict(owner)))
    if len(rows) > 200:
        raise Failure("the thread's function is not reached")
frame("function", True, True)
if set(owner.values()) != {"init"}:
    raise Failure(f"not all registers were loaded: {owner}")

# The table.
last = None
for place, line, effect, owned in rows:
    if place != last:
        text(f"{place + ':':43}" + "".join(f"{r:>4}" for r in LOADED)
             if last is None else place + ":")
        last = place
    line = re.sub(r"CONTEXT_| 0x\w+(?= <)", "", line)
    marks = "".join(f"{'*' if owned[r] == 'init' else '.':>4}"
                    for r in LOADED) if place == "switch_to" else ""
    text(f"  {line:24}{effect:17}{marks}".rstrip())

for place, n in counts.items():
    value(f"count.{place.strip('_')}", str(n))
value("count", str(len(rows)))
value("top", top)
value("tf", top - FRAME)
f = {f["name"]: f for f in frames}
value("forkrets.at_esp", f["forkrets"]["stack"][f["forkrets"]["esp"]])
value("forkrets.next",
      function_at(f["forkrets"]["stack"][f["forkrets"]["esp"]])[0])
value("forkrets.at_esp4", f["forkrets"]["stack"][f["forkrets"]["esp"] + 4])
value("entry.below", str(top - f["kernel_thread_entry"]["esp"]))
value("function.at_eflags", f["function"]["words"][top - 12])
value("arg", f["kernel_thread_entry"]["regs"]["edx"])


# The pictures: cells row/column/text/look/changed, and names row/address/name.
def names_of(type_name, at=0):
    for member in gdb.lookup_type(type_name).fields():
        offset = at + member.bitpos // 8
        if member.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
            yield from names_of(str(member.type), offset)
        elif offset % 4 == 0:
            yield offset, member.name


class Picture:
    def __init__(self, name, chosen):
        self.name, self.cells, self.labels, self.row = name, [], [], 0
        self.pointers = []
        self.frames = chosen

    def line(self, address, name, contents):
        """A row; CONTENTS are text and look, or None, of each frame."""
        before = None
        for column, content in enumerate(contents):
            if content is not None:
                changed = int(column > 0 and (before is None or
                                              before[0] != content[0]))
                self.cells.append(f"{self.row:g}/{column}/{content[0]}/"
                                  f"{content[1]}/{changed}")
            before = content
        self.labels.append(f"{self.row:g}/{address}/{name}")
        self.row += 1

    def cpu(self):
        for r in REGISTERS:
            self.line("", r, [(f"{f['regs'][r]:08x}", f["owner"][r])
                              for f in self.frames])
        self.line("", "IF", [(f["if"], f["owner"]["eip"])
                             for f in self.frames])
        for key, what in (("current", "current"), ("esp0", "ts.esp0"),
                          ("cr3", "cr3")):
            show = {0: "idle", 1: "init"}.get if key == "current" else \
                lambda v: f"{v:08x}"
            self.line("", what, [
                (show(f[key]), "cpu" if key == "cr3" or f[key] == 0
                 and key == "esp0" else
                 "init" if f["current"] == 1 else "idle")
                for f in self.frames])

    def context(self, name, stale):
        at = number(f"&((struct proc_struct *){proc[name]})->context")
        for i, r in enumerate(CONTEXT):
            self.line(f"{at + 4 * i:08x}", r, [
                (f"{f[name][r]:08x}", "stale" if stale(f) else name)
                for f in self.frames])

    def point(self, address, row):
        for column, f in enumerate(self.frames):
            if f["esp"] == address:
                self.pointers.append(f"{row:g}/{column}")

    def done(self):
        value(f"{self.name}.cells", ",".join(self.cells))
        value(f"{self.name}.labels", ",".join(self.labels))
        value(f"{self.name}.pointers", ",".join(self.pointers))
        value(f"{self.name}.rows", f"{self.row:g}")


# Up to ret: the CPU, the arguments on idle's stack, the two contexts.
p = Picture("first", frames[:6])
p.cpu()
p.row += 1.5
value("first.stack_row", f"{p.row:g}")
on_idle = {a: {} for a in (arguments + 4, arguments, arguments - 4)}
for a, name in zip(on_idle, ("to", "from", "return")):
    p.point(a, p.row)
    p.line(f"{a:08x}", name, [
        (f"{f['stack'][a]:08x}", "idle") if a in f["stack"] and f["esp"] <= a
        and f["name"] in ("switch_to", "saved") else None for f in p.frames])
p.row += 1.5
value("first.idle_row", f"{p.row:g}")
p.context("idle", lambda f: not f["saved"])
p.row += 1.5
value("first.init_row", f"{p.row:g}")
p.context("init", lambda f: f["loaded"])
p.row += 1.5
value("first.frame_row", f"{p.row:g}")
p.line(f"{top - FRAME:08x}", "tf", [("68 bytes", "init")] * len(p.frames))
p.point(top - FRAME, p.row - 1)
p.point(top - FRAME - 4, p.row)
p.line(f"{top - FRAME - 4:08x}", "eip", [
    (f"{f['words'][top - FRAME - 4]:08x}", "init")
    if f["inside"] and f["esp"] == top - FRAME - 4 else None for f in p.frames])
p.done()

# From ret on: the CPU and init's stack.
p = Picture("second", frames[5:])
p.cpu()
p.row += 1.5
value("second.stack_row", f"{p.row:g}")
names = {top - FRAME + offset: name
         for offset, name in names_of("struct trapframe")}
low = min(f["esp"] for f in p.frames)
for a in range(top - 4, low - 4, -4):
    p.point(a, p.row)
    p.line(f"{a:08x}", names.get(a, ""), [
        (f"{f['words'][a]:08x}",
         "forged" if frames[0]["words"][a] == f["words"][a] and a in names
         else "init") if f["esp"] <= a else None for f in p.frames])
p.done()
