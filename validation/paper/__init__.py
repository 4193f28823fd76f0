"""The paper, reproduced and judged: its figures, its claims, its errata."""
