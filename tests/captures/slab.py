# kernel: lifo
# boot: image
#
# The slabs of one size class: the class, what struct Page says of each slab,
# and every object in it.
import gdb
from capture import Failure, memory, stop_at, symbol, value, word

SIZE, PAGE = 672, 4096
POISON_FREE, REDZONE = b"\x6b", b"\xbb"


def offset(structure, field):
    """Where a field lies in a structure."""
    fields = gdb.lookup_type(f"struct {structure}").fields()
    found = [f.bitpos // 8 for f in fields if f.name == field]
    if not found:
        raise Failure(f"struct {structure} has no field {field}")
    return found[0]


def field(structure, address, name):
    return word(address + offset(structure, name))


def find_class(size):
    classes = gdb.parse_and_eval("classes")
    for i in range(classes.type.range()[1] + 1):
        if int(classes[i]["size"]) == size:
            return int(classes[i].address)
    raise Failure(f"no class has objects of {size} bytes")


def look_at(address):
    """An object's own word, and whether it is free."""
    bytes_, own = memory(address, SIZE - 4), word(address + SIZE - 4)
    free = bytes_ == POISON_FREE * len(bytes_)
    if not free and bytes_[own:] != REDZONE * (len(bytes_) - own):
        raise Failure(f"{address:08x} is neither free nor in use")
    return own, free


stop_at("stop_here", symbol("stop_here"))
size_class = find_class(SIZE)
value("class", size_class)
value("size", str(SIZE))
value("in_use", str(field("size_class", size_class, "used")))

head = size_class + offset("size_class", "slabs")
link, slab = word(head + 4), 0
# The picture's list: slab/number/address/free/word.
objects = []
while link != head:
    page = link - offset("Page", "link")
    first = field("Page", page, "free")
    start = first & ~(PAGE - 1)
    value(f"{slab}.page", page)
    value(f"{slab}.start", start)
    value(f"{slab}.end", start + PAGE)
    value(f"{slab}.first", first)
    value(f"{slab}.used", str(field("Page", page, "used")))
    if field("Page", page, "size_class") != size_class:
        raise Failure(f"slab {slab} is on the list of another class")
    if field("Page", page, "count") != 1:
        raise Failure(f"slab {slab} is not one page")
    free = {}
    for n in range(PAGE // SIZE):
        address = start + n * SIZE
        own, is_free = look_at(address)
        if is_free:
            free[address] = own
        objects.append(f"{slab}/{n}/{address:08x}/{int(is_free)}/" +
                       (f"{own:08x}" if is_free else str(own)))
    chain = first                # the list must visit every free object
    while chain:
        if chain not in free:
            raise Failure(f"the free list leads to {chain:08x}")
        chain = free.pop(chain)
    if free:
        raise Failure(f"free, but not on the list: {sorted(free)}")
    link, slab = word(link + 4), slab + 1
value("slabs", str(slab))
value("objects", ",".join(objects))
