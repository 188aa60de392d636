"""Edge: public HTTP."""
