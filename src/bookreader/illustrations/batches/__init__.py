"""Many illustrations at once: ordered after an estimate, begun a few at a time, and where they are in the line."""
