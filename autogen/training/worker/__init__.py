"""A trial on its worker: device, memory, folder, efficiency."""
