# kernel: ch03
# boot: image
#
# The segment registers, what the processor hides behind them, and the tables in
# memory: before lgdt, behind it, and when all is loaded.
import re

import gdb
from capture import (Failure, constant, memory, next_instruction, physical,
                     registers, segments, step, step_to, stop_at, symbol,
                     translate, value)

REGISTERS = "cs", "ds", "es", "ss", "fs", "gs", "tr"
TABLE = symbol("gdt_table")
NAMES = {constant(name, "segments.h") // 8: name for name in (
    "KERNEL_CS", "KERNEL_DS", "USER_CS", "USER_DS", "TSS_SEL", "DF_TSS_SEL")}


def decode(entry):
    """Base, limit and rights of a descriptor: Intel SDM vol. 3, 3.4.5."""
    d = int.from_bytes(entry, "little")
    limit = d & 0xffff | d >> 32 & 0xf0000
    if d >> 55 & 1:             # in pages
        limit = limit << 12 | 0xfff
    return d >> 16 & 0xffffff | d >> 32 & 0xff000000, limit, d >> 40 & 0xff


def entries(contents):
    return [decode(contents[i:i + 8]) for i in range(0, len(contents), 8)]


def moment():
    now = segments()
    now["eip"], now["next"] = registers()["eip"], next_instruction()
    now["old"] = entries(physical(old_base, old_limit + 1))
    now["new"] = entries(memory(TABLE, size))
    return now


# gcc may well have put load_segments into its caller.
stop_at("gdt_init", symbol("gdt_init"))
step_to(r"^lgdt")
size = int(gdb.parse_and_eval("sizeof(gdt_table)"))
old_base, old_limit = segments()["gdt"]
before = moment()
step()
behind = moment()

# Each instruction from here to the ltr loads one of the registers.
loaded = set()
while "tr" not in loaded:
    instruction = next_instruction()
    found = re.match(r"mov .*,%(\ws)$|l(j)mp |l(tr) ", instruction)
    if not found:
        raise Failure(f"'{instruction}' loads no segment register")
    loaded.add(found[1] or (found[2] and "cs") or found[3])
    step()
after = moment()

for name in REGISTERS:
    if behind[name] != before[name]:
        raise Failure(f"lgdt has changed %{name}")
    if name not in loaded:
        raise Failure(f"%{name} is not loaded again")
if before["gdt"] == behind["gdt"] or (behind["gdt"][0], len(behind["new"])) != (
        TABLE, (behind["gdt"][1] + 1) // 8):
    raise Failure("lgdt does not load gdt_table")


def same(hidden, entry):
    """Whether they agree, but for the bit in which ltr notes in the table, only
    there under QEMU, that a TSS is busy."""
    busy = 2 if entry[2] & 0x1d == 9 else 0
    return (*hidden[:2], hidden[2] | busy) == entry
if translate(old_base) is not None:
    raise Failure("the boot sector's table is still within reach")


def numbers(descriptor, last):
    """A descriptor, and what of it has changed."""
    base, limit, rights = descriptor
    return f"{base:08x}/{limit:08x}/{rights:02x}/" + (
        "same" if descriptor == last else
        "rights" if descriptor[:2] == last[:2] else "changed")


# The lists for the picture.  A descriptor comes from the old table, the new one,
# or none.
for which, now, last in (("before", before, before), ("behind", behind, before),
                         ("after", after, behind)):
    value(f"{which}.eip", now["eip"])
    rows = []
    for name in REGISTERS:
        selector, *hidden = now[name]
        source = "new" if now is after else "old" if selector else "none"
        if source != "none" and not same(hidden, now[source][selector // 8]):
            raise Failure(f"%{name} is not what its entry says")
        rows.append(f"{name}/{selector:04x}/{source}/"
                    + numbers(hidden, [*last[name][1:]]))
    value(f"{which}.registers", ",".join(rows))
    base, limit = now["gdt"]
    value(f"{which}.gdtr.base", base)
    value(f"{which}.gdtr.limit", f"{limit:04x}")
    value(f"{which}.gdtr", "same" if now["gdt"] == last["gdt"] else "changed")
    for table in "old", "new":
        # Higher addresses first, as in the picture.
        value(f"{which}.{table}", ",".join(
            f"{8 * i:02x}/{numbers(entry, last[table][i])}"
            for i, entry in reversed([*enumerate(now[table])])))
value("old", old_base)
value("new", ",".join(f"{TABLE + 8 * i:08x}/" + NAMES.get(i, "")
                      for i in reversed(range(size // 8))))
