"""Behaviour: routing, invoking, delivering, scheduling. Reaches the world only through ports.py."""
