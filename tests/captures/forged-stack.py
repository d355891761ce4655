# kernel: ch08
# boot: image
#
# The frame that kernel_thread makes up for initproc, and the copy on top of the
# new stack, word by word, around copy_thread.
import gdb
from capture import (Failure, function_at, memory, registers, stop_at, symbol,
                     value, word)


def words(type_, at=0):
    """Offset and name of each word of a frame."""
    for f in type_.fields():
        offset, kind = at + f.bitpos // 8, f.type.strip_typedefs()
        if kind.code == gdb.TYPE_CODE_STRUCT:
            yield from words(kind, offset)
        elif offset % 4 == 0:
            yield offset, f.name.split("_")[-1]


frame = gdb.lookup_type("struct trapframe")
stop_at("copy_thread", symbol("copy_thread"))
esp = registers()["esp"]
back, proc, stack, source = (word(esp + 4 * i) for i in range(4))
names = dict(words(frame))
before = {o: word(source + o) for o in names}
stop_at("the return from copy_thread", back)

structure = gdb.parse_and_eval(f"*(struct proc_struct *){proc}")
tf = int(structure["tf"])
copy = {o: word(tf + o) for o in names}
value("proc", proc)
value("kstack", int(structure["kstack"]))
value("top", int(structure["kstack"]) + 0x1000)
value("tf", tf)
value("source", source)
value("source.last", source + max(names))
value("size", str(frame.sizeof))
value("context.eip", int(structure["context"]["eip"]))
value("context.esp", int(structure["context"]["esp"]))

function, _ = function_at(copy[{n: o for o, n in names.items()}["ebx"]])
entry, _ = function_at(copy[{n: o for o, n in names.items()}["eip"]])
text = memory(copy[{n: o for o, n in names.items()}["edx"]], 32)
value("function", function)
value("entry", entry)
value("argument", text[:text.index(0)].decode())
if stack != 0 or tf + frame.sizeof != int(structure["kstack"]) + 0x1000:
    raise Failure("the frame is not that of a kernel thread on top of a stack")

# The picture's rows, from the top of the stack down: address on the new stack,
# name, the word in the source, in the copy, whether the source set it, whether
# the copy differs.  The two that copy_thread writes anew count as changed.
rows = []
for offset in sorted(names, reverse=True):
    name = names[offset]
    rows.append(f"{tf + offset:08x}/{name}/{before[offset]:08x}/"
                f"{copy[offset]:08x}/{int(before[offset] != 0)}/"
                f"{int(name in ('eax', 'esp', 'eflags'))}")
    if before[offset] != copy[offset] and name != "eflags":
        raise Failure(f"{name} differs")
value("rows", ",".join(rows))
