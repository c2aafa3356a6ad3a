"""Picture services on loopback, built from the published contracts alone, with every trouble that real ones make."""
