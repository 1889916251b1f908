"""``webrepl`` on a node: checks its arguments, and says that there is no service yet."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("start(password='1234567890')", "ValueError ''"),
        ("start(8266, '123456789')", "NotImplementedError 'webrepl.start'"),
        ("start_foreground(8266, '1234567890')", "ValueError ''"),
        ("setup_conn(8266, None)", "NotImplementedError 'webrepl.setup_conn'"),
        ("accept_conn(None)", "NotImplementedError 'webrepl.accept_conn'"),
    ],
)
def test_call_says_what_is_wrong(bare: Any, call: str, shown: str) -> None:
    source = (
        f"import webrepl\ntry:\n    webrepl.{call}\nexcept Exception as e:\n    print(type(e).__name__, repr(str(e)))"
    )
    assert bare.run(source) == shown + "\n"


def test_stop_without_service_does_nothing(bare: Any) -> None:
    assert bare.run("import webrepl\nprint(webrepl.stop())") == "None\n"
