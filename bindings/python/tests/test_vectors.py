"""Every conformance vector: one test for each target."""

import os

import pytest
from vectors import Memory, Served, Stored, Target, every

SERVER = os.environ.get("DATABASE_URL", "")


@pytest.mark.parametrize(("name", "target"), [("core", Memory()), ("sqlite", Stored())], ids=["core", "sqlite"])
def test_vectors(name: str, target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert every(name, target)


@pytest.mark.skipif(not SERVER, reason="DATABASE_URL is not set")
def test_vectors_on_postgresql(capsys: pytest.CaptureFixture[str]) -> None:
    served = Served(SERVER)
    try:
        with capsys.disabled():
            print()
            assert every("postgresql", served)
    finally:
        served.gone()
