"""/proc/PID over adb: the processes that `ps` lists, in the kernel's own forms."""

import re

import pytest

from devices.agent.install import install_agent
from devices.clock import HOST, NS_PER_S
from devices.phone import Phone, connect
from tests.parts.adb import VirtualPhones


def said(phone: Phone, command: str) -> str:
    return phone.run(["sh", "-c", command]).stdout


def test_whoever_ps_lists_has_a_folder_and_nobody_else(phone: Phone) -> None:
    listed = set(said(phone, "ps -A -o PID").split()[1:])
    folders = set(said(phone, "cd /proc; echo [0-9]*").split())
    assert {"1", "2", "655", "902"} <= listed & folders
    # The shells of the two commands come and go, and those of other tests.
    assert len(listed ^ folders) <= 8
    assert phone.run(["cat", "/proc/99999/stat"]).returncode == 1


def test_stat_status_and_cmdline_tell_what_ps_tells(phone: Phone) -> None:
    with phone.open_stream([install_agent(phone), "--stdio"]) as stream:
        assert stream.read(10)
        pid, ppid, vsz, rss = said(
            phone, "ps -A -o PID,PPID,VSZ,RSS,NAME | grep simmer-agent"
        ).split()[:4]
        fields = said(phone, f"cat /proc/{pid}/stat").split()
        assert len(fields) == 52
        assert (fields[0], fields[1], fields[3]) == (pid, "(simmer-agent)", ppid)
        assert (int(fields[22]), int(fields[23])) == (int(vsz) * 1024, int(rss) // 4)
        status = dict(re.findall(r"(\w+):\t *(.*)", said(phone, f"cat /proc/{pid}/status")))
        assert (status["Name"], status["Pid"], status["Uid"].split()[0]) == (
            "simmer-agent", pid, "2000",
        )  # fmt: skip
        assert (status["VmRSS"], status["Cpus_allowed_list"]) == (f"{rss} kB", "0-7")
        words = said(phone, f"tr '\\0' ' ' < /proc/{pid}/cmdline").split()
        assert words[-1] == "--stdio"
        assert said(phone, f"ls /proc/{pid}/task").split() == [pid]
        assert said(phone, f"cat /proc/{pid}/task/{pid}/comm") == "simmer-agent\n"
    deadline = HOST.now_ns() + 10 * NS_PER_S
    while phone.run(["ls", f"/proc/{pid}"]).returncode == 0:
        assert HOST.now_ns() < deadline, "its folder goes with it"


def test_threads_of_the_kernel_have_no_command_line_and_no_memory(phone: Phone) -> None:
    assert said(phone, "cat /proc/2/cmdline") == ""
    assert said(phone, "cat /proc/2/comm") == "kthreadd\n"
    assert "Vm" not in said(phone, "cat /proc/2/status")


def test_affinity_shows_where_a_process_may_run(phone: Phone) -> None:
    told = said(
        phone, "taskset f0 sleep 30 & sleep 0.1; grep Cpus_allowed /proc/$!/status; kill $!"
    )
    assert told.split() == ["Cpus_allowed:", "f0", "Cpus_allowed_list:", "4-7"]


@pytest.mark.parametrize(("pid", "score"), [(902, "-900"), (1204, "-800"), (7, "0")])
def test_how_willingly_android_lets_go_of_its_own_is_not_ours_to_change(
    phone: Phone, pid: int, score: str
) -> None:
    path = f"/proc/{pid}/oom_score_adj"
    assert said(phone, f"cat {path}") == f"{score}\n"
    assert phone.run(["sh", "-c", f"echo 1 > {path}"]).returncode != 0
    assert said(phone, f"cat {path}") == f"{score}\n"


def test_of_its_own_processes_the_shell_may_say_it(phone: Phone) -> None:
    told = said(
        phone, "f=/proc/$$/oom_score_adj; cat $f; echo 300 > $f; cat $f; echo x > $f; cat $f"
    )
    assert told.split() == ["-1000", "300", "300"]


def test_a_folder_cannot_be_made_or_removed(farm: VirtualPhones) -> None:
    phone = connect(farm.serials[0], server=farm.server)
    assert phone.run(["mkdir", "/proc/77777"]).returncode != 0
    assert phone.run(["rm", "-r", "/proc/1"]).returncode != 0
