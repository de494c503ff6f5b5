-- wrk's figures as one JSON line, latencies in microseconds.
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\nBENCH {"requests":%d,"seconds":%.6f,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
