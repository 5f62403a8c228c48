"""Background jobs of one shell."""

import asyncio
from dataclasses import dataclass, field

from devices.virtual.userspace.processes import Process

MAX_ENDED = 64  # jobs whose status a later `wait` can still learn


@dataclass
class Job:
    """One `command &`."""

    number: int
    process: Process
    task: asyncio.Task[int]
    text: str

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return not self.task.done()


@dataclass
class Jobs:
    """Jobs by number; a subshell starts with none."""

    all: list[Job] = field(default_factory=list)

    def add(self, process: Process, task: asyncio.Task[int], text: str) -> Job:
        """Enter a new job under the lowest number that is free."""
        ended = [job for job in self.all if not job.is_running]
        for job in ended[:-MAX_ENDED]:
            self.all.remove(job)
        used = {job.number for job in self.all}
        number = next(number for number in range(1, len(used) + 2) if number not in used)
        job = Job(number, process, task, text)
        self.all.append(job)
        return job

    def find(self, word: str) -> Job | None:
        """Return the job that `%1`, `%%` or a process number means."""
        if word in ("%", "%%", "%+"):
            return self.all[-1] if self.all else None
        if word.startswith("%") and word[1:].isdecimal():
            return next((job for job in self.all if job.number == int(word[1:])), None)
        if word.isdecimal():
            return next((job for job in self.all if job.process.pid == int(word)), None)
        return None

    def forget(self, job: Job) -> None:
        """Drop a job that somebody has waited for."""
        if job in self.all:
            self.all.remove(job)
