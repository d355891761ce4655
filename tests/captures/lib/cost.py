"""What the experiments on the cost of a switch have measured."""
import re

import gdb
from capture import Failure, stop_at, symbol, value, word


def emptied():
    """How many TLBs QEMU has emptied so far.  It keeps one for each way to
    access memory, and does not count those that were empty already."""
    said = gdb.execute("monitor info jit", to_string=True)
    counts = re.findall(r"^TLB (?:full|partial) flushes +(\d+)", said, re.M)
    if len(counts) != 2:
        raise Failure("info jit does not say how often TLBs were emptied")
    return sum(map(int, counts))


def switch_costs():
    """Round trips of switch_to alone and through schedule, in instructions, and
    how many of them are switch_to's own, which this returns."""
    stop_at("test_cost", symbol("test_cost"))
    before = emptied()
    stop_at("machine_exit", symbol("machine_exit"))
    value("emptied", str(emptied() - before))
    value("switch", str(word(symbol("switch_cost"))))
    value("yield", str(word(symbol("yield_cost"))))

    # It has no branches: what is executed is what is there, up to the ret.
    code = gdb.selected_inferior().architecture().disassemble(
        symbol("switch_to"), symbol("switch_to") + 100)
    own = [i["asm"].split()[0] for i in code].index("ret") + 1
    if any(i["asm"].startswith(("j", "call")) for i in code[:own]):
        raise Failure("switch_to has a branch")
    value("own", str(own))
    return own
