"""A language model looks a book through after the rules did: optional, paid for, and believed only where it quotes."""
