# kernel: ch03
# boot: image
#
# The stack in a breakpoint exception, word by word: on the way into trap(), and
# back until after iret.
import gdb
from capture import (Failure, function, function_at, instruction,
                     next_instruction, registers, step, stop_at, symbol, value,
                     word)

OWN = 2                         # words of the interrupted code to show
INTERRUPTS = 0x200              # FL_IF
moments = []
lines, above = [], []           # for the picture


def moment(name, did):
    """Notes what has led here, the registers, and the stack, down from where it
    was first."""
    now = registers()
    esp = now["esp"]
    top = (moments[0]["esp"] if moments else esp) + 4 * OWN
    moments.append({"name": name, "esp": esp, "stack":
                    {a: word(a) for a in range(top - 4, esp - 4, -4)}})
    flag = str(int(now["efl"] & INTERRUPTS != 0))
    for key, v in (("eip", now["eip"]), ("esp", esp), ("if", flag)):
        value(f"{name}.{key}", v)
    place, offset = function_at(now["eip"])
    lines.append(f"{(top - esp) // 4}/{now['eip']:08x}/{esp:08x}/{flag}/"
                 + (place if offset == 0 else ""))
    for n, mnemonic in enumerate(reversed(did)):
        above.append(f"{len(moments) - 1}/{n}/{mnemonic}")


def fields(type_name, at=0):
    """The words of a struct: offsets and names, those in structs in it too."""
    for field in gdb.lookup_type(type_name).fields():
        offset = at + field.bitpos // 8
        if field.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
            yield from fields(str(field.type), offset)
        elif offset % 4 == 0:
            yield offset, field.name


def go(arrived):
    """Steps until ARRIVED() holds, and returns the names of the instructions
    that have moved %esp, as the assembly source spells them."""
    moved = []
    while not moved or not arrived():
        place, esp = gdb.find_pc_line(registers()["eip"]), registers()["esp"]
        name = next_instruction().split()[0]
        if place.symtab.filename.endswith(".S"):
            with open("src/" + place.symtab.filename) as f:
                name = f.readlines()[place.line - 1].split()[0]
        step()
        if registers()["esp"] != esp:
            moved.append(name)
    return moved


def at(name):
    return lambda: registers()["eip"] == symbol(name)


def comes(mnemonic):
    return lambda: next_instruction().startswith(mnemonic)


stop_at("machine_test_exceptions", symbol("machine_test_exceptions"))
stop_at("int3", instruction(*function("machine_test_exceptions"), r"^int3"))
moment("before", [])
moment("vector", go(lambda: True))
vector, _ = function_at(registers()["eip"])
if vector != "__vectors":
    raise Failure(f"the exception leads to {vector}, not into __vectors")
moment("common", go(at("__alltraps")))
moment("pushed", go(comes("mov")))
frame = registers()["esp"]
moment("trap", go(at("trap")))
back, argument = frame - 8, frame - 4
if (word(argument), function_at(word(back))[0]) != (frame, "__alltraps"):
    raise Failure("trap() was not called with the frame")
stop_at("the return from trap", word(back))
moment("trapret", ["trap()", *go(at("__trapret"))])
moment("popped", go(comes("add")))
moment("iret", go(comes("iret")))
moment("after", go(lambda: True))

names = {frame + offset: name for offset, name in fields("struct trapframe")}
names |= {argument: "tf", back: "return"}

# The picture's lists: of each moment, words, eip, esp, IF and what begins there,
# and which moment has what above it, at which height; of the words, from the top of the stack
# down, address, name, who has pushed it, the first and the last moment at which
# it is there, and what it is.
owners = {"vector": "processor", "common": "vector", "pushed": "common",
          "trap": "common"}
stack, seen = [], {}
for i, now in enumerate(moments):
    for address, content in now["stack"].items():
        if seen.setdefault(address, content) != content:
            raise Failure(f"the word at {address:08x} has changed")
for address, content in seen.items():
    there = [i for i, now in enumerate(moments) if address in now["stack"]]
    if there != [*range(there[0], there[-1] + 1)]:
        raise Failure(f"the word at {address:08x} is pushed twice")
    owner = owners[moments[there[0]]["name"]] if there[0] else "own"
    stack.append(f"{address:08x}/{names[address]}/{owner}/{there[0]}/"
                 f"{there[-1]}/{content:08x}")
value("stack", ",".join(stack))
value("moments", ",".join(lines))
value("above", ",".join(above))
value("number", str(seen[{name: a for a, name in names.items()}["tf_trapno"]]))
