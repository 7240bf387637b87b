"""F2 Tiếp nhận: one page, five sections, no "Next"; the live receipt beside it."""
