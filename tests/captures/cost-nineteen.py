# kernel: cost-nineteen
# boot: image
#
# Instructions of a round trip with the switch_to of the book.
from capture import value
from cost import switch_costs

value("share", str(2 * switch_costs()))
