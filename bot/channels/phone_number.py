"""Phone numbers as people and networks write them, to E.164."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_HERE = "ID"
"""Where a number without a country's code is from."""
_SHORTEST = len("+6221234567")
"""Shorter ones are short codes and service numbers, which are not people's."""


def of_sender(written: str) -> str | None:
    """The number of an SMS's sender, read as the Indonesian networks write it; None when nobody can be answered there.

    Possible, not valid: the tables of number ranges age, and a citizen with a new range must not be turned away.
    """
    digits = written.strip()
    if not digits.removeprefix("+").isdigit():
        return None
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif not digits.startswith(("+", "0", "8")):
        digits = "+" + digits  # SMSCs leave the plus out: 62812..., where 0812... and 812... are national
    number = _parsed(digits)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return plain if len(plain) >= _SHORTEST else None


def mobile(typed: str) -> str | None:
    """The number of a mobile phone, however it is written; None for any other."""
    number = _parsed(typed)
    if number is None or phonenumbers.number_type(number) not in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parsed(written: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, _HERE)
    except phonenumbers.NumberParseException:
        return None
