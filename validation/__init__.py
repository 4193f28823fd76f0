"""Cross-validation of qbsym, qbnum and arbitrary-precision references."""
