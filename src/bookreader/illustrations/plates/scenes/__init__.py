"""The scene families: each draws one kind of place."""
