"""What the capture scripts share: a machine under gdb, and where to write.

tests/capture starts gdb in the kernel's folder and calls main(), which boots
QEMU, halted before its first instruction, and runs the script.
"""
import os
import re
import runpy
import traceback

import gdb

MACHINE = os.environ["CAPTURE_MACHINE"]
WORD = {"i386": 4, "riscv64": 8}[MACHINE]
values = {}
texts = []


class Failure(Exception):
    """Something that the script counts on is not there."""


# What the run says

def value(key, v):
    """Records KEY=V; integers are addresses and become 8 hexadecimal digits, or
    16 where there are more."""
    if key in values:
        raise Failure(f"{key} is captured twice")
    values[key] = f"{v:08x}" if type(v) is int else str(v)


def text(line):
    """Adds a line to the text that the book prints."""
    texts.append(line)


# Where to stop

def stop_at(where, address):
    """Runs until the instruction at ADDRESS comes next; WHERE is for people.

    Hardware breakpoints, because the code may not have been loaded yet.
    """
    place = f"{where} ({address:08x}) was not reached: "
    gdb.execute(f"thbreak *{address:#x}", to_string=True)
    try:
        gdb.execute("continue", to_string=True)
    except gdb.error as e:
        raise Failure(f"{place}{e}") from e
    if gdb.selected_inferior().pid == 0:
        raise Failure(place + "the machine has ended or run out of time")
    if (pc := registers()["pc"]) != address:
        raise Failure(f"{place}the machine stopped at {pc:08x}")


def step():
    """Executes one instruction."""
    gdb.execute("stepi", to_string=True)


def next_instruction():
    """The instruction that comes next, as gdb's disassembler writes it."""
    frame = gdb.newest_frame()
    return re.sub(r"\s+", " ", frame.architecture().disassemble(
        frame.pc())[0]["asm"]).strip()


def step_to(pattern, limit=2000):
    """Executes instructions until one that matches PATTERN comes next."""
    for _ in range(limit):
        if re.search(pattern, next_instruction()):
            return
        step()
    raise Failure(f"no instruction {pattern} within {limit} of here")


# What is there

def registers():
    """The registers: on i386 all from QEMU's monitor, as gdb hides the base of
    %cs."""
    if MACHINE == "riscv64":
        said = gdb.execute("info registers", to_string=True)
        return {name: int(v, 16) for name, v in
                re.findall(r"^(\w+)\s+0x([0-9a-f]+)", said, re.M)}
    dump = gdb.execute("monitor info registers", to_string=True)
    regs = {name.lower(): int(v, 16)
            for name, v in re.findall(r"\b(E[A-Z]{2}|CR\d)=([0-9a-f]+)", dump)}
    cs = re.search(r"^CS =([0-9a-f]+) ([0-9a-f]+)", dump, re.M)
    if not cs or not {"eip", "esp", "ebp", "cr0", "cr3"} <= regs.keys():
        raise Failure("QEMU does not show its registers:\n" + dump)
    regs["cs"], regs["cs_base"] = (int(v, 16) for v in cs.groups())
    regs["pc"] = (regs["cs_base"] + regs["eip"]) & 0xffffffff
    regs["pe"], regs["pg"] = regs["cr0"] & 1, regs["cr0"] >> 31
    return regs


def segments():
    """The segment registers: selector, then base, limit and rights of the
    hidden descriptor; and the base and limit of the tables, gdt and idt."""
    dump = gdb.execute("monitor info registers", to_string=True)
    segs = {name.lower(): tuple(int(v, 16) for v in rest) for name, *rest in
            re.findall(r"^([CDEFGS]S|TR) *=(\w+) (\w+) (\w+) (\w+)", dump, re.M)}
    tables = {name.lower(): tuple(int(v, 16) for v in rest) for name, *rest in
              re.findall(r"^([GI]DT)= +(\w+) (\w+)", dump, re.M)}
    if len(segs) != 7 or len(tables) != 2:
        raise Failure("QEMU does not show its segments:\n" + dump)
    return {name: (selector, base, limit, flags >> 8 & 0xff) for
            name, (selector, base, limit, flags) in segs.items()} | tables


def memory(address, length):
    """Bytes at a virtual address."""
    return bytes(gdb.selected_inferior().read_memory(address, length))


def word(address):
    return int.from_bytes(memory(address, WORD), "little")


def physical(address, length):
    """Bytes at a physical address, whatever paging does."""
    gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
    try:
        return memory(address, length)
    finally:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)


def physical_word(address):
    return int.from_bytes(physical(address, 4), "little")


def translate(address):
    """Where a virtual address leads: a physical one, or None."""
    answer = gdb.execute(f"monitor gva2gpa {address:#x}", to_string=True)
    found = re.search(r"gpa: 0x([0-9a-f]+)", answer)
    if not found and "Unmapped" not in answer:
        raise Failure(f"QEMU does not translate {address:08x}: {answer}")
    return int(found[1], 16) if found else None


def regions(name):
    """Where a device or memory lies in the physical address space: pairs of
    first and last address, lowest first."""
    answer = gdb.execute("monitor info mtree -f", to_string=True)
    found = re.findall(rf"0{{8}}(\w{{8}})-0{{8}}(\w{{8}}) .*: {name}\b", answer)
    if not found:
        raise Failure(f"QEMU's memory map has no {name}")
    return sorted({(int(first, 16), int(last, 16)) for first, last in found})


# What the sources say

def load_symbols(elf):
    """Adds an ELF file's symbols to those of kernel.elf."""
    gdb.execute(f"add-symbol-file {elf}", to_string=True)


def symbol(name):
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&'{name}'"))
    except gdb.error as e:
        raise Failure(f"no symbol {name}: {e}") from e


def function_at(address):
    """The function that contains ADDRESS, and the distance from its start."""
    said = gdb.execute(f"info symbol {address:#x}", to_string=True)
    found = re.match(r"(\w+)(?: \+ (\d+))? in section", said)
    if not found:
        raise Failure(f"no function contains {address:08x}: {said}")
    return found[1], int(found[2] or 0)


def function(name):
    """Where a function begins and ends."""
    block = gdb.block_for_pc(symbol(name))
    while block is not None and block.function is None:
        block = block.superblock
    if block is None:
        raise Failure(f"{name} is no function that gdb knows")
    return block.start, block.end


def constant(name, header="memlayout.h"):
    """A number that one of the machine's headers defines."""
    header = f"src/arch/{MACHINE}/" + header
    with open(header) as f:
        found = re.search(rf"^#define {name}\s+(\w+)", f.read(), re.M)
    if not found:
        raise Failure(f"{header} does not define {name}")
    return int(found[1], 0)


def instruction(start, end, pattern, which=0, offset=0):
    """The address of the instruction that matches PATTERN in START..END.

    WHICH counts the matches; OFFSET is added for gdb to find the bytes, which
    may not lie where they are linked.
    """
    code = gdb.selected_inferior().architecture().disassemble(
        start + offset, end + offset - 1)
    found = [i["addr"] - offset for i in code if re.search(pattern, i["asm"])]
    if which >= len(found):
        raise Failure(f"no instruction {pattern} in {start:08x}..{end:08x}")
    return found[which]


# The run

def main():
    script = os.environ["CAPTURE_SCRIPT"]
    try:
        for setting in ("confirm off", "pagination off", "width 0",
                        "architecture " + {"i386": "i386", "riscv64":
                                           "riscv:rv64"}[MACHINE],
                        "stack-cache off",
                        "code-cache off"):
            gdb.execute("set " + setting, to_string=True)
        gdb.execute("file kernel.elf", to_string=True)
        gdb.execute("target remote | " + os.environ["CAPTURE_QEMU"],
                    to_string=True)
        runpy.run_path(script)
        write()
    except (Exception, KeyboardInterrupt) as e:
        lines = [f.lineno for f in traceback.extract_tb(e.__traceback__)
                 if f.filename == script]
        kind = "" if isinstance(e, (Failure, gdb.error)) else \
            type(e).__name__ + ": "
        place = f":{lines[-1]}" if lines else ""
        print(f"tests/captures/{os.path.basename(script)}{place}: {kind}{e}")
    finally:
        try:
            gdb.execute("kill", to_string=True)
        except gdb.error:
            pass                # QEMU has gone already


def write():
    """Leaves the results where tests/capture looks; the values last."""
    out = os.environ["CAPTURE_OUT"]
    if texts:
        with open(out + "/txt", "w") as f:
            f.writelines(line + "\n" for line in texts)
    with open(out + "/values.part", "w") as f:
        f.writelines(f"{k}={v}\n" for k, v in values.items())
    os.rename(out + "/values.part", out + "/values")
