"""Cài đặt: what the province and the commune settle for themselves."""
