"""WHERE dossiers are kept and HOW they travel. No Qt, and no thread of its own but in the gateway, a server program."""
