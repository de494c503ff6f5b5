"""What is not HTTP: RPC calls beside the bare sockets they use, connections that are held, and 500 worker processes."""
import json, os, resource, socket, statistics, struct, subprocess, time, zlib

from harness import load, process, servers
from harness.servers import Missing

CALL = b"rpc.Version"
CONNECTIONS, WORKERS = 10_000, 500
TICKS_PER_S = 10


def frame(method, argument, sequence=1):
    head = struct.pack("<BBI", 0x15, 0x08, len(method) + len(argument))
    return head + struct.pack("<IHII", zlib.crc32(head), 0, sequence, len(method)) + method + argument


def read_reply(link):
    answer = b""
    while len(answer) < 20 or len(answer) < 20 + struct.unpack_from("<I", answer, 2)[0]:
        part = link.recv(65536)
        if not part:
            raise RuntimeError(f"closed after {answer[:100]!r}")
        answer += part
    return answer


class RpcServer(servers.Server):
    """rr-embed with RPC on a unix socket; `more` is YAML below it."""

    def __init__(self, folder, binary, more=""):
        super().__init__(folder)
        self.binary, self.socket = binary, self.folder / "rpc.sock"
        (self.folder / ".rr.yaml").write_text(f"version: '3'\nrpc: {{listen: 'unix://{self.socket}'}}\nlogs: {{level: error}}\n{more}")

    def start(self, seconds=20):
        self.server = self.spawn([self.binary, "serve", "-c", str(self.folder / ".rr.yaml")])
        deadline = time.monotonic() + seconds
        while "server started" not in self.last_words():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"does not start: {self.last_words()}")
            time.sleep(0.01)

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        link.connect(str(self.socket))  # without a time-out, which would make it fail where it has to wait
        link.settimeout(30)
        return link

    def call(self, link, method=CALL, argument=b"true"):
        link.sendall(frame(method, argument))
        return read_reply(link)

    def own_cpu_us(self):
        """To the nanosecond, of its living threads; they live as long as it does."""
        found, tasks = 0, f"/proc/{self.server.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat") as stat:
                found += int(stat.read().split()[0])
        return found / 1e3


def program(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr).strip()[-300:]}")
    return json.loads(done.stdout)


def library_of_the_extension(bench):
    """rr_embed.so for the php of the machine."""
    built = subprocess.run([servers.BENCH.parent / "tools/dev/extension.sh", os.environ.get("RR_PHP_PREFIX", "")], capture_output=True, text=True)
    if built.returncode:
        raise Missing(f"rr_embed.so was not built: {built.stderr.strip()[-300:]}")
    return built.stdout.splitlines()[-1].split(" ", 1)[1]


def measure_calls(bench, wanted, started, results, rounds, seconds):
    """rpc.Version and kv.MGet from PHP, in turns with as many bytes as the former has between two processes of C."""
    pingpong = os.path.join(bench.build, "bench/socket_pingpong")
    if not os.access(pingpong, os.X_OK):
        raise Missing(f"{pingpong} is not built")
    server = started(RpcServer(bench.place("rpc"), bench.binary, "kv: {mem: {driver: memory, config: {}}}\n"))
    with server.connect() as link:
        sizes = [str(len(frame(CALL, b"true"))), str(len(server.call(link)))]
    vendor = os.environ.get("RR_EMBED_TEST_VENDOR", "")

    def calls(script, *arguments, php=("php",)):
        before = server.own_cpu_us()
        seen = program([*php, "-d", "opcache.enable_cli=1", str(servers.SCRIPTS / script), str(server.socket), str(seconds), *arguments])
        seen["cpu_us_per_request"] = seen.pop("cpu_us") + (server.own_cpu_us() - before) / seen.pop("calls")
        return seen

    kinds = {"socket-pingpong": lambda: program([pingpong, *sizes, str(10_000 * seconds)]), "rpc-version": lambda: calls("rpc-version.php"),
             "kv-get-php": lambda: calls("kv-get.php", str(servers.BENCH.parent / "php/autoload.php"))}
    if os.path.exists(f"{vendor}/spiral/roadrunner-kv"):
        kinds["rpc-version-official"] = lambda: calls("rpc-version.php", f"{vendor}/autoload.php")
        kinds["kv-get-php-official"] = lambda: calls("kv-get.php", f"{vendor}/autoload.php", "official")
    if "kv-get-socket" in wanted:
        extension = library_of_the_extension(bench)
        kinds["kv-get-socket"] = lambda: calls("kv-get.php", "-", php=("php", "-d", f"extension={extension}"))
    seen = {name: [] for name in kinds if name in wanted}
    for _ in range(rounds):
        for name, found in seen.items():
            found.append(kinds[name]())
    for name, found in seen.items():
        figures = load.medians(found)
        if name == "kv-get-socket":  # as the rows of native calls, with the CPU time of both sides beside it
            results.add("kv-get-socket-cpu", 1, {"cpu_us_per_request": figures["cpu_us_per_request"]})
            figures["cpu_us_per_request"] = figures["mean_us"]
        results.add(name, 1, figures)
    server.stop()


def measure_connections(bench, started, results):
    """Connections that are held at once, every one of them after a call."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CONNECTIONS + CONNECTIONS // 2:  # the server uses three quarters of them
        raise Missing(f"a process may have {hard} descriptors only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = started(RpcServer(bench.place("rpc-connections"), bench.binary))
    links = []
    try:
        with server.connect() as link:
            server.call(link)
        before = process.rss_mib([server.server.pid])
        for _ in range(CONNECTIONS):
            links.append(server.connect())
        times = []
        for link in links:
            began = time.perf_counter()
            server.call(link)
            times.append((time.perf_counter() - began) * 1e6)
        results.add("rpc-connections", CONNECTIONS, {"p50_us": statistics.median(times), "p99_us": load.percentile(times, 0.99),
                                                     "rss_mib": process.rss_mib([server.server.pid]) - before})
    finally:
        for link in links:
            link.close()
        server.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def measure_workers(bench, started, results, seconds):
    """500 worker processes: the server's own CPU time for their start, the list of them, the supervisor's tick."""
    def pool(name, supervisor=""):
        server = RpcServer(bench.place(name), bench.binary, f"""server: {{command: 'php -n {servers.SCRIPTS / "hello-frames.php"}'}}
http:
  address: '127.0.0.1:0'
  pool: {{mode: process, num_workers: {WORKERS}, allocate_timeout: 300s{supervisor}}}
""")
        return started(server, 300)

    def tick(name, supervisor):
        server = pool(name, f", supervisor: {{watch_tick: {1000 // TICKS_PER_S}ms{supervisor}}}")
        time.sleep(1)  # whatever the start has left to do
        before, began = server.own_cpu_us(), time.monotonic()
        time.sleep(5 * seconds)
        ticks = (time.monotonic() - began) * TICKS_PER_S
        results.add(name, WORKERS, {"cpu_us_per_request": (server.own_cpu_us() - before) / ticks})
        server.stop()

    server = pool("workers-start")
    results.add("workers-start", WORKERS, {"cpu_us_per_request": process.own_cpu_seconds(server.server.pid) * 1e6})
    with server.connect() as link:
        times = []
        for _ in range(20):
            began = time.perf_counter()
            server.call(link, b"informer.Workers", b'"http"')
            times.append((time.perf_counter() - began) * 1e6)
    results.add("workers-list", WORKERS, {"p50_us": statistics.median(times), "p99_us": max(times)})
    server.stop()
    tick("workers-tick-none", "")
    tick("workers-tick-ttl", ", ttl: 10h, idle_ttl: 10h")
    tick("workers-tick-memory", ", ttl: 10h, idle_ttl: 10h, max_worker_memory: 100000")
