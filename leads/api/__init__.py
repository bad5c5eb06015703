"""The HTTP API, version 1: authentication, limits and shapes; the work is done by the services."""
