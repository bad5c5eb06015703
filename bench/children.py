"""Work in processes of their own: Django keeps one database for life, benchmarks use many.

`python -m bench.children FUNCTION` reads its arguments as JSON and prints the result as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def environment(database: str, **more: str) -> dict[str, str]:
    """The environment of a process on a database, with a folder and a secret of the benchmarks."""
    folder = Path(tempfile.gettempdir()) / "routing-bench"
    folder.mkdir(exist_ok=True)
    return (
        os.environ
        | {
            "DATABASE_URL": database,
            "VAR_DIR": str(folder),
            "ENV_FILE": os.devnull,
            "BROKER_URL": "",
            "CACHE_URL": "",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "routing_admin.settings",
        }
        | more
    )


def in_child(function: str, database: str, **arguments: Any) -> Any:
    """What a function of `bench.inside` returns in a new process on a database."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.children", function],
        cwd=ROOT,
        env=environment(database),
        input=json.dumps(arguments),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main() -> None:
    """Run one function of `bench.inside`."""
    import django  # noqa: PLC0415 - the parent process has no settings

    django.setup()
    from . import inside  # noqa: PLC0415 - needs Django

    function = getattr(inside, sys.argv[1])
    print(json.dumps(function(**json.loads(sys.stdin.read()))))


if __name__ == "__main__":
    main()
