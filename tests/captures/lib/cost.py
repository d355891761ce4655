"""What the experiments on the cost of a switch have measured."""
import gdb
from capture import Failure, stop_at, symbol, value, word


def switch_costs():
    """Round trips of switch_to alone and through schedule, in instructions, and
    how many of them are switch_to's own, which this returns."""
    stop_at("machine_exit", symbol("machine_exit"))
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
