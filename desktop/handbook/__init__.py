"""F6 Cẩm nang: every procedure, found by what people say, readable and printable without a line."""
