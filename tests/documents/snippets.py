"""Run the snippets of a page in sequence and in one namespace, as a reader would paste them."""

import ast
import asyncio
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SECONDS: Final = 120


def run_python(example: Example) -> None:
    """Run Python code, with top-level `await` as in a notebook."""
    source = "\n" * (example.line + example.parsed.line_offset) + str(example.parsed)
    code = compile(source, example.path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        example.namespace["__runner__"].run(_awaited(code, example.namespace))
    else:
        exec(code, example.namespace)


async def _awaited(code: Any, namespace: dict[str, Any]) -> None:
    await eval(code, namespace)


def run_bash(example: Example) -> None:
    """Run a shell with the command line of this environment. A failing command fails the snippet."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", str(example.parsed)],
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"line {example.line}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    example.namespace["printed"] = done.stdout


SNIPPETS: Final = Sybil([CodeBlockParser("python", run_python), CodeBlockParser("bash", run_bash)])


def snippets_of(page: Path) -> list[Example]:
    """The snippets of a page that are run; blocks of other languages are not."""
    return list(SNIPPETS.parse(page).examples())


def run_snippets(page: Path, **names: Any) -> None:
    """Run all snippets of a page. `names` are defined for its hidden blocks."""
    with asyncio.Runner() as runner:
        for example in snippets_of(page):
            example.namespace.update(names, __runner__=runner, __name__=page.stem)
            example.evaluate()
