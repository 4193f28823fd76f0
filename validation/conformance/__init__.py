"""The conformance kit: how many digits of an implementation are right, and what it got wrong.

For programs in any language, over one line of JSON in and one out.
"""
