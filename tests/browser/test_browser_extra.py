"""What the browser's extra pins; `make test` does without it, and leaves its pins to this file."""

from __future__ import annotations

import pytest
from declared import pins_of, serves_the_oldest_python


@pytest.mark.parametrize("line", pins_of("browser"))
def test_pin_serves_the_oldest_python(line):
    serves_the_oldest_python(line)
