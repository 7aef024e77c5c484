"""The vendor's pages as openapi/vendor/ keeps them, by the names that the specification gives their operations."""

import re
from functools import cache

from attrs import frozen
from from_code import ROOT
from mock_replies import Call

from contract_facts.vendor import FOLDER, kept_facts
from contract_facts.yaml_lines import Located, read_yaml

_GONE_PARAMETER = re.compile(r"gone (\w+) parameter (\w+) of (.+)")


@frozen(kw_only=True)
class Page:
    """A page of the vendor's, and its operation."""

    title: str
    read: str
    operation: Located

    @property
    def name(self) -> str:
        """Method and path, as the page has them."""
        return str(self.operation["call"])

    def chosen_parameters(self) -> dict[str, tuple[str, str]]:
        """The parameters that another page has: place and reason by name."""
        gone = ((_GONE_PARAMETER.fullmatch(change), because) for change, because in kept_facts().chosen.items())
        return {found[2]: (found[1], because) for found, because in gone if found and found[3] == self.name}

    def call(self) -> Call:
        """How the mock is asked."""
        method, path = self.name.split(" ")
        places = {each["name"]: each["in"] for each in self.operation["parameters"]}
        places |= {name: place for name, (place, _) in self.chosen_parameters().items()}
        return Call(method=method, path=path, places=places)


@cache
def pages() -> dict[str, Page]:
    """The page of each operation, by the operation's name in the specification."""
    paths = read_yaml((ROOT / "openapi" / "autoshares.yaml").read_text("utf-8"), "autoshares.yaml")["paths"]
    found: dict[str, Page] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        kept = read_yaml(file.read_text("utf-8"), file.name)
        for operation in kept["operations"]:
            method, path = operation["call"].split(" ")
            name: str = paths[path][method.lower()]["operationId"]
            found[name] = Page(title=kept["page"], read=str(kept["read"]), operation=operation)
    return found
