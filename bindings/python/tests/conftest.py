"""Reports tests as the project's test command counts them: the last line is that of Rust's test runner."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, failed, errors, skipped = (
        len(terminalreporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error", "skipped")
    )
    word = "FAILED" if failed + errors else "ok"
    terminalreporter.write_line(
        f"test result: {word}. {passed} passed; {failed + errors} failed; {skipped} ignored; 0 measured; 0 filtered out"
    )
