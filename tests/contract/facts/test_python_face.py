"""Changes of the Python interface are found, and rated together with those of the specification."""

import shutil
from pathlib import Path

import pytest
from rehearsal.edits import REHEARSED
from rehearsal.walk import copy_tree, run

from contract_facts.ratings import Rating, rating_of
from python_face.changes import diff_faces
from python_face.face import FOLDER, Face, face_of_tree, kept_face
from python_face.signatures import signatures_of

ROOT = Path(__file__).parents[3]
API = '''
"""A package."""

from api._private import Base

__all__ = ["Client", "Kinds", "helper"]
Kinds = int | str

class Client(Base):
    """Words."""

    def cancel(self, order: int, *, deadline: float = 5.0, confirm: bool = False) -> str:
        """More words."""
        return ""

    def _internal(self) -> None: ...

async def helper(value: int) -> None: ...
def _unseen(value: int) -> None: ...
'''
PRIVATE = "class Base:\n    def close(self) -> None: ...\n"
CANCEL = "order: int, *, deadline: float = 5.0, confirm: bool = False"
FACTS = {
    "outcome": {"NotSent": "member of Outcome"},
    "base": {"ValueError of ConfigurationError": "base"},
    "value": {"When 'error'": "literal"},
    "field": {"attempts of RetryPolicy": "required, keyword-only"},
    "default": {"attempts of RetryPolicy": "5"},
    "exit code": {"unknown": "5"},
    "JSON key": {"detail of an outcome": "key"},
    "option": {"--grace of all": "optional, default 8.0"},
}

OTHER = "from autoshares_cancel.errors import OrderUnreadable as Other\nOutcome = Other | Cancelled"
PLANTED = (
    ("_cancel/outcomes.py", "Outcome = Cancelled", OTHER),
    ("errors.py", "class NoReply(OutcomeUnknown)", "class NoReply(CancelError)"),
    ("errors.py", "(AutosharesError, ValueError)", "(AutosharesError)"),
    ("_cli/exit_codes.py", "UNKNOWN = 5", "UNKNOWN = 9"),
    ("_values/about_order.py", '"status_code": getattr', '"status": getattr'),
    ("_retry/policy.py", "field(default=5", "field(default=4"),
)


def signatures(folder: Path, api: str = API, private: str = PRIVATE) -> str:
    package = folder / "overrides" / "api"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(api, encoding="utf-8")
    (package / "_private.py").write_text(private, encoding="utf-8")
    return signatures_of(folder, ("api",))


def found(before: str, after: str) -> dict[str, str]:
    changes = diff_faces(Face(signatures=before, facts={}), Face(signatures=after, facts={}))
    return {str(change): str(rating_of(change)) for change in changes}


@pytest.mark.parametrize(
    ("old", "new", "change", "rating"),
    [
        ('"Kinds", ', "", "gone public name api.Kinds", "major"),
        ("def cancel(", "def cancel_it(", "gone public name api.Client.cancel", "major"),
        (CANCEL, "order: int, *, deadline: float = 5.0", "gone argument confirm of api.Client.cancel", "major"),
        (CANCEL, f"{CANCEL}, why: str", "new required argument why of api.Client.cancel", "major"),
        (CANCEL, f"{CANCEL}, why: str = ''", "new optional argument why of api.Client.cancel", "minor"),
        ("confirm: bool = False", "confirm: bool", "now required argument confirm of api.Client.cancel", "major"),
        ("order: int, *,", "order: int = 1, *,", "now optional argument order of api.Client.cancel", "minor"),
        ("order: int, *,", "*, order: int,", "changed argument order of api.Client.cancel", "major"),
        ("order: int", "order: str", "retyped argument order of api.Client.cancel: int -> str", "decide"),
        ("-> str", "-> str | None", "retyped result api.Client.cancel: str -> str | None", "decide"),
        ("async def helper", "def helper", "retyped result api.helper: async None -> None", "decide"),
        ("int | str", "int", "retyped public name api.Kinds: object = int | str -> object = int", "decide"),
        ("class Client(Base)", "class Client", "gone public name api.Client.close", "major"),
    ],
)
def test_a_change_of_a_signature_is_rated(old: str, new: str, change: str, rating: str, tmp_path: Path) -> None:
    """A change that breaks callers is major, an addition is minor, and a person rates another annotation."""
    before = signatures(tmp_path)
    seen = found(before, signatures(tmp_path, API.replace(old, new)))
    assert seen.pop(change) == rating
    assert set(seen) <= {"new public name api.Client.cancel_it"}


@pytest.mark.parametrize(("old", "new"), [("More words", "Others"), ("_internal", "_inner"), ('return ""', "return 1")])
def test_a_private_change_is_no_change(old: str, new: str, tmp_path: Path) -> None:
    """Docstrings, private names, bodies and the module of a class are not part of the interface."""
    before = signatures(tmp_path)
    assert signatures(tmp_path, API.replace(old, new)) == before
    moved = API.replace("from api._private import Base", PRIVATE)
    assert found(before, signatures(tmp_path, moved)) == {}


def test_a_new_public_name_is_minor(tmp_path: Path) -> None:
    """A new function is minor, and so is a new method, also an inherited one."""
    before = signatures(tmp_path)
    after = signatures(tmp_path, API.replace('"helper"]', '"helper", "other"]') + "\ndef other() -> None: ...\n")
    assert found(before, after) == {"new public name api.other": "minor"}
    inherited = signatures(tmp_path, private=PRIVATE + "    def reopen(self) -> None: ...\n")
    assert found(before, inherited) == {"new public name api.Client.reopen": "minor"}


@pytest.mark.parametrize(
    ("subject", "facts", "rating"),
    [
        ("outcome", {"NotSent": "member of Outcome", "Lost": "member of Outcome"}, Rating.MAJOR),
        ("outcome", {}, Rating.MAJOR),
        ("base", {}, Rating.MAJOR),
        ("value", {**FACTS["value"], "When 'never'": "literal"}, Rating.MAJOR),
        ("field", {"attempts of RetryPolicy": "optional, keyword-only"}, Rating.MINOR),
        ("field", {"attempts of RetryPolicy": "required, positional or keyword"}, Rating.MAJOR),
        ("field", {**FACTS["field"], "cap of RetryPolicy": "required, keyword-only"}, Rating.MAJOR),
        ("field", {**FACTS["field"], "cap of RetryPolicy": "optional, keyword-only"}, Rating.MINOR),
        ("default", {"attempts of RetryPolicy": "4"}, Rating.MAJOR),
        ("default", {}, Rating.NONE),  # goes with its argument
        ("exit code", {"unknown": "6"}, Rating.MAJOR),
        ("exit code", {"unknown": "5", "lost": "9"}, Rating.DECIDE),
        ("JSON key", {}, Rating.MAJOR),
        ("JSON key", {**FACTS["JSON key"], "hint of an outcome": "key"}, Rating.MINOR),
        ("option", {"--grace of all": "optional, default 9.0"}, Rating.MAJOR),
        ("option", {**FACTS["option"], "--slow of all": "optional, default False"}, Rating.MINOR),
        ("weather", {"today": "rain"}, Rating.DECIDE),
    ],
)
def test_a_change_of_a_fact_is_rated(subject: str, facts: dict[str, str], rating: Rating) -> None:
    """The table rates a change by its subject; a person rates what the table does not have."""
    before, after = Face(signatures="", facts=FACTS), Face(signatures="", facts={**FACTS, subject: facts})
    assert max(map(rating_of, diff_faces(before, after)), default=Rating.NONE) is rating
    assert diff_faces(before, before) == []


def test_required_fields_of_a_new_class_are_no_change(tmp_path: Path) -> None:
    """A required field of a new class breaks no caller: only the new class counts, as minor."""
    api = API.replace('"helper"]', '"helper", "Sweep"]') + "class Sweep:\n    name: str\n"
    fields = {"field": {**FACTS["field"], "name of Sweep": "required, keyword-only"}}
    before = Face(signatures=signatures(tmp_path / "before"), facts=FACTS)
    after = Face(signatures=signatures(tmp_path / "after", api), facts={**FACTS, **fields})
    assert max(map(rating_of, diff_faces(before, after))) is Rating.MINOR


def planted(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / "overrides" / "autoshares_cancel" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the contract, its release and both packages."""
    copy_tree(tmp_path)
    for name in ("overrides", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.table
def test_specification_and_interface_have_one_rating(tree: Path) -> None:
    """The rating is the highest of all changes, also of those that no signature shows."""
    assert "not compared: the Python interface, of which 0.1.0 has nothing" in run(tree, "compat.py")[1]
    face = face_of_tree(tree)
    assert face is not None
    kept = tree / "openapi" / "released" / "0.1.0" / FOLDER
    face.keep(kept)
    assert kept_face(kept) == face
    subjects = "the specification and the Python interface"
    assert run(tree, "compat.py") == (0, [f"nothing changed in {subjects} since 0.1.0 (version 0.1.0)"])

    specification = tree / "openapi" / "autoshares.yaml"
    (edit,) = next(each for each in REHEARSED if each.what == "text/json is gone").in_the_specification
    specification.write_text(edit.apply(specification.read_text(encoding="utf-8")), encoding="utf-8")
    for file, old, new in PLANTED:
        planted(tree, file, old, new)
    code, lines = run(tree, "compat.py")
    assert code == 1
    for expected in (
        "major   new outcome OrderUnreadable",
        "major   gone base OutcomeUnknown of NoReply",
        "major   gone base ValueError of ConfigurationError",
        "major   changed exit code unknown: 5 -> 9",
        "major   gone JSON key status_code of an outcome",
        "minor   new JSON key status of an outcome",
        "major   changed default attempts of RetryPolicy: 5 -> 4",
        "patch   gone media type text/json of 200 of DELETE /v{version}/accounts/{accountId}/orders/{orderId}",
        "rating: major, since 0.1.0 (version 0.1.0)",
        "CHANGELOG.md: write below the newest heading: Rating: major",
    ):
        assert expected in lines
