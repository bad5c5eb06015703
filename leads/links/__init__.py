"""The public pages behind the links of alerts."""
