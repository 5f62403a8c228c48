"""Parses compound commands: conditions, loops, groups and functions."""

from abc import abstractmethod
from collections.abc import Callable

from devices.virtual.userspace.shell.conditions import condition
from devices.virtual.userspace.shell.cursor import NAME
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.simple import SimpleParser
from devices.virtual.userspace.shell.syntax import (
    ArithmeticCommand,
    Case,
    CaseItem,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Sequence,
    Subshell,
    Test,
    Word,
)


class CompoundParser(SimpleParser):
    """The grammar between a keyword and its end."""

    @abstractmethod
    def _list(self) -> Command:
        """Read commands up to what ends a list."""

    @abstractmethod
    def _command(self) -> Command:
        """Read one command."""

    @abstractmethod
    def _ends_list(self) -> bool:
        """Whether what comes next ends a list."""

    def _enclosed(self, opener: str, body: Callable[[], Command], closer: str) -> Command:
        """Parse a body between an opener, already read, and its closer."""
        self._open.append(opener)
        self._check_depth()
        command = body()
        self._expect(closer)
        self._open.pop()
        return command

    def if_command(self) -> Command:
        opener = self._lexer.take().text
        self._open.append(opener)
        self._check_depth()
        condition_ = self._list()
        self._expect("then")
        body = self._some()
        otherwise = self._otherwise()
        self._open.pop()
        return If(condition_, body, otherwise)

    def _otherwise(self) -> Command | None:
        if self._is("word", "elif"):
            return self.if_command()
        if self._is("word", "else"):
            self._lexer.take()
            body = self._some()
            self._expect("fi")
            return body
        self._expect("fi")
        return None

    def _some(self) -> Command:
        """Parse commands where there must be one."""
        self._newlines()
        if self._ends_list():
            raise self._unexpected()
        return self._list()

    def loop_command(self) -> Command:
        word = self._lexer.take().text
        self._open.append(word)
        self._check_depth()
        condition_ = self._list()
        body = self._do_group()
        self._open.pop()
        return Loop(condition_, body, word == "until")

    def _do_group(self) -> Command:
        if self._is("word", "{"):
            self._lexer.take()
            return self._enclosed("{", self._list, "}")
        self._expect("do")
        body = self._list()
        self._expect("done")
        return body

    def for_command(self) -> Command:
        word = self._lexer.take().text
        name = self._lexer.take()
        if name.kind != "word":
            raise self._unexpected(name)
        if not NAME.fullmatch(name.text):
            raise ShellSyntaxError("for: bad identifier")
        self._open.append(word)
        self._check_depth()
        self._newlines()
        words = self._for_words()
        body = self._do_group()
        self._open.pop()
        return For(name.text, words, body)

    def _for_words(self) -> tuple[Word, ...] | None:
        words: tuple[Word, ...] | None = None
        if self._is("word", "in"):
            self._lexer.take()
            words = tuple(self._words())
            if not self._is("operator", ";") and self._lexer.peek().kind != "newline":
                raise self._unexpected()
            self._lexer.take()
        elif self._is("operator", ";"):
            self._lexer.take()
        self._newlines()
        return words

    def _words(self) -> list[Word]:
        words = []
        while (word := self._lexer.peek().word) is not None:
            self._lexer.take()
            words.append(word)
        return words

    def case_command(self) -> Command:
        self._lexer.take()
        subject = self._word()
        self._open.append("case")
        self._check_depth()
        self._newlines()
        closer = "}" if self._is("word", "{") else "esac"
        self._expect("{" if closer == "}" else "in")
        items = []
        self._newlines()
        while not self._is("word", closer):
            items.append(self._case_item(closer))
            self._newlines()
        self._lexer.take()
        self._open.pop()
        return Case(subject, tuple(items))

    def _case_item(self, closer: str) -> CaseItem:
        if self._is("operator", "("):
            self._lexer.take()
        patterns = [self._word()]
        while self._is("operator", "|"):
            self._lexer.take()
            patterns.append(self._word())
        self._expect(")")
        body = self._list()
        ending = ";;"
        if not self._is("word", closer):
            if not self._is("operator", ";;", ";&", ";|"):
                raise self._unexpected()
            ending = self._lexer.take().text
        return CaseItem(tuple(patterns), body, ending)

    def group_command(self) -> Command:
        self._lexer.take()
        return Group(self._enclosed("{", self._list, "}"))

    def parenthesis(self) -> Command:
        expression = self._lexer.arithmetic()
        if expression is not None:
            return ArithmeticCommand(expression)
        self._lexer.take()
        return Subshell(self._enclosed("(", self._list, ")"))

    def test_command(self) -> Command:
        self._lexer.take()
        return Test(condition(self._lexer))

    def ksh_function(self) -> Command:
        self._lexer.take()
        name = self._lexer.take()
        if name.kind != "word":
            raise self._unexpected(name)
        is_ksh = not self._is("operator", "(")
        if not is_ksh:
            self._lexer.take()
            self._expect(")")
        return self._function_body(name.text, is_ksh=is_ksh)

    def _function_body(self, name: str, *, is_ksh: bool) -> Command:
        self._newlines()
        start = self._lexer.at
        if self._lexer.peek().kind == "end" or self._is("operator", ";", "&", ")", "&&", "||"):
            return Function(name, Sequence(()), is_ksh, "")
        body = self._command()
        return Function(name, body, is_ksh, self._lexer.text[start : self._lexer.at])


COMPOUNDS: dict[str, Callable[[CompoundParser], Command]] = {
    "if": CompoundParser.if_command,
    "while": CompoundParser.loop_command,
    "until": CompoundParser.loop_command,
    "for": CompoundParser.for_command,
    "case": CompoundParser.case_command,
    "{": CompoundParser.group_command,
    "(": CompoundParser.parenthesis,
    "[[": CompoundParser.test_command,
    "function": CompoundParser.ksh_function,
}
