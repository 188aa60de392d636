"""Queues and dead letters as clients of 0.x know them: as those of BullMQ (contract 10.3)."""
