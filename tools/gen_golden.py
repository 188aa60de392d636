"""Write the golden frames again, from the protocol's descriptors. Usage: python tools/gen_golden.py"""

from __future__ import annotations

from motia_core.conformance.wire.golden.frames import FILE
from motia_core.conformance.wire.golden.making import golden_lines

if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in golden_lines()))
