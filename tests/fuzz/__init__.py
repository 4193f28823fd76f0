"""Hostile input for every public entry: what comes back is a sound result or a typed error."""
