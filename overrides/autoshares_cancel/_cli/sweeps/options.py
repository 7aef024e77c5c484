"""Arguments and options that `sweep` and `worker` share."""

import time
from typing import Any, Final
from urllib.parse import urlsplit

from autoshares_cancel._auth.environment import secret_from_env
from autoshares_cancel._cli import options
from autoshares_cancel._cli.command import option
from autoshares_cancel.errors import ConfigurationError

DATABASE: Final = "AUTOSHARES_DATABASE"
DATABASE_URL: Final = option("--database", metavar="URL", help=f"PostgreSQL; without it, {DATABASE}.")
ENVIRONMENT: Final = f"""{options.ENVIRONMENT.rstrip()}
  {DATABASE}     as in postgresql://user@db.example/desk; also the
                          variables and files of libpq: PGPASSWORD, PGSSLMODE,
                          ~/.pgpass
"""


def database_of(given: str | None) -> str:
    """The URL of the database, from the command line or the environment. Raises ConfigurationError."""
    if given is None:
        secret = secret_from_env(DATABASE)
        if secret is None:
            raise ConfigurationError(f"give --database, or set {DATABASE}: postgresql://user@db.example/desk")
        given = secret.reveal()
    elif _has_password(given):
        raise ConfigurationError(
            f"--database has a password, which others on this machine can see: put it into PGPASSWORD or ~/.pgpass, "
            f"or the URL into {DATABASE}"
        )
    if not given.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError("the database must be a URL, as in postgresql://user@db.example/desk")
    return given


def clock() -> float:
    """Seconds that go on while the machine sleeps, where it can tell: a lease does, too."""
    number = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if number is None else time.clock_gettime(number)


def client_settings(ca_file: Any, *, resolve: bool) -> dict[str, Any]:
    """The arguments of a client that works off sweeps."""
    return {**options.settings(ca_file, resolve=resolve), "clock": clock}


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.password is not None or "password=" in parts.query
