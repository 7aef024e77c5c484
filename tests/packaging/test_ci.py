"""The CI workflow, the pre-commit hooks and the script for any CI run all checks through make."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"
SCRIPT = ROOT / ".ci" / "run"
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def commands() -> Iterator[tuple[str, str]]:
    """Every command of the workflow, of the hooks, and of the script, with the name of the file."""
    for job in loaded(WORKFLOW)["jobs"].values():
        yield from ((WORKFLOW.name, step["run"]) for step in job["steps"] if "run" in step)
    for repository in loaded(HOOKS)["repos"]:
        yield from ((HOOKS.name, hook["entry"]) for hook in repository["hooks"])
    for line in SCRIPT.read_text(encoding="utf-8").splitlines():
        if line.startswith("make "):
            yield SCRIPT.name, line


@pytest.mark.parametrize(("file", "command"), [*commands()])
def test_every_command_is_a_make_target_that_exists(file: str, command: str) -> None:
    """CI and hooks run only existing make targets, so that every check can be run locally."""
    make, *words = command.split()
    targets = [word for word in words if "=" not in word and not word.startswith("-")]
    assert make == "make"
    assert targets
    assert set(targets) <= TARGETS


def test_the_workflow_runs_everything_that_ci_runs() -> None:
    """The workflow runs the targets of the script, except `pythons`, because each Python has its own job."""
    workflow, script = (
        {word for file, command in commands() if file == path.name for word in command.split() if word[0] != "-"}
        for path in (WORKFLOW, SCRIPT)
    )
    assert script - workflow == {"pythons"}


def test_the_workflow_runs_on_every_supported_python() -> None:
    """The workflow runs the tests on the Pythons of the classifiers, and on the next one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    supported = {line.rsplit(" ", 1)[1] for line in project["classifiers"] if re.search(r"Python :: 3\.\d+$", line)}
    matrix = loaded(WORKFLOW)["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert all(isinstance(version, str) for version in matrix)
    assert set(matrix) == supported | {"3.14"}
