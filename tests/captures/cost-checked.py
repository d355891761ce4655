# kernel: cost-checked
# boot: image
#
# Instructions of a kmalloc and a kfree, in the checked build.
from capture import stop_at, symbol, value, word

stop_at("machine_exit", symbol("machine_exit"))
for i, key in enumerate(("small", "medium", "large", "slab")):
    value(key, str(word(symbol("kmalloc_cost") + 4 * i)))
