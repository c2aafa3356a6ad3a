"""How people, places and things are called when they are not in a sentence."""


class Naming:
    """As they are called in it. Languages that decline their nouns do it otherwise."""

    def thing(self, word: str) -> str:
        return word

    def name(self, words: list[str]) -> str:
        return " ".join(words)

    def groups(self, words: list[str]) -> list[int]:
        """How many words of a row of names belong to each person or place."""
        return [len(words)] if words else []

    def phrase(self, words: list[str]) -> str:
        """Adjectives and their noun, which stands last; empty where they do not belong together."""
        return " ".join(words)

    def is_place(self, words: list[str]) -> bool:
        """Whether the dictionary knows a name as that of a place."""
        return False
