"""What a script on a thread asks of the server, by function calls. Wall time of a call, measured in PHP."""
import json

from harness import load

ROWS = ["kv-get-native", "kv-get-array", "kv-set-native", "metrics-add-native", "metrics-add-native-labels", "lock-native"]


def measure(wanted, started, results, rounds, seconds):
    names = [name for name in ROWS if name in wanted]
    if not names:
        return
    server = started("services")
    seen = {name: [] for name in names}
    for _ in range(rounds):
        for name, found in seen.items():
            answer = server.ask(f"/?row={name}&seconds={seconds / 2}")
            found.append(json.loads(answer.split(b"\r\n\r\n", 1)[1]))
    for name, found in seen.items():
        results.add(name, 1, load.medians(found))
    server.stop()
