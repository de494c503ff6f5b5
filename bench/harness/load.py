"""Load on a server: wrk on the same cores, and small clients for what wrk cannot time."""
import json, re, socket, statistics, subprocess, time

from harness import process
from harness.servers import BENCH, CORES


def wrk(port, connections, seconds, path="/", headers=(), scheme="http"):
    """Starts wrk; returns the running process. `figures` reads what it found."""
    fields = [word for header in headers for word in ("-H", header)]
    return subprocess.Popen(["wrk", "-t", str(min(connections, CORES)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
                             "-s", str(BENCH / "report.lua"), *fields, f"{scheme}://127.0.0.1:{port}{path}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def h2load(server, connections, seconds, path):
    """HTTP/2 load by h2load; what `figures` gives, with the times of single requests."""
    log = server.folder / "h2load.log"
    log.unlink(missing_ok=True)
    done = subprocess.run(["h2load", "-t", str(min(connections, CORES)), "-c", str(connections), "-m", str(server.streams), "-D", str(seconds),
                           f"--log-file={log}", f"{server.scheme}://127.0.0.1:{server.port}{path}"], capture_output=True, text=True)
    found = re.search(r"finished in ([0-9.]+)(m?)s.*\nrequests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored", done.stdout)
    if not found:
        raise RuntimeError(f"h2load: {(done.stdout + done.stderr).strip()[-300:]}")
    times = [int(line.split()[2]) for line in log.read_text().splitlines() if line.count("\t") >= 2]
    return {"requests": int(found[3]), "seconds": float(found[1]) / (1000 if found[2] else 1), "errors": int(found[5]) + int(found[6]),
            "p50": statistics.median(times) if times else 0, "p99": percentile(times, 0.99) if times else 0}


def figures(run):
    output, _ = run.communicate()
    found = re.search(r"^BENCH (.*)$", output, re.M)
    if not found:
        raise RuntimeError(f"wrk: {output.strip()[-300:]}")
    return json.loads(found[1])


def measure(server, connections, seconds, path="/", headers=()):
    """One round against one server."""
    before = process.cpu_seconds(server.pids())
    if server.streams:
        seen = h2load(server, connections, seconds, path)
    else:
        seen = figures(wrk(server.port, connections, seconds, path, headers, server.scheme))
    pids = server.pids()
    if seen["errors"]:
        raise RuntimeError(f"{seen['errors']} of {seen['requests']} requests failed at c={connections}: {server.last_words()}")
    return {"requests_per_s": seen["requests"] / seen["seconds"], "p50_us": seen["p50"], "p99_us": seen["p99"],
            "cpu_us_per_request": (process.cpu_seconds(pids) - before) * 1e6 / max(1, seen["requests"]),
            "rss_mib": process.rss_mib(pids) / server.workers}


def measure_beside(server, seconds, connections=16, slow_connections=2, slow_path="/sleep"):
    """Fast requests while others keep `slow_connections` scripts blocked."""
    slow = wrk(server.port, slow_connections, seconds + 1, slow_path)
    time.sleep(0.2)
    try:
        return measure(server, connections, seconds)
    finally:
        figures(slow)


def sequential_us(server, requests):
    """Times of requests sent one after the other on one connection, in microseconds."""
    times = []
    with socket.create_connection(("127.0.0.1", server.port), 5) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(requests):
            started = time.perf_counter()
            link.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
            answer = b""
            while not answer.endswith(b"Hello World!"):
                part = link.recv(65536)
                if not part:
                    raise RuntimeError(f"closed after {answer[:100]!r}")
                answer += part
            times.append((time.perf_counter() - started) * 1e6)
    return times


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def medians(rounds):
    """The median of each figure over several rounds."""
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
