"""One server for tests that run at once, each with a script of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.clients import TLS
from support.http_caller import APP_KEY, HttpCaller

from autoshares_cancel import Client, PasswordCredentials
from autoshares_cancel.mock import AccountScript, MockServer

AT_ONCE = 8


def log_in(caller: HttpCaller, script: AccountScript) -> dict[str, str]:
    return caller.log_in(script.credentials["username"], script.credentials["password"])


def cancel(caller: HttpCaller, script: AccountScript, order: int, headers: dict[str, str]) -> int:
    return caller.cancel(order, headers, account=script.account_id).status_code


def test_scripts_that_run_at_once_never_see_each_other(caller: HttpCaller) -> None:
    """Each script meets what it armed itself, and sees its own requests."""

    def play(number: int) -> None:
        with caller.server.script() as script:
            order = script.place().order_id
            script.on_cancel().respond(500, times=number + 1)
            script.on_token().respond(401)
            assert caller.ask_token(APP_KEY | {"Username": script.username, "Password": "x"}).status_code == 401
            headers = log_in(caller, script)
            replies = [cancel(caller, script, order, headers) for _ in range(number + 2)]
            assert replies == [500] * (number + 1) + [204]
            assert len(script.cancels) == number + 2
            script.cancels.of(account_id=script.account_id, order_id=order).assert_called()
            assert len(script.tokens) == 2

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(play, range(AT_ONCE)))


def test_what_is_armed_for_any_order_does_not_strike_an_account_with_a_script(caller: HttpCaller) -> None:
    """Neither steps of the server nor faults over HTTP or at random strike it; its requests are its own."""
    with caller.server.script() as script:
        caller.server.on_cancel().respond(500, optional=True)
        caller.server.random_faults(1, faults=["close"])
        caller.control("faults", {"faults": [{"fault": "close-without-reply"}]})
        caller.server.forget_requests()
        assert cancel(caller, script, script.place().order_id, log_in(caller, script)) == 204
        assert caller.server.requests == []
        assert len(script.requests) == 2


def test_what_a_script_armed_and_did_not_use_fails_that_test_alone() -> None:
    """Unused steps are withdrawn at the end of the script, so that no other request meets them."""
    server = MockServer()
    with server.script() as other:
        other.on_list().respond(500, optional=True)
        with pytest.raises(AssertionError, match=r"on_cancel\(\)\.respond\(500\)"), server.script() as script:
            script.on_cancel().respond(500)
        assert [armed.owner for armed in server._state.faults.armed] == [other.account_id]
    assert server._state.faults.armed == []


def test_an_exception_that_leaves_a_script_is_raised() -> None:
    """The exception hides the report of unused steps."""

    def fail_inside() -> None:
        with MockServer().script() as script:
            script.on_cancel().respond(500)
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        fail_inside()


def test_a_user_owns_its_account_alone(caller: HttpCaller) -> None:
    """The account number may be chosen, and no other user can cancel its orders."""
    with caller.server.script(account_id=4711) as script, caller.server.script() as other:
        order = script.place(order_id=5, quantity=7)
        assert (order.account_id, order.quantity, script.account_id) == (4711, 7, 4711)
        assert cancel(caller, script, 5, log_in(caller, other)) == 401
        assert cancel(caller, script, 5, log_in(caller, script)) == 204
    with pytest.raises(ValueError, match="account 6303 has an owner: choose another number, or none"):
        caller.server.script(account_id=6303)


def test_a_client_logs_in_with_the_credentials_of_a_script(server: MockServer) -> None:
    """The credentials of a script are arguments of `PasswordCredentials`."""
    with server.script() as script:
        order = script.place()
        credentials = PasswordCredentials(**script.credentials)
        with Client(base_url=server.base_url, credentials=credentials, verify=TLS) as client:
            client.cancel_order(account_id=script.account_id, order_id=order.order_id)
        script.cancels.assert_called_once_with(account_id=script.account_id, order_id=order.order_id)


def test_nothing_is_armed_for_the_account_of_another_script() -> None:
    """Neither the server nor a script can arm a step for the account of another script."""
    server = MockServer()
    with server.script() as script:
        with pytest.raises(ValueError, match=f"account_id {script.account_id} has a script of its own: arm it there"):
            server.on_cancel(account_id=script.account_id)
        with pytest.raises(ValueError, match=f"this script is for account_id {script.account_id}, not 6303"):
            script.on_list(account_id=6303)
        with pytest.raises(ValueError, match="this script is for username 'trader-70001', not 'trader'"):
            script.on_token("trader")


def test_a_reset_waits_for_the_scripts_of_other_tests() -> None:
    """A reset raises RuntimeError while a script is open, and works afterwards."""
    server = MockServer()
    with server.script() as script:
        order = script.place()
        with pytest.raises(RuntimeError, match="tests have scripts at this server, which a reset would take from them"):
            server.reset()
        assert server.order(order.order_id) == order
    server.reset()


def test_a_fault_strikes_the_log_in_of_one_user(caller: HttpCaller) -> None:
    """Other users can still log in."""
    with caller.server.script() as script, caller.server.script() as other:
        script.on_token().fault("close")
        assert log_in(caller, other)
        with pytest.raises(httpx.TransportError):
            log_in(caller, script)
