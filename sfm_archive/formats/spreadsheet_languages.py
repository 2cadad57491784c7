"""Which languages write decimal commas, and where a region differs: as Unicode's CLDR has it for Western digits.

A spreadsheet parts columns with semicolons where the comma is the decimal sign, and in Switzerland, where it is not.
"""

from __future__ import annotations

from typing import Final

DECIMAL_COMMA: Final = frozenset({
    "af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fo", "fr", "gl",
    "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "kl", "ky", "lb", "lo", "lt", "lv", "mk", "nb", "nl",
    "nn", "no", "pl", "pt", "rm", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tg", "tk", "tr", "tt", "uk",
    "uz", "vi",
})  # fmt: skip
DECIMAL_POINT: Final = frozenset({
    "am", "bn", "cy", "en", "fil", "ga", "gu", "he", "hi", "ja", "kn", "ko", "ml", "mn", "mr", "ms", "mt",
    "my", "ne", "pa", "si", "sw", "ta", "te", "th", "ur", "yue", "zh", "zu",
})  # fmt: skip

REGIONS_WITH_POINT: Final = {
    "de": frozenset({"CH", "LI"}),
    "es": frozenset({
        "BZ", "CU", "DO", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US",
    }),
    "it": frozenset({"CH"}),
    "rm": frozenset({"CH"}),
}  # fmt: skip
"""Of languages with commas."""

REGIONS_WITH_COMMA: Final = {
    "en": frozenset({
        "AT", "BE", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GE", "HU", "ID", "IT", "LT", "LV", "NL", "NO",
        "PL", "PT", "RO", "SE", "SI", "SK", "UA", "ZA",
    }),
    "ms": frozenset({"BN", "ID"}),
}  # fmt: skip
"""Of languages with points."""

SEMICOLON_BESIDE_POINT: Final = frozenset({"de-CH", "de-LI", "it-CH", "rm-CH"})
