"""The reference table: several hundred junctions with every observable to 40 digits.

A versioned data set for implementations in any language, and how it is made and proven.
"""

from validation.reference_table.table import (
    ReferenceTable,
    TableCase,
    TableError,
    TableValue,
    load_table,
)

__all__ = ["ReferenceTable", "TableCase", "TableError", "TableValue", "load_table"]
