# kernel: ch05
# boot: image
#
# A walk of two levels: where the window of test_mapping leads while page b is
# mapped there and has just been written to.
from capture import (Failure, constant, physical_word, registers, stop_at,
                     symbol, translate, value, word)

BASE = constant("KERNBASE")
FLAGS = [(name, constant("PTE_" + name, "paging.h")) for name in "DAUWP"]


def neighbours(name, table, index):
    """The entries beside the one that is walked through, and the first."""
    for where, i in ("above", index + 1), ("below", index - 1), ("first", 0):
        value(f"{name}.{where}.index", str(i))
        value(f"{name}.{where}", physical_word(table + 4 * i))


def level(name, table, index):
    """Reads an entry and takes it apart; returns the physical address in it."""
    at = table + 4 * index
    entry = physical_word(at)
    if not entry & 1:
        raise Failure(f"{name}: entry {index} of {table:08x} is not present")
    value(f"{name}.table", table)
    value(f"{name}.index", str(index))
    value(f"{name}.at", at)
    value(f"{name}.entry", entry)
    value(f"{name}.address", f"{entry >> 12:05x}")
    value(f"{name}.bits", ",".join(f"{entry & 0xfff:012b}"))
    # Which flags of the low 12 bits have names: bit/name.
    value(f"{name}.flags", ",".join(
        f"{bit.bit_length() - 1}/{flag}" for flag, bit in FLAGS
        if not (name == "pde" and flag == "D")))
    neighbours(name, table, index)
    return entry & ~0xfff


va = constant("WINDOW", "pagingtest.c") + constant("OFFSET", "pagingtest.c")
stop_at("page_remove", symbol("page_remove"))

value("va", va)
value("digits", ",".join(f"{va:08x}"))
value("bits", ",".join(f"{va:032b}"))
pdx, ptx, offset = va >> 22, va >> 12 & 0x3ff, va & 0xfff
value("offset", f"{offset:03x}")
cr3 = registers()["cr3"]
value("cr3", cr3)
table = level("pde", cr3 & ~0xfff, pdx)
page = level("pte", table, ptx)
pa = page + offset
value("page", page)
value("pa", pa)
value("word", physical_word(pa))
value("direct", BASE + pa)
value("direct.pdx", str((BASE + pa) >> 22))
value("direct.ptx", str((BASE + pa) >> 12 & 0x3ff))

# What we have walked is what QEMU walks, and what the kernel sees.
if (qemu := translate(va)) != pa:
    raise Failure(f"{va:08x} leads to {pa:08x}, but in QEMU to "
                  + ("nowhere" if qemu is None else f"{qemu:08x}"))
if translate(BASE + pa) != pa:
    raise Failure(f"{BASE + pa:08x} of the direct map is not {pa:08x}")
if not word(va) == word(BASE + pa) == physical_word(pa) == 0x3333:
    raise Failure(f"the words at {va:08x}, {BASE + pa:08x} and {pa:08x} "
                  "are not what the test has written")
