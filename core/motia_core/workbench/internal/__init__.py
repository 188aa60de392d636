"""What the internal streams show (contract 10.4)."""
