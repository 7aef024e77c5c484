"""An access token, and how a call came by it."""

from attrs import frozen

from autoshares_cancel._values.secret import Secret


@frozen(eq=False)
class AccessToken:
    """A token that order calls accept. Two are the same only if they came from the same log-in."""

    secret: Secret
    expires_at: float


@frozen(eq=False)
class Grant:
    """A token, and whether this very call has logged in for it."""

    token: AccessToken
    fresh: bool
