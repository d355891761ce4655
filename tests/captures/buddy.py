# kernel: ch04
# boot: image
#
# The free blocks while test_buddy asks for 1 page, then for 5, and gives both
# back.
import gdb
from capture import (Failure, constant, registers, stop_at, symbol, text,
                     value, word)

PGSIZE = constant("PGSIZE")
ORDERS = int(gdb.parse_and_eval("sizeof(free_blocks) / sizeof(*free_blocks)"))
SIZE = int(gdb.parse_and_eval("sizeof(struct Page)"))
LISTS = symbol("free_blocks")
SHOWN = 16                      # pages in the picture


def number(page):
    """The number of the page that a struct Page describes."""
    return (page - word(symbol("pages"))) // SIZE


def free_blocks():
    """All of them: first page -> order."""
    blocks = {}
    for order in range(ORDERS):
        head = LISTS + 8 * order
        le = word(head + 4)
        while le != head:
            blocks[number(le)] = order  # link is what struct Page begins with
            le = word(le + 4)
    return blocks


moments = []                    # name, free pages, free blocks


def moment(name):
    moments.append((name, word(symbol("nr_free")), free_blocks()))


def call(function, name):
    """From a function's entry, where the machine is, to after its return."""
    back = word(registers()["esp"])
    stop_at(f"the return from {function}", back)
    moment(name)
    return number(registers()["eax"])


# The loop's calls come first; the others come from other places.
stop_at("the tests", symbol("run_tests"))
value("free", str(word(symbol("nr_free"))))
value("npage", str(word(symbol("npage"))))
value("sizeof", str(SIZE))
value("array_pages", str(-(-word(symbol("npage")) * SIZE // PGSIZE)))
value("tables", str(-(-word(symbol("npage")) // 1024) - 1))
stop_at("test_buddy", symbol("test_buddy"))
stop_at("alloc_pages", symbol("alloc_pages"))
loop = word(registers()["esp"])
while word(registers()["esp"]) == loop:
    stop_at("alloc_pages", symbol("alloc_pages"))
moment("start")
one = call("alloc_pages", "one")
stop_at("alloc_pages", symbol("alloc_pages"))
five = call("alloc_pages", "five")
stop_at("free_pages", symbol("free_pages"))
call("free_pages", "one_back")
stop_at("free_pages", symbol("free_pages"))
call("free_pages", "five_back")

first = min(one, five) // SHOWN * SHOWN
if max(one, five + 4) >= first + SHOWN:
    raise Failure(f"pages {one} and {five} do not fit into one picture")
value("first", first * PGSIZE)
value("last", (first + SHOWN) * PGSIZE - 1)

# What the pages of the picture are: kind/first/count/order, and the lists.
owners = {"one": {one}, "five": set(range(five, five + 5))}
held = {"start": (), "one": ("one",), "five": ("one", "five"),
        "one_back": ("five",), "five_back": ()}
high = max(moments[0][2][b] for b in moments[0][2]
           if b <= one < b + (1 << moments[0][2][b]))
value("order", str(high))
for name, free, blocks in moments:
    pieces = []
    for b, order in sorted(blocks.items()):
        begin, end = max(b, first), min(b + (1 << order), first + SHOWN)
        if begin < end:
            pieces.append((begin, "free", end - begin, order))
    for owner in held[name]:
        pieces.append((min(owners[owner]), owner, len(owners[owner]), 0))
    pieces.sort()
    if sum(p[2] for p in pieces) != SHOWN:
        raise Failure(f"{name}: not all pages are accounted for: {pieces}")
    lists = [sum(o == order for o in blocks.values())
             for order in range(ORDERS)]
    value(f"{name}.free", str(free))
    value(f"{name}.pieces", ",".join(
        f"{kind}/{b - first}/{count}/{order}"
        for b, kind, count, order in pieces))
    value(f"{name}.lists", ",".join(
        f"{order}/{n}" for order, n in enumerate(lists[:high + 1])))
    text(f"{name:10} {free} free, blocks per order " +
         " ".join(str(n) for n in lists))
