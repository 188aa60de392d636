"""motia-core: the polyglot runtime in which everything is a Step."""

__version__ = "0.1.0"
