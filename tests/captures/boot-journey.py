# kernel: ch01
# boot: image
#
# From reset to the first instruction of C: the same memory at five moments.
from capture import (constant, instruction, load_symbols, physical,
                     regions, registers, stop_at, symbol, value)

SECTOR = constant("BOOT_SECTOR")
ELF = constant("ELF_HEADER")
KERNEL = constant("KERNLOAD")
load_symbols("bootsector.elf")


def moment(name):
    now = registers()
    value(f"{name}.cs", f"{now['cs']:04x}")
    for register in ("cs_base", "eip", "esp", "cr0"):
        value(f"{name}.{register}", now[register])
    value(f"{name}.pe", str(now["pe"]))
    value(f"{name}.pg", str(now["pg"]))
    value(f"{name}.at_sector", physical(SECTOR, 4).hex(" "))
    value(f"{name}.at_signature", physical(SECTOR + 510, 2).hex(" "))
    value(f"{name}.at_elf", physical(ELF, 4).hex(" "))
    value(f"{name}.at_kernel", physical(KERNEL, 4).hex(" "))


value("sector", SECTOR)
value("sector_end", SECTOR + 512)
value("signature", SECTOR + 510)
value("elf", ELF)
value("kernel", KERNEL)
value("kernel_end", symbol("end") - constant("KERNBASE"))
for name, (first, last) in (("display", regions("vga-lowmem")[0]),
                            ("bios_low", regions("pc.bios")[0]),
                            ("ram", regions("pc.ram")[-1]),
                            ("bios", regions("pc.bios")[-1])):
    value(name, first)
    value(name + "_last", last)
    value(name + "_end", last + 1 & 0xFFFFFFFF)

moment("reset")
stop_at("the boot sector", SECTOR)
moment("sector")
stop_at("protected", symbol("protected"))
moment("protected")
jump = instruction(symbol("protected"), symbol("no_information"),
                   rf"^jmp +\*{ELF + 24:#x}")
stop_at("the jump to the kernel", jump)
moment("jump")
stop_at("kern_init", symbol("kern_init"))
moment("kern_init")
