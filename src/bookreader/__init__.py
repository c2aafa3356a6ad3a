"""BookReader AI: upload a novel, read it illustrated."""

__version__ = "0.1.0"
