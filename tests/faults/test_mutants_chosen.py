"""Parts of a run of mutants: one shard, and the mutants that a change touches."""

import subprocess
from pathlib import Path

import pytest
from faults.mutants import main
from faults.selection import CATALOGUES, Shard, part, touched
from faults.trials import Trial, trials_of
from faults.two_lines import ELSEWHERE, NOTICED, UNNOTICED, plant, plant_tree

CHANGES: dict[str, tuple[str, list[str]]] = {
    "the file of all": ("app.py", ["twice", "a true half", "nothing"]),
    "the test of one": ("tests/test_other.py", ["nothing"]),
    "nothing that judges": ("README.md", []),
    "a test that judges nothing": ("tests/test_new.py", []),
    "what tests share": ("tests/conftest.py", ["twice", "a true half", "nothing"]),
    "what is installed": ("requirements/dev.txt", ["twice", "a true half", "nothing"]),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = plant_tree(tmp_path / "tree")
    plant(tree, NOTICED, UNNOTICED, ELSEWHERE)
    (tree / ".gitignore").write_text(".cache/\n", encoding="utf-8")
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    git(tree, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "--message=first")
    return tree


def git(tree: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=tree, check=True)


def touched_words(tree: Path) -> list[str]:
    trials, _ = touched(trials_of("planted", tree, quick=False), tree, "HEAD")
    return [trial.what for trial in trials]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_touches_the_mutants_of_its_file_or_judge(tree: Path, change: str) -> None:
    """A change touches the mutants of its file or judge; a shared file touches all mutants."""
    name, expected = CHANGES[change]
    assert touched_words(tree) == []
    (tree / name).parent.mkdir(exist_ok=True)
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    assert touched_words(tree) == expected


def test_an_entry_that_changes_touches_its_mutant(tree: Path) -> None:
    """A new or changed entry of the catalogue touches its own mutant, and no other."""
    plant(tree, NOTICED, UNNOTICED + 'reason = "none"\n', ELSEWHERE, NOTICED.replace("twice", "once more"))
    assert touched_words(tree) == ["a true half", "once more"]


def test_a_file_that_is_gone_touches_its_mutants(tree: Path) -> None:
    """A judge that was renamed touches its mutants."""
    trials = trials_of("planted", tree, quick=False)
    git(tree, "mv", "tests/test_other.py", "tests/test_another.py")
    assert [trial.what for trial in touched(trials, tree, "HEAD")[0]] == ["nothing"]


def test_a_change_that_touches_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change that touches no mutant gives exit code 0 and a message."""
    assert main(["--kind", "planted", "--since", "HEAD"], tree) == 0
    assert capsys.readouterr().out == "nothing to try: no mutant is chosen\n"


@pytest.mark.parametrize("ref", ["nowhere", "--all", ""])
def test_a_commit_that_is_not_there_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str], ref: str) -> None:
    """An unknown commit gives exit code 2, and no mutant is tried."""
    assert main(["--kind", "planted", f"--since={ref}"], tree) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"{ref}: git knows no such commit, or this is no work tree of git\n"


@pytest.mark.parametrize("text", ["0/8", "9/8", "x", "1/0", "-1/8", "1/8/2", "1", "/", ""])
def test_a_part_that_is_none_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A part that is not K of N gives exit code 2, and no mutant is tried."""
    with pytest.raises(SystemExit) as ended:
        main(["--kind", "planted", f"--shard={text}"], tree)
    assert ended.value.code == 2
    assert f"argument --shard: {text}: not a part such as 1/8, the first of eight" in capsys.readouterr().err


TRIALS = [
    Trial(kind=kind, what=str(number), key=f"{kind}: {number}", size=size, attempt=lambda tree: [])
    for kind, sizes in {"server": [1] * 100, "client": [250, 240, 230, 100, 80, 60, 40, 20]}.items()
    for number, size in enumerate(sizes)
]


@pytest.mark.parametrize("number_of_parts", [1, 2, 3, 8, 150])
def test_parts_are_everything_and_have_nothing_in_common(number_of_parts: int) -> None:
    """Every mutant is in exactly one part, always the same, and the parts have similar sizes."""
    parts = [part(TRIALS, Shard(number + 1, number_of_parts)) for number in range(number_of_parts)]
    keys = [trial.key for each in parts for trial in each]
    assert sorted(keys) == sorted(trial.key for trial in TRIALS)
    loads = {kind: [sum(each.size for each in some if each.kind == kind) for some in parts] for kind in CATALOGUES}
    assert max(loads["server"]) - min(loads["server"]) <= 1
    assert max(loads["client"]) - min(loads["client"]) <= 250
    assert parts == [part(list(TRIALS), Shard(number + 1, number_of_parts)) for number in range(number_of_parts)]
