"""Runs the command line, for `python -m autoshares_cancel` and the command autoshares-cancel."""

import sys


def main() -> None:
    """Run the command line. Without the extra `cli`, print how to install it and exit with 2."""
    try:
        from autoshares_cancel._cli.app import app  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as missing:
        if missing.name not in {"rich", "typer"}:
            raise
        sys.exit(_without_extra(missing.name))
    app(prog_name="autoshares-cancel")


def _without_extra(name: str) -> int:
    sys.stderr.write(f"the command line needs {name}, which is not installed: pip install 'autoshares-cancel[cli]'\n")
    return 2


if __name__ == "__main__":
    main()
