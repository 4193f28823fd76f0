"""SymPy derives the closed forms of the model."""
