"""Every conformance vector: one test for each target."""

import pytest
from vectors import Memory, Stored, Target, every


@pytest.mark.parametrize(
    ("name", "target"), [("core", Memory()), ("sqlite", Stored("sqlite::memory:"))], ids=["core", "sqlite"]
)
def test_vectors(name: str, target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert every(name, target)
