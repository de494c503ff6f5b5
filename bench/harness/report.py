"""Figures as a table with ratios, the targets beside them, and JSON."""
import json

NAMES = ["no-php", "embed-native", "embed-frames", "embed-psr7", "classic", "process-frames", "process-psr7", "nginx-return", "nginx-fpm",
         "tls", "nginx-tls", "h2", "nginx-h2", "h2-m1", "nginx-h2-m1"]


FIGURES = {"requests_per_s": "{:10.0f} requests/s", "p50_us": "p50 {:.0f} µs", "p99_us": "p99 {:.0f} µs", "cpu_us_per_request": "CPU {:.1f} µs",
           "rss_mib": "{:.1f} MiB"}


class Results:
    def __init__(self):
        self.rows = []  # dicts as they go into the JSON

    def add(self, name, concurrency, figures):
        keys = ("requests_per_s", "cpu_us_per_request", "p50_us", "p99_us", "rss_mib")
        self.rows.append({"name": name, "concurrency": concurrency, **{key: round(figures[key], 4) if key in figures else None for key in keys}})

    def get(self, name, concurrency=None):
        return next((row for row in self.rows if row["name"] == name and concurrency in (None, row["concurrency"])), None)

    def ratio(self, key, name, other, concurrency, other_concurrency=None):
        a, b = self.get(name, concurrency), self.get(other, other_concurrency or concurrency)
        return a[key] / b[key] if a and b and a[key] is not None and b[key] else None

    def write(self, file):
        with open(file, "w") as out:
            json.dump({"results": self.rows}, out, indent=1)
            out.write("\n")


def times(value):
    return f"{value:8.2f}×" if value is not None else "        –"


def table(results, concurrency):
    print(f"\nc={concurrency:<4}             requests/s  ×nginx     ×fpm      CPU µs/req  ×nginx     ×fpm      p50 µs   p99 µs  MiB/worker")
    for name in NAMES:
        if row := results.get(name, concurrency):
            speed = [times(results.ratio("requests_per_s", name, other, concurrency)) for other in ("nginx-return", "nginx-fpm")]
            cost = [times(results.ratio("cpu_us_per_request", name, other, concurrency)) for other in ("nginx-return", "nginx-fpm")]
            print(f"{name:16} {row['requests_per_s']:12.0f} {speed[0]} {speed[1]} {row['cpu_us_per_request']:12.1f} {cost[0]} {cost[1]}"
                  f" {row['p50_us']:10.0f} {row['p99_us']:8.0f} {row['rss_mib']:11.1f}")


def others(results):
    print()
    for row in results.rows:
        if row["name"] in NAMES:
            continue
        forms = {**FIGURES, "cpu_us_per_request": "CPU {:.3f} µs"} if (row["cpu_us_per_request"] or 1) < 1 else FIGURES
        figures = [form.format(row[key]) for key, form in forms.items() if row[key] is not None]
        print(f"{row['name']:20} c={row['concurrency']:<6} {', '.join(figures)}")


def targets(results):
    """(what, value, most or least, bound) of each target that could be measured."""
    out = []

    def ratio(what, key, name, other, concurrency, how, bound):
        value = results.ratio(key, name, other, concurrency)
        if value is not None:
            out.append((f"{name} c={concurrency}: {what}", value, how, bound))

    for c in (32, 256):
        ratio("throughput / nginx return", "requests_per_s", "no-php", "nginx-return", c, "least", 1.1)
        ratio("CPU / nginx return", "cpu_us_per_request", "no-php", "nginx-return", c, "most", 0.85)
        ratio("CPU / nginx return", "cpu_us_per_request", "embed-native", "nginx-return", c, "most", 1.0)
        ratio("CPU / nginx+fpm", "cpu_us_per_request", "embed-native", "nginx-fpm", c, "most", 0.2)
        ratio("throughput / nginx+fpm", "requests_per_s", "embed-native", "nginx-fpm", c, "least", 3.0)
        ratio("CPU / nginx+fpm", "cpu_us_per_request", "classic", "nginx-fpm", c, "most", 0.4)
        ratio("throughput / nginx+fpm", "requests_per_s", "process-frames", "nginx-fpm", c, "least", 1.5)
        ratio("CPU / nginx return", "cpu_us_per_request", "process-frames", "nginx-return", c, "most", 4.0)
        ratio("throughput / nginx+fpm", "requests_per_s", "process-psr7", "nginx-fpm", c, "least", 1.0)
        ratio("throughput / nginx+fpm", "requests_per_s", "embed-psr7", "nginx-fpm", c, "least", 1.5)
        ratio("throughput / nginx tls", "requests_per_s", "tls", "nginx-tls", c, "least", 0.9)
        ratio("throughput / nginx h2", "requests_per_s", "h2", "nginx-h2", c, "least", 0.9)
    ratio("CPU / embed-native (HTTP/1.1)", "cpu_us_per_request", "h2", "embed-native", 32, "most", 1.3)
    for name in ("static-1k", "static-100k", "static-10m"):
        ratio("throughput / nginx", "requests_per_s", name, f"nginx-{name}", 32, "least", 0.9)
    ratio("throughput / nginx at the same level", "requests_per_s", "gzip", "nginx-gzip", 32, "least", 0.97)
    for name, key, bound in (("recycle", "p50_us", 5000), ("start", "p50_us", 200_000), ("iso-sleep", "p99_us", 2000)):
        if row := results.get(name):
            out.append((f"{name}: {key.replace('_us', ' µs')}", row[key], "most", bound))
    for name in ("rpc-version", "rpc-version-official"):
        ratio("wall time / socket-pingpong", "p50_us", name, "socket-pingpong", 1, "most", 1.6)
    ratio("wall time / socket-pingpong", "p50_us", "kv-get-socket", "socket-pingpong", 1, "most", 1.3)
    if row := results.get("kv-get-socket-cpu"):
        out.append(("kv-get-socket: CPU µs of both sides", row["cpu_us_per_request"], "most", 15))
    ratio("wall time / the official client", "p50_us", "kv-get-php", "kv-get-php-official", 1, "most", 1.0)
    for name, bound in (("kv-get-native", 0.5), ("metrics-add-native", 0.1), ("metrics-add-native-labels", 0.3), ("lock-native", 1)):
        if row := results.get(name):
            out.append((f"{name}: µs a call", row["cpu_us_per_request"], "most", bound))
    for name, key, bound in (("rpc-version", "cpu_us_per_request", 20), ("workers-start", "cpu_us_per_request", 3e6), ("workers-list", "p50_us", 50_000),
                             ("workers-tick-ttl", "cpu_us_per_request", 1500), ("workers-tick-memory", "cpu_us_per_request", 1500)):
        if row := results.get(name):
            out.append((f"{name}: {'CPU µs' if key.startswith('cpu') else 'p50 µs'}", row[key], "most", bound))
    for c in (2, 16):
        value = results.ratio("requests_per_s", "iso-cpu", "iso-cpu-fpm", c)
        if value is not None:
            out.append((f"iso-cpu c={c}: throughput / nginx+fpm", value, "least", 1.0))
    value = results.ratio("requests_per_s", "iso-cpu", "iso-cpu", 16, 2)
    if value is not None:
        out.append(("iso-cpu: throughput at c=16 / c=2", value, "least", 0.97))  # equal, within what two runs differ by
    return out


def print_targets(results):
    found = targets(results)
    if found:
        print("\ntargets")
    missed = 0
    for what, value, how, bound in found:
        good = value <= bound if how == "most" else value >= bound
        missed += not good
        print(f"  {'met   ' if good else 'MISSED'} {what:48} {value:10.2f}  ({'≤' if how == 'most' else '≥'} {bound:g})")
    return missed
