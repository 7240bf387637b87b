"""The receiving side: practice portal, office hub and provincial gateway are this one program with different settings."""
