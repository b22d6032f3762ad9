"""Keep: history with two clocks, conformed dimensions, and the facts that areas make of them."""
