"""Checks and canonical forms of what people type into the configuration, by noun.

Each raises ValidationError with a sentence a person can act on; a `clean_…` returns the value
in the one form in which it is stored.
"""
