"""Any received file → a grid of typed cells: every kind of file, read within limits and in a child process."""
