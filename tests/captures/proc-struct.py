# kernel: ch08
# boot: image
#
# The proc_struct of initproc, born but not yet run: every field, and what it
# points at.
import gdb
from capture import Failure, memory, stop_at, symbol, value, word

NODE = "list_entry_t"


def fields(type_, at=0, prefix=""):
    """Offset, name and type of each field; those of the context are its
    registers."""
    for f in type_.fields():
        offset, kind = at + f.bitpos // 8, f.type.strip_typedefs()
        if f.name == "context":
            yield from fields(kind, offset, "context.")
        else:
            yield offset, prefix + f.name, f.type


stop_at("the tests", symbol("run_tests"))
proc, idle = word(symbol("initproc")), word(symbol("idleproc"))
struct = gdb.lookup_type("struct proc_struct")
value("proc", proc)
value("idle", idle)
value("size", str(struct.sizeof))

# The picture's rows: offset/name/contents; a name is text, a node two words.
rows, at = [], {}
for offset, name, type_ in fields(struct):
    at[name] = offset
    if name == "name":
        raw = memory(proc + offset, type_.sizeof)
        contents = '"' + raw[:raw.index(0)].decode() + '"'
    elif str(type_) == NODE:
        contents = f"{word(proc + offset):08x} {word(proc + offset + 4):08x}"
    elif type_.sizeof == 1:
        contents = str(memory(proc + offset, 1)[0])
    else:
        contents = f"{word(proc + offset):08x}"
        if name in ("pid", "state", "time_slice", "runs"):
            contents = str(word(proc + offset))
    rows.append(f"{offset}/{name}/{contents}")
value("rows", ",".join(rows))

stack = word(proc + at["kstack"])
value("stack", stack)
value("top", stack + 0x1000)
value("guard", stack - 0x1000)
value("tf", word(proc + at["tf"]))
value("cr3", word(proc + at["cr3"]))
value("pgdir", symbol("__boot_pgdir"))
value("list", symbol("proc_list"))
value("chain", symbol("hash_list") + 8)
value("bootstack", word(idle + at["kstack"]))

# What the picture takes for granted.
for what, ok in (
        ("context.esp leads to the frame",
         word(proc + at["context.esp"]) == word(proc + at["tf"])),
        ("initproc is alone on the list",
         word(proc + at["list_link"]) == symbol("proc_list")),
        ("and on its chain",
         word(proc + at["hash_link"]) == symbol("hash_list") + 8),
        ("idleproc is its parent", word(proc + at["parent"]) == idle),
        ("cr3 is boot_pgdir's address",
         word(proc + at["cr3"]) + 0xc0000000 == symbol("__boot_pgdir"))):
    if not ok:
        raise Failure(f"it is not so that {what}")
