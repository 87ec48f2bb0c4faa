"""National ID numbers are found whatever their check digit is, and two telephone numbers are none."""

from __future__ import annotations

import pytest

from mapapp.core.fields import has_national_id


@pytest.mark.parametrize(
    "text",
    [
        "1103700012341", "1-1037-00012-34-1", "1 1037 00012 34 1", "เลข ๑-๒๓๔๕-๖๗๘๙๐-๑๒-๒ ครับ", "บัตร 1-2345-67890-12-1",
        "11037 00012 346", "1.1037.00012.34.1", "1–1037–00012–34–1", "สั่งของ 8851234567890",
    ],
)  # fmt: skip
def test_thirteen_digits_are_refused_whether_or_not_the_check_digit_holds(text: str) -> None:
    assert has_national_id(text)


@pytest.mark.parametrize("text", ["02-590-1000 02-590-1001", "053 920 300 1669", "081-234-5678", "12345678901234", ""])
def test_other_numbers_are_none(text: str) -> None:
    assert not has_national_id(text)
