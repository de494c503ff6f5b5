"""The servers that are compared, each in a folder and on a port of its own; nothing of them outlives the run."""
import glob, os, pathlib, re, shutil, signal, socket, ssl, subprocess, time

from harness import process

BENCH = pathlib.Path(__file__).resolve().parent.parent
SCRIPTS = BENCH / "scripts"
WORKERS = 8
CORES = os.cpu_count() or 1


class Missing(Exception):
    """Why a row cannot be measured here."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server under load. `workers`: what its memory is divided by; `streams`: load comes by HTTP/2, so many requests at a
    time on each connection."""
    workers = 1
    scheme = "http"
    streams = 0

    def __init__(self, folder):
        self.folder, self.port, self.processes = pathlib.Path(folder), free_port(), []
        self.folder.mkdir(parents=True)

    def start(self):
        raise NotImplementedError

    def spawn(self, command, **environment):
        with open(self.folder / "output.log", "ab") as log:
            one = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env={**os.environ, **environment}, start_new_session=True)
        self.processes.append(one)
        return one

    def wait_until_it_answers(self, path="/", seconds=20):
        """Returns once a request was answered with 200."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.ask(path)
                if re.match(rb"HTTP/1\.1 200 ", answer):
                    return
                problem = f"answers {answer[:60]!r}"
            except OSError as error:
                problem = str(error)
            if self.processes and self.processes[0].poll() is not None:
                raise Missing(f"ended with {self.processes[0].returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Missing(f"{problem}; {self.last_words()}")
            time.sleep(0.002)

    def ask(self, path):
        with socket.create_connection(("127.0.0.1", self.port), 5) as plain, self.secured(plain) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := link.recv(65536):
                answer += part
            return answer

    def secured(self, link):
        if self.scheme == "http":
            return link
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(link)

    def last_words(self):
        log = self.folder / "output.log"
        return " | ".join(log.read_text(errors="replace").splitlines()[-4:])[-600:] if log.exists() else ""

    def pids(self):
        return [pid for one in self.processes for pid in process.family(one.pid)]

    def stop(self):
        for one in reversed(self.processes):
            one.send_signal(signal.SIGTERM)
        for one in reversed(self.processes):
            try:
                one.wait(5)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(one.pid, signal.SIGKILL)  # whoever is left of its session
            except ProcessLookupError:
                pass
            one.wait()
        self.processes = []


class RrEmbed(Server):
    def __init__(self, folder, binary, mode, script, php="php -d opcache.enable_cli=1", workers=WORKERS, pool="", http="", environment=None):
        super().__init__(folder)
        self.binary, self.workers, self.environment = binary, workers, environment or {}
        (self.folder / ".rr.yaml").write_text(f"""version: '3'
server: {{command: '{php} {SCRIPTS / script}'}}
http:
  address: '127.0.0.1:{self.port}'
  pool: {{mode: {mode}, num_workers: {workers}{pool}}}
{http}logs: {{level: error}}
""")

    def start(self):
        self.spawn([self.binary, "serve", "-c", str(self.folder / ".rr.yaml")], **self.environment)
        self.wait_until_it_answers()


class RrEmbedTls(RrEmbed):
    """The same over TLS, with HTTP/2 where streams are asked for."""
    scheme = "https"

    def __init__(self, folder, binary, mode, script, certificate, streams=0, **options):
        super().__init__(folder, binary, mode, script, **options)
        self.streams = streams
        config = self.folder / ".rr.yaml"
        cert, key = certificate
        config.write_text(config.read_text().replace(f"address: '127.0.0.1:{self.port}'",
                                                     f"ssl: {{address: '127.0.0.1:{self.port}', cert: '{cert}', key: '{key}'}}"))


class NoPhp(Server):
    """bench/no_php: the server's own HTTP stack, answered from C++."""

    def __init__(self, folder, binary):
        super().__init__(folder)
        self.binary = binary
        if not os.access(binary, os.X_OK):
            raise Missing(f"{binary} is not built")

    def start(self):
        self.spawn([self.binary, f"127.0.0.1:{self.port}"])
        self.wait_until_it_answers()


class Nginx(Server):
    """The distribution's nginx with as many workers as cores; `location` says what it does."""

    def __init__(self, folder):
        super().__init__(folder)
        self.program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not self.program:
            raise Missing("nginx is not installed")

    def configure(self, location, listen="", more=""):
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""daemon off; {user} worker_processes {CORES}; pid {self.folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; {temporary}
  server {{ listen 127.0.0.1:{self.port} {listen} backlog=2048; {more} {location} }}
}}
""")
        self.spawn([self.program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")])


class NginxReturn(Nginx):
    workers = CORES

    def start(self):
        self.configure("location / { default_type text/plain; return 200 'Hello World!'; }")
        self.wait_until_it_answers()


class NginxReturnTls(Nginx):
    """The same over TLS, with HTTP/2 where streams are asked for."""
    workers = CORES
    scheme = "https"

    def __init__(self, folder, certificate, streams=0):
        super().__init__(folder)
        self.certificate, self.streams = certificate, streams

    def start(self):
        cert, key = self.certificate
        self.configure("location / { default_type text/plain; return 200 'Hello World!'; }", "ssl http2" if self.streams else "ssl",
                       f"ssl_certificate {cert}; ssl_certificate_key {key};")
        self.wait_until_it_answers()


class NginxFiles(Nginx):
    """Files by sendfile; compressed with gzip at level 6 for clients that take it."""
    workers = CORES

    def __init__(self, folder, files):
        super().__init__(folder)
        self.files = files

    def start(self):
        self.configure(f"""sendfile on; types {{ text/plain txt; }} root {self.files};
    gzip on; gzip_comp_level 6; gzip_types text/plain; gzip_vary on;""")
        self.wait_until_it_answers("/1k.txt")


class NginxFpm(Nginx):
    """nginx in front of php-fpm on a unix socket, as the distribution's snippets have it."""
    workers = WORKERS

    def __init__(self, folder, spin):
        super().__init__(folder)
        self.spin = spin
        programs = sorted(glob.glob("/usr/sbin/php-fpm*"))
        if not programs:
            raise Missing("php-fpm is not installed")
        self.fpm = programs[-1]

    def start(self):
        root = "user = root\ngroup = root\n" if os.geteuid() == 0 else ""
        (self.folder / "fpm.conf").write_text(f"""[global]
error_log = {self.folder}/fpm.log
daemonize = no
[www]
listen = {self.folder}/fpm.sock
listen.backlog = 2048
pm = static
pm.max_children = {WORKERS}
pm.max_requests = 0
clear_env = no
{root}""")
        self.configure(f"""root {SCRIPTS};
    location / {{
      include /etc/nginx/fastcgi_params; fastcgi_pass unix:{self.folder}/fpm.sock;
      set $script /hello.php; if ($uri = /cpu) {{ set $script /cpu.php; }}
      fastcgi_param SCRIPT_FILENAME {SCRIPTS}$script;
    }}""")
        self.spawn([self.fpm, "-R", "-d", "opcache.enable=1", "-y", str(self.folder / "fpm.conf"), "-F"], BENCH_SPIN=self.spin)
        self.wait_until_it_answers()
