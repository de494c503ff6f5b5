"""What a server's processes use, read from /proc: CPU time and memory of a process and all of its descendants."""
import collections, os

TICK = os.sysconf("SC_CLK_TCK")


def fields_of(pid):
    """The fields of /proc/PID/stat after the command's name, or None when the process has gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rsplit(b")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def family(root):
    """The root and its living descendants."""
    children = collections.defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := fields_of(name)):
            children[int(fields[1])].append(int(name))
    found = [root]
    for pid in found:  # grows while it is walked
        found += children[pid]
    return found


def cpu_seconds(pids):
    """User and system time of these processes, and of children that they have already waited for."""
    ticks = 0
    for pid in pids:
        if fields := fields_of(pid):
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICK


def own_cpu_seconds(pid):
    """User and system time of this process alone."""
    return sum(map(int, fields_of(pid)[11:13])) / TICK


def rss_mib(pids):
    pages = sum(int(fields[21]) for pid in pids if (fields := fields_of(pid)))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
