"""The character classes of patterns and regular expressions: `[:alpha:]` and its kin."""

from collections.abc import Callable

CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": lambda char: char.isalnum(),
    "alpha": lambda char: char.isalpha(),
    "blank": lambda char: char in " \t",
    "cntrl": lambda char: char < " " or char == "\x7f",
    "digit": lambda char: "0" <= char <= "9",
    "graph": lambda char: char.isprintable() and char != " ",
    "lower": lambda char: char.islower(),
    "print": lambda char: char.isprintable(),
    "punct": lambda char: "!" <= char <= "~" and not char.isalnum(),
    "space": lambda char: char in " \t\n\r\f\v",
    "upper": lambda char: char.isupper(),
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
}
