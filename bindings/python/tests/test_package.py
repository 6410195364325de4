"""The wheel, installed into an empty environment: its quickstart and the story run there."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]


def quickstart(folder: Path) -> tuple[str, str]:
    """A README's quickstart: its code, and what it says that it prints."""
    section = (folder / "README.md").read_text(encoding="utf-8").split("\n## Quickstart\n")[1]
    found = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1], found[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "maturin", "build", "--release", "--quiet", "--out", out], cwd=HERE, check=True
    )
    (made,) = out.glob("levelkit-*-cp311-abi3-*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    program = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install: list[str | Path] = ["-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel]
    subprocess.run([program, *install], check=True)
    return program


def test_the_wheel_holds_what_it_must(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("__init__.py", "_native.pyi", "documents.py", "py.typed", "types.py"):
        assert f"levelkit/{name}" in names
    for name in ("LICENSE-APACHE", "LICENSE-MIT"):
        assert any(found.endswith(f".dist-info/licenses/{name}") for found in names)
        assert (HERE / name).read_bytes() == (ROOT / name).read_bytes()
    assert not any("test" in name for name in names)


def test_its_version_is_the_library_s(python: Path, tmp_path: Path) -> None:
    code = "import importlib.metadata, levelkit; assert importlib.metadata.version('levelkit') == levelkit.version()"
    subprocess.run([python, "-c", code], cwd=tmp_path, check=True)


def test_the_quickstart_runs_and_prints_what_it_says(python: Path, tmp_path: Path) -> None:
    code, printed = quickstart(ROOT)
    assert quickstart(HERE) == (code, printed)
    (tmp_path / "quickstart.py").write_text(code, encoding="utf-8")
    found = subprocess.run([python, "quickstart.py"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert found.stdout == printed


def test_the_story_is_the_same_in_every_language(python: Path) -> None:
    story = ROOT / "examples" / "story"
    told = subprocess.run([python, story / "python" / "story.py"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stdout == (story / "expected.txt").read_text(encoding="utf-8")
