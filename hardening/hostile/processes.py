"""The processes of a server, their memory and their time."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process of a server. Its start time distinguishes it from a later process with the same id."""

    pid: int
    started: int


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on. They follow the name, which may hold any characters."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def processes(root: int) -> set[Process]:
    """A process and all of its descendants."""
    parents: dict[int, list[int]] = {}
    started: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = stat(int(entry.name))
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
                started[int(entry.name)] = int(fields[19])
    found, queue = set(), [root]
    while queue:
        pid = queue.pop()
        if pid in started:
            found.add(Process(pid, started[pid]))
        queue += parents.get(pid, [])
    return found


def memory(members: set[Process], entry: str) -> int:
    """The sum of VmRSS or VmHWM of the processes, in bytes."""
    total = 0
    for member in members:
        match = re.search(rf"^{entry}:\s+(\d+) kB$", Path(f"/proc/{member.pid}/status").read_text(), re.M)
        total += int(match[1]) * 1024 if match else 0
    return total


def reset_peaks(members: set[Process]) -> None:
    """Resets VmHWM, so that it becomes the peak from now on (proc_pid_clear_refs(5))."""
    for member in members:
        Path(f"/proc/{member.pid}/clear_refs").write_text("5")


def processor_seconds(members: set[Process]) -> float:
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in (stat(member.pid) for member in members))
    return ticks / os.sysconf("SC_CLK_TCK")


def resting(members: set[Process]) -> int:
    """The memory at rest: its size once it has changed little for a while."""
    last, same = memory(members, "VmRSS"), 0
    for _ in range(50):
        time.sleep(0.1)
        now = memory(members, "VmRSS")
        same = same + 1 if abs(now - last) < 256 * 1024 else 0
        last = now
        if same == 3:
            break
    return last
