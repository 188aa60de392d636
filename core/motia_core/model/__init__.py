"""Pure values and rules of the domain: no I/O, no event loop, standard library only."""
