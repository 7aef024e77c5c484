"""How long a token is used, and which calls share it. The clock is passed in."""

import pytest

from autoshares_cancel import InvalidCredentials, PasswordCredentials, TokenCredentials, TokenUnavailable
from autoshares_cancel._auth.token_cache import LIFETIME, TokenCache
from autoshares_cancel._values.secret import Secret

CREDENTIALS = PasswordCredentials(app_key="key", username="user", password="hunter2")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_kept_until_its_margin() -> None:
    """A token requested at 1000 s is used before 1000 s + 24 h minus its margin, and not at that time."""
    clock = Clock()
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=clock)
    token = cache.keep(Secret("access"), asked_at=1000.0)
    assert token.secret.reveal() == "access"
    clock.now = 1000.0 + LIFETIME - 300.0 - 0.001
    assert cache.usable(None) is token
    clock.now = 1000.0 + LIFETIME - 300.0
    assert cache.usable(None) is None


def test_a_refused_token_is_not_used_again_but_a_newer_one_is() -> None:
    """Law 6: a call whose token was refused takes a newer one that another call has fetched."""
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=Clock())
    old = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.usable(old) is None
    new = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.usable(old) is new


def test_a_failed_log_in_is_shared_only_with_calls_that_waited() -> None:
    """Law 6: a call that waited gets a copy of the same error; a later call logs in again."""
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=Clock())
    failure = InvalidCredentials(detail="no", status_code=401)
    before = cache.rounds
    cache.fail(failure)
    with pytest.raises(InvalidCredentials, match="no") as caught:
        cache.settled(None, before)
    assert caught.value is not failure
    with pytest.raises(InvalidCredentials, match="no") as caught_by_another:
        cache.settled(None, before)
    assert caught_by_another.value is not caught.value
    assert cache.settled(None, cache.rounds) is None
    cache.fail(None)
    assert cache.settled(None, before) is None
    token = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.settled(None, before) is token


def test_a_call_with_a_refused_token_shares_the_failed_log_in() -> None:
    """Law 6: a call whose token was refused shares a later failed log-in; other calls still use the token."""
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=Clock())
    token = cache.keep(Secret("access"), asked_at=1000.0)
    assert cache.rounds == 1
    cache.fail(InvalidCredentials(detail="no", status_code=401))
    assert cache.rounds == 2
    with pytest.raises(InvalidCredentials, match="no"):
        cache.settled(token, 1)
    assert cache.settled(None, 1) is token


def test_a_given_token_is_never_renewed_and_never_ends() -> None:
    """A token of TokenCredentials is never renewed, and has no end."""
    clock = Clock()
    cache = TokenCache(TokenCredentials(app_key="key", token="given"), margin=300.0, clock=clock)
    clock.now = 1e12
    token = cache.usable(None)
    assert token is not None
    assert token.secret.reveal() == "given"
    assert not cache.renewable
    assert "given" not in repr(cache)


@pytest.mark.parametrize(("now", "left"), [(1000.0, 60), (1000.5, 60), (1059.0, 1), (1059.5, 1)])
def test_a_refusal_is_raised_again_while_the_pause_lasts(now: float, left: int) -> None:
    """Law 6: the repeated refusal has its status, its reason, and the whole seconds that are left."""
    clock = Clock()
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=clock, pause=60.0)
    cache.check_pause()
    cache.fail(InvalidCredentials(detail="no", status_code=401))
    clock.now = now
    with pytest.raises(InvalidCredentials) as caught:
        cache.check_pause()
    assert caught.value.detail == f"not asked again for {left} s, by login_pause=60: no"
    assert caught.value.status_code == 401


def test_nothing_is_raised_after_the_pause_or_after_another_failure() -> None:
    """Law 6: only a refusal begins a pause, and a later failure of another kind ends it."""
    clock = Clock()
    cache = TokenCache(CREDENTIALS, margin=300.0, clock=clock, pause=60.0)
    cache.fail(InvalidCredentials(detail="no", status_code=401))
    clock.now = 1060.0
    cache.check_pause()
    cache.fail(InvalidCredentials(detail="no", status_code=401))
    cache.fail(TokenUnavailable(detail="no reply"))
    cache.check_pause()
