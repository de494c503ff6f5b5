"""Load on a server: wrk on the same cores, and small clients for what wrk cannot time."""
import json, re, socket, statistics, subprocess, time

from harness import process
from harness.servers import BENCH, CORES


def wrk(port, connections, seconds, path="/", headers=()):
    """Starts wrk; returns the running process. `figures` reads what it found."""
    fields = [word for header in headers for word in ("-H", header)]
    return subprocess.Popen(["wrk", "-t", str(min(connections, CORES)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
                             "-s", str(BENCH / "report.lua"), *fields, f"http://127.0.0.1:{port}{path}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def figures(run):
    output, _ = run.communicate()
    found = re.search(r"^BENCH (.*)$", output, re.M)
    if not found:
        raise RuntimeError(f"wrk: {output.strip()[-300:]}")
    return json.loads(found[1])


def measure(server, connections, seconds, path="/", headers=()):
    """One round against one server."""
    before = process.cpu_seconds(server.pids())
    seen = figures(wrk(server.port, connections, seconds, path, headers))
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
