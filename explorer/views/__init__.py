"""The pages, one question each: scripts that read as the pages look."""
