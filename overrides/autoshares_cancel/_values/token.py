"""An access token, and whether a call logged in for it."""

from attrs import define, frozen

from autoshares_cancel._values.secret import Secret


@frozen(eq=False)
class AccessToken:
    """A token for order calls. Two are equal only if they come from the same log-in."""

    secret: Secret
    expires_at: float
    """Seconds on the client's clock, already reduced by the margin."""


@define(eq=False)
class Grant:
    """A token, and whether this call logged in for it."""

    token: AccessToken
    fresh: bool
    shared: bool = False
    """Whether it comes from a store of tokens. The server may have ended it long ago."""
