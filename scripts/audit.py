"""Audits the pinned dependencies for known vulnerabilities.

    python scripts/audit.py FILE ...

A vulnerability fails (status 1). Packages that the advisory service does not answer for, or a
service that cannot be reached, are named as not audited and do not fail: a closed network must
not stop the other checks, and nobody should read silence as a clean bill.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 180


def main(files: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [
            *(sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip"),
            *("--progress-spinner", "off", "--timeout", "10"),
            *("--format", "json", "--output", str(report)),
            *(part for name in files for part in ("-r", name)),
        ]
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return _not_audited(f"no answer in {PATIENCE_SECONDS} s")
        if not report.exists():
            lines = run.stderr.strip().splitlines() or [f"status {run.returncode}"]
            return _not_audited(lines[-1])
        return _judge(json.loads(report.read_text())["dependencies"])


def _not_audited(why: str) -> int:
    print(f"NOT AUDITED: the advisory service could not be asked ({why}).")
    return 0


def _judge(dependencies: list[dict[str, Any]]) -> int:
    unanswered = [found["name"] for found in dependencies if "skip_reason" in found]
    vulnerable = [found for found in dependencies if found.get("vulns")]
    if unanswered:
        print(f"NOT AUDITED, the advisory service does not know them: {', '.join(unanswered)}.")
    for found in vulnerable:
        for fault in found["vulns"]:
            fixed = ", ".join(fault["fix_versions"]) or "no release"
            print(f"{found['name']} {found['version']}: {fault['id']}, fixed in {fixed}")
    audited = len(dependencies) - len(unanswered)
    print(f"{audited} of {len(dependencies)} dependencies audited, {len(vulnerable)} vulnerable.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
