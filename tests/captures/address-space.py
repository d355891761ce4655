# kernel: ch01
# boot: image
#
# What addresses mean before paging is on, just after, and once the identity
# mapping is gone.
from capture import (constant, instruction, physical_word, registers, step,
                     stop_at, symbol, translate, value)

BASE = constant("KERNBASE")
LOAD = constant("KERNLOAD")
DIRECTORY = symbol("__boot_pgdir") - BASE
TABLE = symbol("__boot_pt1") - BASE


def moment(name):
    now = registers()
    for register in ("eip", "esp", "cr0", "cr3"):
        value(f"{name}.{register}", now[register])
    value(f"{name}.pg", str(now["pg"]))
    for i in (0, BASE >> 22):
        value(f"{name}.pgdir.{i}", physical_word(DIRECTORY + 4 * i))
    for i in (0, 1, 1023):
        value(f"{name}.pt.{i}", physical_word(TABLE + 4 * i))
    for where, address in (("low", LOAD), ("high", BASE + LOAD)):
        leads_to = translate(address)
        value(f"{name}.{where}",
              "unmapped" if leads_to is None else leads_to)


value("low", 0)
value("low_end", 1024 * constant("PGSIZE"))
value("high", BASE)
value("high_end", BASE + 1024 * constant("PGSIZE"))
value("entry", str(BASE >> 22))
value("pgdir", DIRECTORY)
value("pt", TABLE)
value("kernel", LOAD)
value("kernel_high", BASE + LOAD)

# The kernel runs at physical addresses at first, BASE below its symbols.
stop_at("kern_entry", symbol("kern_entry") - BASE)
code = symbol("kern_entry"), symbol("kern_init")
stop_at("the move to CR0",
        instruction(*code, r"^mov +%eax,%cr0", offset=-BASE) - BASE)
moment("off")
step()
moment("both")
stop_at("the second move to CR3",
        instruction(*code, r"^mov +%eax,%cr3", which=1))
step()
moment("gone")
