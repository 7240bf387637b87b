"""F4 Việc cần làm: what needs a person now."""
