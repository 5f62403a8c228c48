"""Papers measured again: what they report beside what comes out here."""
