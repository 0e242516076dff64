"""Pages: the results of a climb as HTML that a person can read in a minute, drawn from stored results alone."""

from nnkit.report.pages import write_index, write_pages, write_stage_pages, write_table

__all__ = ["write_index", "write_pages", "write_stage_pages", "write_table"]
