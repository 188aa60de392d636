"""The SDK's version, as it tells the core."""

VERSION = "0.1.0"
