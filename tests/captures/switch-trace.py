# kernel: switch-trace
# boot: image
#
# The switches of the standard scenario, with the instructions executed since
# the first.
import gdb
from capture import Failure, stop_at, symbol, text, value, word

stop_at("machine_exit", symbol("machine_exit"))
switches, noted = word(symbol("switches")), gdb.parse_and_eval("noted")
if not 0 < switches <= 16:
    raise Failure(f"{switches} switches were noted")
first = int(noted[0]["at"])
for i in range(switches):
    at = int(noted[i]["at"]) - first & 0xffffffff
    text(f"{at:6}  {noted[i]['prev'].string():>4} -> "
         f"{noted[i]['next'].string()}")
value("switches", str(switches))
