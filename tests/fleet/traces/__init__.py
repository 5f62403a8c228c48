"""The trace store: codecs by test vector and property, tables against a real Postgres."""
