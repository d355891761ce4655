# kernel: cost-fifteen
# boot: image
#
# Instructions of a round trip with a switch_to that saves six registers.
from cost import switch_costs

switch_costs()
