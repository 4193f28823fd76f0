"""The fast layer beside what one would write without it: time and error, in one run.

Run from a checkout: ``python -m benchmarks.fast_layer [--quick] [--output DIR] [--profile]``.

`regimes` draws the junctions, `textbook` holds the formulas of the routes that are not qbnum's,
`routes` times them, `engines` times qbnum and the floor of its nodes, `judging` compares with the
certified reference, `scaling` measures time and memory from 10^3 points up, `goals` holds the
figures against what is asked, `tables` and `picture` show them. May import: nothing.
"""
