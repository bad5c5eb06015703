"""The demo: a company that does not exist, its accounts, and sixty days of its leads.

Everything comes from one seeded generator and word lists of our own; only the present instant,
from which all dates are counted back, is not the seed's. Names, domains and numbers are made up;
domains end in `.example`, which nobody can own (RFC 2606), but for the free mail providers.
"""
