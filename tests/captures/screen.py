# kernel: ch02
# boot: image
#
# The screen at the end of a boot, read from display memory.
from capture import constant, memory, stop_at, symbol, text, value

LINES, COLUMNS = 25, 80

stop_at("machine_exit", symbol("machine_exit"))
cells = memory(constant("KERNBASE") + 0xB8000, 2 * LINES * COLUMNS)
letters = cells[::2].decode("cp437").replace("\0", " ")
lines = [letters[i:i + COLUMNS].rstrip()
         for i in range(0, len(letters), COLUMNS)]
while lines and not lines[-1]:
    lines.pop()
for line in lines:
    text(line)
value("lines", str(len(lines)))
