"""F3 Hồ sơ: the list, and one dossier as a story."""
