# kernel: waste
# boot: image
#
# What requests of 1 to 2048 bytes take, in all: by our classes, and by powers
# of two.
from capture import stop_at, symbol, value, word

stop_at("machine_exit", symbol("machine_exit"))
asked = word(symbol("asked"))
for key, taken in (("percent", word(symbol("taken"))),
                   ("percent_of_powers", word(symbol("taken_of_powers")))):
    value(key, f"{(taken - asked) * 100 / taken:.1f}")
