"""Runs verify_audit in a test."""

import io

from django.core.management import call_command


def verify() -> tuple[int, str]:
    """Run verify_audit; return its exit code and what it printed."""
    out = io.StringIO()
    try:
        call_command("verify_audit", stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()
