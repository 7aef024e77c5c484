"""Twelve ways in which the vendor may change a page, what a maintainer then edits, and what should come of it."""

from attrs import frozen

_CANCEL = "delete:\n      operationId: cancelOrder\n"
_VENUE = "operationId: cancelOrderAtVenue\n"
_READ = "operationId: getOrder\n"
_ORDER_ID = "name: orderId\n"
_CREDENTIALS = "security:\n        - appKey: []\n          accessToken: []\n"
_KEY = "| **Header** | **Et-App-Key** *required* | the application's key | string |  |\n"
_NEW_STATUS = '        "{status}":\n          description: Something new.\n'
_QUERY = """        - name: reason
          in: query
          required: {required}
          schema:
            type: string
"""
_TEXT_JSON = """            text/json:
              schema:
                $ref: "#/components/schemas/CancelReply"
              examples:
                empty:
                  summary: No field of the object is documented.
                  value: {}
"""


@frozen(kw_only=True)
class Edit:
    """One replacement, behind a text that says which occurrence is meant."""

    old: str
    new: str
    behind: str = ""

    def apply(self, text: str) -> str:
        """The text with the first occurrence behind `behind` replaced."""
        before, mark, after = text.partition(self.behind) if self.behind else ("", "", text)
        if self.old not in after:
            raise ValueError(f"nothing to replace: {self.old!r} behind {self.behind!r}")
        return before + mark + after.replace(self.old, self.new, 1)


@frozen(kw_only=True)
class Rehearsed:
    """A change of a page: the vendor's edits, the maintainer's edits of the specification, and what is expected."""

    what: str
    page: str = "cancel-order"
    on_the_page: tuple[Edit, ...]
    in_the_specification: tuple[Edit, ...]
    watched: tuple[str, ...]
    """What `make watch` finds: the kind and subject of each change."""
    rating: str


def _row(status: int) -> Edit:
    old = "| **500** |"
    return Edit(old=old, new=f"| **{status}** | something new | No Content |\n{old}")


def _status(status: int, behind: str) -> Edit:
    old = '        "500":\n'
    return Edit(old=old, new=_NEW_STATUS.format(status=status) + old, behind=behind)


def _query(required: bool) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:  # noqa: FBT001 - optional or not
    need = "required" if required else "optional"
    row = f"| **Query** | **reason** *{need}* | why | string |  |\n"
    parameter = _QUERY.format(required=str(required).lower())
    return (
        (Edit(old="\n### Responses", new=f"{row}\n### Responses"),),
        (Edit(old="      responses:\n", new=f"{parameter}      responses:\n", behind=_CANCEL),),
    )


REHEARSED = (
    Rehearsed(
        what="a header is dropped",
        on_the_page=(Edit(old=_KEY, new=""),),
        in_the_specification=(Edit(old=_CREDENTIALS, new="security:\n        - accessToken: []\n", behind=_CANCEL),),
        watched=("gone header",),
        rating="decide",
    ),
    Rehearsed(
        what="404 and 429 are added",
        on_the_page=(_row(404), _row(429)),
        in_the_specification=(_status(404, _CANCEL), _status(429, _CANCEL)),
        watched=("new status", "new status"),
        rating="major",
    ),
    Rehearsed(
        what="204 is gone",
        on_the_page=(Edit(old="| **204** | the order is cancelled | No Content |\n", new=""),),
        in_the_specification=(
            Edit(old='        "204":\n          description: The order was cancelled.\n', new="", behind=_CANCEL),
        ),
        watched=("gone status",),
        rating="major",
    ),
    Rehearsed(
        what="the order is an int64",
        on_the_page=(Edit(old="int32", new="int64", behind="**orderId**"),),
        in_the_specification=(
            Edit(old="format: int32", new="format: int64", behind=_ORDER_ID),
            Edit(old="minimum: -2147483648", new="minimum: -9223372036854775808", behind=_ORDER_ID),
            Edit(old="maximum: 2147483647", new="maximum: 9223372036854775807", behind=_ORDER_ID),
        ),
        watched=("widened path parameter",),
        rating="minor",
    ),
    Rehearsed(
        what="an optional query parameter is new",
        on_the_page=_query(required=False)[0],
        in_the_specification=_query(required=False)[1],
        watched=("new optional query parameter",),
        rating="minor",
    ),
    Rehearsed(
        what="a required query parameter is new",
        on_the_page=_query(required=True)[0],
        in_the_specification=_query(required=True)[1],
        watched=("new required query parameter",),
        rating="major",
    ),
    Rehearsed(
        what="a path parameter has another name",
        on_the_page=(
            Edit(old="/orders/{orderId}", new="/orders/{id}"),
            Edit(old="**orderId**", new="**id**"),
        ),
        in_the_specification=(
            Edit(old="orders/{orderId}:\n    delete", new="orders/{id}:\n    delete"),
            Edit(old=_ORDER_ID, new="name: id\n"),
            Edit(old="syncorders/{orderId}", new="syncorders/{id}"),
        ),
        watched=("renamed path parameter",),
        rating="patch",
    ),
    Rehearsed(
        what="the default of the version is 2",
        on_the_page=(Edit(old='`"1"`', new='`"2"`'),),
        in_the_specification=(Edit(old='default: "1"', new='default: "2"'),),
        watched=("redefaulted path parameter",),
        rating="major",
    ),
    Rehearsed(
        what="a status is reworded",
        on_the_page=(Edit(old="a conflict while cancelling", new="the cancel is under way"),),
        in_the_specification=(),
        watched=("reworded status",),
        rating="decide",
    ),
    Rehearsed(
        what="text/json is gone",
        on_the_page=(Edit(old="* `text/json`\n", new=""),),
        in_the_specification=(Edit(old=_TEXT_JSON, new="", behind=_CANCEL),),
        watched=("gone media type",),
        rating="patch",
    ),
    Rehearsed(
        what="a cancel at the venue gives 202",
        page="cancel-order-at-venue",
        on_the_page=(_row(202),),
        in_the_specification=(_status(202, _VENUE),),
        watched=("new status",),
        rating="major",
    ),
    Rehearsed(
        what="reading an order gives 404",
        page="get-order",
        on_the_page=(_row(404),),
        in_the_specification=(_status(404, _READ),),
        watched=("new status",),
        rating="major",
    ),
)
