"""The unit's own workbook handed back, with what is wrong marked in place and listed in front."""

from analytics.intake.returns.copies import is_return, marked_bytes, write_copy, write_returns

__all__ = ["is_return", "marked_bytes", "write_copy", "write_returns"]
