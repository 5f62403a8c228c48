"""Programs answer as toybox's do, as far as measuring phones asks them."""

import asyncio

import pytest

from devices.virtual.kernel.quirks import Su
from tests.parts.android import Outcome, new_android, run

_HOME = "cd /data/local/tmp; "


def _run(command: str, *, su: Su = "none", sdk: int = 33) -> Outcome:
    return asyncio.run(run(new_android(su=su, sdk=sdk), _HOME + command))


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("printf 'b\\na\\nc\\n' | sort -r", "c\nb\na\n"),
        ("printf '10\\n9\\n-1\\n' | sort -n", "-1\n9\n10\n"),
        ("printf 'x 2\\ny 1\\n' | sort -k2n", "y 1\nx 2\n"),
        ("printf 'a:3\\nb:1\\n' | sort -t: -k2", "b:1\na:3\n"),
        ("printf 'a\\na\\nb\\n' | uniq -c", "      2 a\n      1 b\n"),
        ("printf 'a\\na\\nb\\n' | sort -u | wc -l", "2\n"),
        ("echo a:b:c | cut -d: -f2,3", "b:c\n"),
        ("echo abcdef | cut -c2-4", "bcd\n"),
        ("echo abc | tr a-c A-C", "ABC\n"),
        ("echo 'a  b' | tr -s ' '", "a b\n"),
        ("echo a1b2 | tr -d '[:digit:]'", "ab\n"),
        ("printf '1\\n2\\n3\\n' | head -n 2 | tail -n 1", "2\n"),
        ("printf '1\\n2\\n3\\n' | tail -n +2", "2\n3\n"),
        ("printf abc | head -c 2", "ab"),
        ("printf 'a b\\nc\\n' | wc", "      2       3       6\n"),
        ("seq 3 | tee f | wc -l; wc -l <f", "3\n3\n"),
        ("seq 2 2 6", "2\n4\n6\n"),
        ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n"),
        ("expr 7 / 2; expr 3 '<' 12; expr a = b", "3\n1\n0\n"),
        ("echo 'a b c' | xargs -n 2 echo -", "- a b\n- c\n"),
        ("printf 'x y\\n' | xargs -I{} echo '<{}>'", "<x y>\n"),
        ("printf abc | sha256sum | cut -c1-8", "ba7816bf\n"),
        ("printf abc >f; md5sum f", "900150983cd24fb0d6963f7d28e17f72  f\n"),
        ("printf abc | base64; echo YWJj | base64 -d", "YWJj\nabc"),
        ("echo abc | rev", "cba\n"),
        ("env -i A=1 sh -c 'echo $A$HOME'", "1\n"),
        ("which cat; which nothing; echo $?", "/system/bin/cat\n1\n"),
        ("timeout 5 echo a; timeout 1 logcat -s x >f; echo $?", "a\n124\n"),
        ("date -d @0 '+%Y-%m-%d %H:%M:%S'", "1970-01-01 00:00:00\n"),
        ("date +%s", "1767225600\n"),
        ("id -u; whoami; uname -m", "2000\nshell\naarch64\n"),
        ("ln -s f l; readlink l; realpath /bin/cat", "f\n/system/bin/cat\n"),
        ("nproc", "8\n"),
    ],
)
def test_texts_and_facts(command: str, output: str) -> None:
    outcome = _run(command)
    assert (outcome.text, outcome.complaint) == (output, "")


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("grep b", "b\nab\n"),
        ("grep -c b", "2\n"),
        ("grep -v b", "a\nA1\n"),
        ("grep -n ^a", "1:a\n3:ab\n"),
        ("grep -i a1", "A1\n"),
        ("grep -E 'a|1$'", "a\nab\nA1\n"),
        ("grep -o '[ab]' | wc -l", "4\n"),
        ("grep -x b", "b\n"),
        ("grep -w a", "a\n"),
        ("grep -F .", ""),
        ("grep -q b; echo $?", "0\n"),
        ("grep zz; echo $?", "1\n"),
        ("grep -A1 A1; echo", "A1\n\n"),
        ("grep -m1 b", "b\n"),
        ("grep -e ab -e A", "ab\nA1\n"),
        ("egrep '^(a|b)$'", "a\nb\n"),
        ("grep '\\(a\\)b'", "ab\n"),
    ],
)
def test_grep_finds_lines(command: str, output: str) -> None:
    assert _run(f"printf 'a\\nb\\nab\\nA1\\n' | {command}").text == output


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("s/a/X/", "Xa 1\nb 2\nc 3\n"),
        ("s/a/X/g", "XX 1\nb 2\nc 3\n"),
        ("s/\\([a-z]*\\) \\([0-9]\\)/\\2-\\1/", "1-aa\n2-b\n3-c\n"),
        ("2d", "aa 1\nc 3\n"),
        ("$d", "aa 1\nb 2\n"),
        ("/b/,$d", "aa 1\n"),
        ("2q", "aa 1\nb 2\n"),
        ("y/abc/xyz/", "xx 1\ny 2\nz 3\n"),
        ("/b/!d", "b 2\n"),
        ("s/[0-9]/<&>/;s/ //", "aa<1>\nb<2>\nc<3>\n"),
        ("1a new", "aa 1\nnew\nb 2\nc 3\n"),
        ("2i new", "aa 1\nnew\nb 2\nc 3\n"),
        ("/b/c other", "aa 1\nother\nc 3\n"),
        ("N;s/\\n/+/", "aa 1+b 2\nc 3\n"),
        ("s|a|/|", "/a 1\nb 2\nc 3\n"),
        ("1{s/a/b/;s/b/c/}", "ca 1\nb 2\nc 3\n"),
    ],
)
def test_sed_edits_lines(script: str, output: str) -> None:
    assert _run(f"printf 'aa 1\\nb 2\\nc 3\\n' | sed '{script}'").text == output


def test_sed_prints_only_what_it_is_told_and_edits_in_place() -> None:
    assert _run("printf 'a\\nb\\n' | sed -n '/b/p'").text == "b\n"
    assert _run("echo a >f; sed -i s/a/b/ f; cat f").text == "b\n"
    assert _run("echo aab | sed -E 's/(a+)(b)/\\2\\1/'").text == "baa\n"


def test_find_walks_trees() -> None:
    outcome = _run("mkdir -p d/e; touch d/a.txt d/e/b.txt; find d -name '*.txt' -type f")
    assert outcome.text == "d/a.txt\nd/e/b.txt\n"
    assert _run("mkdir d; touch d/x; find d -type f -exec echo '<{}>' ';'").text == "<d/x>\n"
    assert _run("mkdir -p d/e; find d -maxdepth 1").text == "d\nd/e\n"
    assert _run("mkdir d; touch d/x; find d -name x -delete; ls d").text == ""


def test_files_are_made_moved_copied_and_removed() -> None:
    assert _run("mkdir -p a/b; echo x >a/f; cp -r a c; mv c/f c/g; cat c/g; rm -r a; ls").text == (
        "x\nc\n"
    )
    assert "is directory" in _run("mkdir d; rm d").complaint
    assert _run(
        "touch f; chmod 640 f; stat -c '%a %U %s' f; chmod u+x,g-r f; stat -c %A f"
    ).text == ("640 shell 0\n-rwx------\n")


def test_ls_lists_and_says_what_is_missing() -> None:
    outcome = _run("touch b a; ls; ls -l a; ls nothing; ls -d /data/local/tmp")
    assert outcome.text.startswith("a\nb\n-rw-r--r-- 1 shell shell 0 2026-01-01 00:00 a\n")
    assert outcome.complaint == "ls: nothing: No such file or directory\n"


def test_an_unknown_option_is_refused_as_toybox_does() -> None:
    assert _run("df -B1").complaint == "df: Unknown option 'B' (see \"df --help\")\n"


def test_toybox_and_a_pushed_busybox_run_the_same_programs() -> None:
    command = "printf '\\177ELF\\002 BusyBox v1.31.1 ' >busybox; chmod 755 busybox; "
    assert _run("toybox uname -m").text == "aarch64\n"
    assert _run(command + "./busybox printf '%s\\n' a; ./busybox sh -c 'echo b'").text == "a\nb\n"
    assert _run(command + "./busybox nothing; echo $?").text == "127\n"


def test_another_elf_file_is_not_executable_here() -> None:
    outcome = _run("printf '\\177ELF\\002\\001' >x; chmod 755 x; ./x; echo $?")
    assert outcome.text == "126\n"
    assert outcome.complaint == "/system/bin/sh: ./x: not executable: 64-bit ELF file\n"


def test_a_first_line_names_the_interpreter() -> None:
    script = "printf '#!/system/bin/sh -e\\necho $0 $1; false; echo no\\n' >s; chmod 755 s; "
    assert _run(script + "./s a; echo $?").text == "./s a\n1\n"
    assert _run("printf '#!/nothing\\n' >s; chmod 755 s; ./s; echo $?").text == "127\n"


def test_a_file_without_one_is_a_script_of_the_shell() -> None:
    assert _run("echo 'echo $1' >s; chmod 755 s; ./s a").text == "a\n"


@pytest.mark.parametrize(
    ("su", "command", "output"),
    [
        ("magisk", "su -c 'id -u'", "0\n"),
        ("magisk", "su -c id -u", "uid=0"),
        ("aosp", "su 0 id -u", "0\n"),
        ("aosp", "su root sh -c 'echo $(id -u)'", "0\n"),
        ("kernelsu", "su -c 'id -u'", "0\n"),
        ("restricted", "su -c 'id -u; ls /data 2>&1'", "0\nls: /data: Permission denied\n"),
        ("denied", "su -c 'id -u' 2>&1; echo $?", "Permission denied\n13\n"),
        ("shell", "su -c 'id -u'", "2000\n"),
    ],
)
def test_root_tools_differ(su: Su, command: str, output: str) -> None:
    assert _run(command, su=su).text.startswith(output)


def test_a_phone_without_root_has_no_su() -> None:
    outcome = _run("su -c id; echo $?")
    assert outcome.text == "127\n"
    assert outcome.complaint == "/system/bin/sh: su: inaccessible or not found\n"


def test_aosp_su_does_not_know_the_option_of_magisk() -> None:
    assert _run("su -c id", su="aosp").complaint == "su: invalid uid/gid '-c'\n"


def test_properties_are_read_and_some_are_set() -> None:
    assert _run("getprop ro.product.model; getprop nothing; getprop nothing x").text == (
        "Model\n\nx\n"
    )
    assert "[ro.product.model]: [Model]\n" in _run("getprop").text
    assert _run("setprop debug.x 5; getprop debug.x").text == "5\n"
    assert "failed to set" in _run("setprop ro.product.model x").complaint


def test_settings_are_kept() -> None:
    assert _run("settings get global nothing").text == "null\n"
    assert _run(
        "settings put global x 1; settings get global x; settings delete global x"
    ).text == ("1\nDeleted 1 rows\n")
    assert _run("settings get nowhere x").status == 255


def test_old_shells_say_it_in_other_words() -> None:
    old, new = (_run("cat <nothing; echo a >/proc/x", sdk=sdk).complaint for sdk in (29, 33))
    assert old.splitlines() == [
        "/system/bin/sh: can't open nothing: No such file or directory",
        "/system/bin/sh: can't create /proc/x: No such file or directory",
    ]
    assert new.splitlines() == [
        "/system/bin/sh: nothing: open: No such file or directory",
        "/system/bin/sh: /proc/x: create: No such file or directory",
    ]
