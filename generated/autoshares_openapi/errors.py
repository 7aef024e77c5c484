# Generated from openapi/autoshares.yaml by openapi-python-client 0.29.1.
# Do not edit: change the specification or openapi/templates/, then run `make generate`.
"""What can go wrong while a reply is read."""


class UnreadableBody(ValueError):
    """The body of a documented reply is not what is documented. The status code is as good as ever."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"the body of the {status_code} is not what is documented")
        self.status_code = status_code
