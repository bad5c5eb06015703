"""Files of leads: reading CSV and NDJSON, mapping columns to fields, telling what became of
each line (docs/routing-files.md).

Nothing here keeps more of a file than one batch of its rows.
"""
