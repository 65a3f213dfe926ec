"""The processes of a server, their memory and their time."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process of a server; the time of its start tells it from a later one with the same number."""

    pid: int
    started: int


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on, behind the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def processes(root: int) -> set[Process]:
    """A process and all that descend from it."""
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
    """The sum of VmRSS or VmHWM in bytes."""
    total = 0
    for member in members:
        match = re.search(rf"^{entry}:\s+(\d+) kB$", Path(f"/proc/{member.pid}/status").read_text(), re.M)
        total += int(match[1]) * 1024 if match else 0
    return total


def reset_peaks(members: set[Process]) -> None:
    """From here on VmHWM is the peak since now (proc_pid_clear_refs(5))."""
    for member in members:
        Path(f"/proc/{member.pid}/clear_refs").write_text("5")


def processor_seconds(members: set[Process]) -> float:
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in (stat(member.pid) for member in members))
    return ticks / os.sysconf("SC_CLK_TCK")


def resting(members: set[Process]) -> int:
    """The memory when it has not changed by much for a while."""
    last, same = memory(members, "VmRSS"), 0
    for _ in range(50):
        time.sleep(0.1)
        now = memory(members, "VmRSS")
        same = same + 1 if abs(now - last) < 256 * 1024 else 0
        last = now
        if same == 3:
            break
    return last
