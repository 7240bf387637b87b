"""F5 Gửi – nhận: where everything is, since when, what next."""
