# kernel: cost-no-lcr3
# boot: image
#
# Instructions of a round trip that leaves the page directory alone.
from cost import switch_costs

switch_costs()
