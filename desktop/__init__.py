"""WHO sees and types: the Qt Widgets application. The only room that knows Qt; `tasks` is the only thread starter."""
