"""Whatever comes in as a script ends in time, in words, and without starving the phone."""

import asyncio
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.clock import HOST, NS_PER_S
from devices.virtual.userspace.regex.machine import Regex
from devices.virtual.userspace.regex.syntax import RegexError
from devices.virtual.userspace.shell.arithmetic import evaluate
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.integers import wrap
from devices.virtual.userspace.shell.parser import MAX_SCRIPT, parse
from devices.virtual.userspace.shell.patterns import compile_pattern
from devices.virtual.userspace.shell.syntax import Script
from devices.virtual.userspace.shell.variables import Variables
from devices.virtual.userspace.streams import BytesReader, BytesWriter
from tests.parts.android import Outcome, new_android, run

_LIMIT_S = 5.0
_WORDS = (
    *("if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case"),
    *("esac", "function", "time", "!", "{", "}", "(", ")", "((", "))", "[[", "]]", "[", "]"),
    *(";", ";;", "&", "&&", "|", "||", "\n", "<", ">", ">>", "2>&1", "<<E\n", "\nE\n", "<<<"),
    *("$x", "${x}", "${x:-", "${x#", "${", "$(", "`", "$((", '"', "'", "\\", "#", "~", "*", "?"),
    *("a", "b=1", "echo", "x=", "1", "+", "-", "@(", "|)", "set", "--", "return", "break", "local"),
    *("$#", "$@", "$*", "eval", "trap", "exit", "read", ":", "-e", "-u", "unset", "shift", "é"),
)
_SOUP = st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join)


def _run(script: str) -> Outcome:
    async def limited() -> Outcome:
        return await asyncio.wait_for(run(new_android(), script), _LIMIT_S)

    return asyncio.run(limited())


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=2000)
def test_any_text_parses_to_commands_or_to_a_complaint(text: str) -> None:
    assert isinstance(parse(text), Script)


@given(_SOUP)
@settings(max_examples=400, deadline=2000)
def test_any_heap_of_words_parses_to_commands_or_to_a_complaint(text: str) -> None:
    assert isinstance(parse(text), Script)


@given(_SOUP)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_heap_of_words_runs_to_a_status(text: str) -> None:
    assert 0 <= _run(f"exec </dev/null\n{text}").status <= 255


@given(st.text(alphabet="0123456789abcxyz+-*/%<>=!~?:,()&|^#[] '\"$.", max_size=60))
@settings(max_examples=500, deadline=1000)
def test_any_expression_has_a_value_or_a_complaint(text: str) -> None:
    try:
        value = evaluate(text, Variables())
    except ShellError:
        return
    assert -(2**31) <= value < 2**32


_NUMBERS = st.integers(-(2**31), 2**31 - 1)


@given(_NUMBERS, _NUMBERS, st.sampled_from(["+", "-", "*", "&", "|", "^"]))
def test_expressions_wrap_at_32_bits(left: int, right: int, operator: str) -> None:
    exact = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "&": left & right,
        "|": left | right,
        "^": left ^ right,
    }[operator]
    assert evaluate(f"({left}) {operator} ({right})", Variables()) == wrap(exact)


@given(
    st.lists(st.sampled_from(["a", "b", "?", "*", "[ab]", "[!a]"]), max_size=8),
    st.text(alphabet="abc", max_size=10),
)
def test_patterns_match_what_an_expression_of_the_same_meaning_does(
    pieces: list[str], text: str
) -> None:
    meanings = {"?": ".", "*": ".*", "[!a]": "[^a]"}
    regex = "".join(meanings.get(piece, piece) for piece in pieces)
    expected = re.fullmatch(regex, text) is not None
    assert compile_pattern([("".join(pieces), False)]).matches(text) is expected


@given(
    st.lists(
        st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "a*", "b+", "(a|b)", "(ab)?", "a{1,2}"]),
        max_size=6,
    ),
    st.text(alphabet="abc", max_size=10),
)
def test_expressions_find_their_leftmost_match(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    found = Regex(pattern, is_extended=True).search(text)
    expected = re.search(pattern, text)
    assert (found is None) is (expected is None)
    assert found is None or expected is None or found.start == expected.start()


@given(st.text(alphabet=string.printable, max_size=40), st.booleans())
@settings(max_examples=300)
def test_any_text_is_an_expression_or_a_complaint(text: str, is_extended: bool) -> None:
    try:
        Regex(text, is_extended=is_extended).search("abc 123")
    except RegexError:
        return


@pytest.mark.parametrize(
    "script",
    [
        "x=" + "(" * 5000,
        "$(" * 3000,
        "{ " * 3000,
        "if true; then " * 3000,
        "echo " + "$((" * 2000,
        "echo " + "${x:-" * 3000,
        "echo " + '"$(' * 3000,
        "echo " + "`\\" * 2000,
        "[[ " + "( " * 3000,
        "[[ " + "! " * 3000,
        "echo $((" + "(" * 5000 + "1" + ")" * 5000 + "))",
        "echo $((" + "-" * 20000 + "1))",
        "echo $((" + "1?" * 5000 + "1" + ":1" * 5000 + "))",
        "case a in " + "@(" * 3000 + "a",
        "test " + "! " * 150 + "a",
    ],
    ids=lambda script: script[:16],
)
def test_nesting_without_end_is_refused(script: str) -> None:
    started = HOST.now_ns()
    assert _run(script).status in (0, 1, 2)
    assert HOST.now_ns() - started < _LIMIT_S * NS_PER_S


def test_two_hundred_levels_are_the_most() -> None:
    assert _run("( " * 60 + "echo deep" + " )" * 60).stdout == b"deep\n"
    assert b"nesting" in _run("{ " * 201 + ":" + "; }" * 201).stderr


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("f() { f; }; f", "functions in functions"),
        ("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", "out of memory"),
        ("x=$(yes)", "out of memory"),
        ("a[999999999]=1", "out of range"),
        ("echo {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "braces"),
        ("while :; do logcat >/dev/null 2>&1 & done", "can't fork"),
        ("echo 'echo deeper; . ./s' >s; . ./s", "files in files"),
    ],
)
def test_growth_without_end_is_refused(script: str, complaint: str) -> None:
    assert complaint in _run(f"cd /data/local/tmp; {script}").complaint


def test_a_script_of_more_than_a_mebibyte_is_refused() -> None:
    outcome = _run(":\n" * (MAX_SCRIPT // 2 + 1))
    assert outcome.status == 1
    assert "limit is 1048576" in outcome.complaint


def test_a_pattern_that_would_take_for_ever_to_backtrack_is_quick() -> None:
    started = HOST.now_ns()
    text = "a" * 60
    outcome = _run(f"case {text} in {'*a' * 30}*b) echo no;; *) echo done;; esac")
    assert outcome.stdout == b"done\n"
    outcome = _run(f"echo {text} | grep -E '(a*)*(a*)*(a|aa)+$b'")
    assert outcome.status == 1
    assert HOST.now_ns() - started < _LIMIT_S * NS_PER_S


@pytest.mark.parametrize(
    "script",
    [
        "while :; do :; done",
        "until false; do x=$((x+1)); done",
        "while :; do true & done",
        "yes >/dev/null",
        "yes | cat >/dev/null",
        "f() { f | f; }; f",
        "while :; do (:); done",
        "while :; do x=$(echo a); done",
        "trap '' TERM HUP; while :; do :; done",
    ],
)
def test_what_never_ends_lets_others_run_and_ends_with_its_stream(script: str) -> None:
    async def story() -> str:
        system = new_android()
        endless = asyncio.create_task(
            system.shell(script, BytesReader(), BytesWriter(), BytesWriter())
        )
        other = await run(system, "echo still here")
        endless.cancel()
        await asyncio.wait((endless,))
        assert endless.cancelled()
        while len(list(system.processes)) > idle:
            await HOST.wait_async(0)
        return other.text

    idle = len(list(new_android().processes))
    assert asyncio.run(asyncio.wait_for(story(), _LIMIT_S)) == "still here\n"


def test_a_fast_writer_waits_for_a_slow_reader() -> None:
    class Slow:
        taken = 0

        async def write(self, data: bytes) -> None:
            Slow.taken += len(data)
            if Slow.taken > 1 << 20:
                raise BrokenPipeError
            await HOST.wait_async(0)

    async def story() -> int:
        return await new_android().shell("yes | cat", BytesReader(), Slow(), BytesWriter())

    assert asyncio.run(asyncio.wait_for(story(), _LIMIT_S)) == 141
    assert Slow.taken < 2 << 20


def test_pushed_names_cannot_leave_the_phone() -> None:
    outcome = _run("cat /data/local/tmp/../../../../../../etc/passwd; ls /work /home /root")
    assert outcome.stdout == b""
    assert outcome.complaint.count("No such file or directory") == 4


def test_parsing_a_long_script_lets_others_run() -> None:
    async def story() -> None:
        system = new_android()
        script = "x=$((1+2)); " * (MAX_SCRIPT // 16)
        long = asyncio.create_task(run(system, script))
        await HOST.wait_async(0.05)
        await run(system, "echo still here")
        assert not long.done()
        long.cancel()
        await asyncio.wait((long,))

    asyncio.run(story())


def test_replacing_in_a_very_long_value_is_bounded() -> None:
    started = HOST.now_ns()
    grow = "x=aaaaaaaaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do x=$x$x; done; "
    assert _run(grow + "echo ${#x}").text == "524288\n"
    assert _run(grow + "y=${x//*(b)c/d}; echo $?").status in (0, 1)
    assert HOST.now_ns() - started < 4 * _LIMIT_S * NS_PER_S
