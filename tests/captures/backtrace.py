# kernel: panic
# boot: multiboot
#
# The boot stack when a panic has reached machine_backtrace: every word from
# %esp up to bootstacktop, and what it is.
import gdb
from capture import (Failure, function_at, memory, registers, step, stop_at,
                     symbol, text, value, word)


VARIABLE = "..."                # what C calls an argument without a name


def arguments(frame):
    """The names of a function's arguments that were passed on the stack."""
    function = frame.function()
    if function is None:        # assembly
        return []
    names, variables = [], [s for s in frame.block() if s.is_argument]
    for s in variables:
        # Only what others can call must follow the ABI; for a static function
        # the compiler may have chosen a register.
        if gdb.lookup_global_symbol(function.name) or \
                s.value(frame).address is not None:
            names.append(s.name)
    if "..." in str(function.type):
        # As many more as the format, the last named argument, asks for.
        format_at = frame_pointer[frame.level()] + 4 + 4 * len(variables)
        names += [VARIABLE] * string(word(format_at)).count("%")
    return names


def string(address):
    s = b""
    while (c := memory(address + len(s), 1)) != b"\0":
        s += c
    return s.decode()


# Stop when the frame of machine_backtrace is complete but for its locals.
stop_at("machine_backtrace", symbol("machine_backtrace"))
step()
step()
now = registers()
if now["esp"] != now["ebp"]:
    raise Failure("machine_backtrace does not begin with the usual prologue")
esp, top = now["esp"], symbol("bootstacktop")
if not symbol("bootstack") <= esp < top:
    raise Failure(f"%esp ({esp:08x}) is not in bootstack")

# Follow the chain as the kernel does, with gdb's own walk beside it.
frame_pointer, what = [], {}
frame, ebp = gdb.newest_frame(), now["ebp"]
while ebp != 0:
    n, saved, back = len(frame_pointer), word(ebp), word(ebp + 4)
    caller, offset = function_at(back - 1)
    here = frame.name() if frame else None
    if n > 0 and here != what[frame_pointer[-1] + 4][1].split("+")[0]:
        raise Failure(f"gdb and the chain of %ebp disagree in frame {n}")
    if saved != 0 and not ebp < saved < top:
        raise Failure(f"the chain of %ebp breaks at {ebp:08x}: {saved:08x}")
    for key, v in (("function", here), ("ebp", ebp), ("saved", saved),
                   ("return", back), ("caller", caller),
                   ("offset", f"{offset + 1:x}")):
        value(f"frame.{n}.{key}", v)
    frame_pointer.append(ebp)
    what[ebp] = "saved", here
    what[ebp + 4] = "return", f"{caller}+0x{offset + 1:x}"
    for i, name in enumerate(arguments(frame)):
        what[ebp + 8 + 4 * i] = ("argument", name) if name != VARIABLE else \
            ("variable", "")
    frame, ebp = frame.older(), saved
if not frame_pointer or frame_pointer[-1] + 8 != top:
    raise Failure("the chain of %ebp does not end at bootstacktop")
value("frames", str(len(frame_pointer)))
for key, v in (("eip", now["eip"]), ("esp", esp), ("ebp", now["ebp"]),
               ("top", top), ("bottom", symbol("bootstack"))):
    value(key, v)
value("words", str((top - esp) // 4))

# The text has every word.  The picture's list, also from the top of the stack
# down, takes neighbours of no particular meaning together:
# kind/address/value/name/words.
names = {"saved": "%ebp saved by {}", "return": "return to {}",
         "argument": "argument {}", "variable": "variable argument",
         "other": ""}
stack = []
for address in range(top - 4, esp - 4, -4):
    kind, name = what.get(address, ("other", ""))
    text(f"{address:08x}  {word(address):08x}  "
         f"{names[kind].format(name)}".rstrip())
    if kind == "other" and stack and stack[-1][0] == "other":
        stack[-1][1] = address
        stack[-1][4] += 1
    else:
        stack.append([kind, address, word(address), name, 1])
value("stack", ",".join(f"{kind}/{address:08x}/{v:08x}/{name}/{words}"
                        for kind, address, v, name, words in stack))
