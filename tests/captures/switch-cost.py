# kernel: switch-cost
# boot: image
#
# Instructions of a switch, a round trip and a birth among more and more
# threads, and what each thread that sleeps adds to a switch.
from capture import Failure, stop_at, symbol, value, word

ALIVE = (2, 16, 256, 1000)
WHAT = ("switch", "trip", "birth")

stop_at("machine_exit", symbol("machine_exit"))
cost = {}
for i, n in enumerate(ALIVE):
    for j, what in enumerate(WHAT):
        cost[what, n] = word(symbol("crowd_cost") + 4 * (3 * i + j))
        value(f"{what}_{n}", str(cost[what, n]))
# The figure's lists: threads/instructions.
for what in WHAT:
    value(f"{what}es" if what == "switch" else f"{what}s",
          ",".join(f"{n}/{cost[what, n]}" for n in ALIVE))

steps = [(cost["switch", b] - cost["switch", a]) / (b - a)
         for a, b in zip(ALIVE, ALIVE[1:])]
if max(steps) - min(steps) > .5:
    raise Failure(f"not a straight line: {steps}")
value("step", f"{steps[-1]:.0f}")
