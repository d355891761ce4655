# kernel: pid-cost
# boot: image
#
# Instructions to get a pid with the most processes: along the list, and from
# the queue.
from capture import stop_at, symbol, value, word

stop_at("machine_exit", symbol("machine_exit"))
for i, key in enumerate(("scan", "queue")):
    value(key, str(word(symbol("pid_cost") + 4 * i)))
