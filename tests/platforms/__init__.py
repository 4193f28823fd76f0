"""The same numbers everywhere: values written on one platform, held against those of another.

``python -m tests.platforms write FILE`` evaluates all cases of the shipped reference table with
`qbnum` and holds each value against the certified one; ``python -m tests.platforms compare BASE
OTHER ...`` says in how many units of the last place the files differ. `nox -s agreement` does both
for every Python it finds.
"""
