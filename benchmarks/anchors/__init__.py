"""Published or agreed numbers to beat, one module each: protocol, split, seeds, interval, cost."""
