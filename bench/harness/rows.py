"""Which rows there are, and what has to be there for each."""
import os, pathlib, random, string, subprocess, tempfile

from harness import native, servers
from harness.servers import Missing, NginxFiles, NginxFpm, NginxReturn, NginxReturnTls, NoPhp, RrEmbed, RrEmbedTls

ROOT = servers.BENCH.parent
# Rows measured at every concurrency, in the order of printing.
LOAD_ROWS = ["no-php", "embed-native", "embed-frames", "embed-psr7", "classic", "process-frames", "process-psr7", "nginx-return", "nginx-fpm",
             "tls", "nginx-tls", "h2", "nginx-h2", "h2-m1", "nginx-h2-m1"]
# Requests at a time on each connection, by HTTP/2.
STREAMS = {"h2": 10, "h2-m1": 1}
# Files, each beside nginx: what is asked for, and how.
FILE_ROWS = {
    "static-1k": ("/1k.txt", ()),
    "static-100k": ("/100k.txt", ()),
    "static-10m": ("/10m.txt", ()),
    "gzip": ("/100k.txt", ("Accept-Encoding: gzip",)),
}
OTHER_ROWS = ["iso-sleep", "iso-cpu", "recycle", "start", "socket-pingpong", "rpc-version", "rpc-version-official", "kv-get-socket", "kv-get-php",
              "kv-get-php-official", "rpc-connections", "workers", *native.ROWS]


class Bench:
    """What the rows share: the binary, a folder for everything, notes for the reader."""

    def __init__(self, binary, build):
        self.binary, self.build, self.notes = binary, build, []
        self.holder = tempfile.TemporaryDirectory(prefix="rr-bench-")
        self.folder, self.count = pathlib.Path(self.holder.name), 0
        self.psr7 = None
        self.spin = self.measure_spin()

    def place(self, name):
        self.count += 1
        return self.folder / f"{self.count}-{name}"

    def measure_spin(self):
        """How many rounds of scripts/spin.php are half a millisecond here."""
        code = "require $argv[1]; spin(100000); $t = hrtime(true); spin(2000000); echo (int) (2000000 * 500000 / (hrtime(true) - $t));"
        return subprocess.run(["php", "-d", "opcache.enable_cli=1", "-r", code, "--", str(servers.SCRIPTS / "spin.php")],
                              capture_output=True, text=True, check=True).stdout

    def ours(self, name, mode, script, **options):
        if not self.binary or not os.access(self.binary, os.X_OK):
            raise Missing(f"{self.binary or 'RR_BIN'} is not built")
        return RrEmbed(self.place(name), self.binary, mode, script, **options)

    def certificate(self):
        """One for every row that needs it: an ECDSA key, as is usual."""
        cert, key = self.folder / "cert.pem", self.folder / "key.pem"
        if not cert.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key),
                            "-out", str(cert), "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
        return cert, key

    def files(self):
        """A folder of text files that compress as prose does, old enough to be kept open."""
        folder = self.folder / "files"
        if not folder.exists():
            folder.mkdir()
            random.seed(1)
            words = ["".join(random.choices(string.ascii_lowercase, k=random.randint(2, 9))) for _ in range(2000)]
            for name, size in (("1k", 1024), ("100k", 100 * 1024), ("10m", 10 * 1024 * 1024)):
                text = " ".join(random.choices(words, k=size // 3))[:size]
                (folder / f"{name}.txt").write_text(text)
                os.utime(folder / f"{name}.txt", (1e9, 1e9))
        return folder

    def psr7_environment(self):
        """The official packages where RR_EMBED_TEST_VENDOR names them, else ours; PSR-7 itself by Composer."""
        if self.psr7 is None:
            vendor = os.environ.get("RR_EMBED_TEST_VENDOR")
            if vendor and os.path.exists(f"{vendor}/spiral/roadrunner-http"):
                self.notes.append("psr7 rows: the official packages (RR_EMBED_TEST_VENDOR)")
                self.psr7 = {"BENCH_AUTOLOAD": f"{vendor}/autoload.php", "BENCH_PSR7": "official"}
            else:
                self.psr7 = {"BENCH_AUTOLOAD": str(self.own_package()), "BENCH_PSR7": "ours"}
                self.notes.append("psr7 rows: rr-embed's own package (RR_EMBED_TEST_VENDOR names no official ones)")
        return self.psr7

    def own_package(self):
        """php/src behind an autoloader, with the PSR-7 implementation that the tests install."""
        if not (ROOT / "php/autoload.php").is_file():
            raise Missing("php/autoload.php is not there")
        done = subprocess.run([str(ROOT / "tests/apps/install"), "probe"], capture_output=True, text=True)
        if done.returncode:
            raise Missing(done.stderr.strip())
        autoload = self.folder / "autoload.php"
        autoload.write_text(f"<?php require '{done.stdout.strip()}'; require '{ROOT}/php/autoload.php';\n")
        return autoload

    def server(self, name):
        match name:
            case "no-php":
                return NoPhp(self.place(name), os.path.join(self.build, "bench/no_php"))
            case "embed-native":
                return self.ours(name, "embed", "hello-native.php")
            case "embed-frames":
                return self.ours(name, "embed", "hello-frames.php")
            case "embed-psr7":
                return self.ours(name, "embed", "hello-psr7.php", environment=self.psr7_environment())
            case "classic":
                return self.ours(name, "classic", "hello.php")
            case "process-frames":
                return self.ours(name, "process", "hello-frames.php")
            case "process-psr7":
                return self.ours(name, "process", "hello-psr7.php", environment=self.psr7_environment())
            case "nginx-return":
                return NginxReturn(self.place(name))
            case "nginx-fpm":
                return NginxFpm(self.place(name), self.spin)
            case "tls" | "h2" | "h2-m1":
                if not self.binary or not os.access(self.binary, os.X_OK):
                    raise Missing(f"{self.binary or 'RR_BIN'} is not built")
                return RrEmbedTls(self.place(name), self.binary, "embed", "hello-native.php", self.certificate(), STREAMS.get(name, 0))
            case "nginx-tls" | "nginx-h2" | "nginx-h2-m1":
                return NginxReturnTls(self.place(name), self.certificate(), STREAMS.get(name.removeprefix("nginx-"), 0))
            case "files":
                return self.ours(name, "embed", "hello-native.php", http=f"  middleware: [static, gzip]\n  static: {{dir: '{self.files()}'}}\n")
            case "nginx-files":
                return NginxFiles(self.place(name), self.files())
            case "iso-sleep":
                return self.ours(name, "embed", "isolation-native.php", workers=4, environment={"BENCH_SPIN": self.spin})
            case "iso-cpu":
                return self.ours(name, "embed", "isolation-native.php", environment={"BENCH_SPIN": self.spin})
            case "recycle":
                return self.ours(name, "embed", "hello-native.php", workers=1, pool=", max_jobs: 1")
            case "services":
                more = f"kv: {{mem: {{driver: memory, config: {{}}}}}}\nmetrics: {{address: '127.0.0.1:{servers.free_port()}'}}\n"
                return self.ours(name, "classic", "services.php", workers=1, http=more)
            case "start":
                return self.ours(name, "embed", "hello-native.php", workers=1)
        raise ValueError(name)
