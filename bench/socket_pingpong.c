/* What two processes and a unix socket cost, and nothing else: the floor under an RPC call. Row
 * `socket-pingpong` of bench/run.
 *
 *   socket_pingpong REQUEST_BYTES REPLY_BYTES ROUNDS
 *
 * A child reads each request and writes a reply, both blocking, one call of the system each. Prints
 * one line of JSON: the median and the 99th percentile of a round, and the CPU time of both
 * processes for one, in microseconds. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kWarm = 1000, kMost = 65536 };

static char buffer[kMost];

static void fail(const char* what) {
  perror(what);
  exit(1);
}

/* False at the end of the stream. */
static int read_all(int fd, size_t size) {
  for (size_t got = 0; got < size;) {
    const ssize_t some = recv(fd, buffer + got, size - got, 0);
    if (some < 0) fail("recv");
    if (some == 0) return 0;
    got += (size_t)some;
  }
  return 1;
}

static void write_all(int fd, size_t size) {
  if (send(fd, buffer, size, 0) != (ssize_t)size) fail("send");
}

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static double cpu_us(int who) {
  struct rusage used;
  getrusage(who, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

static int by_size(const void* a, const void* b) {
  const double left = *(const double*)a, right = *(const double*)b;
  return left < right ? -1 : left > right;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: socket_pingpong REQUEST_BYTES REPLY_BYTES ROUNDS\n");
    return 2;
  }
  const size_t request = strtoul(argv[1], NULL, 10), reply = strtoul(argv[2], NULL, 10);
  const size_t rounds = strtoul(argv[3], NULL, 10);
  if (request == 0 || request > kMost || reply == 0 || reply > kMost || rounds == 0) {
    fprintf(stderr, "socket_pingpong: sizes are 1 to %d, rounds 1 or more\n", kMost);
    return 2;
  }
  double* times = malloc(rounds * sizeof *times);
  int ends[2];
  if (!times) fail("malloc");
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) fail("socketpair");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    close(ends[0]);
    while (read_all(ends[1], request)) write_all(ends[1], reply);
    return 0;
  }
  close(ends[1]);
  for (int i = 0; i < kWarm; ++i) {
    write_all(ends[0], request);
    read_all(ends[0], reply);
  }
  const double before = cpu_us(RUSAGE_SELF);
  for (size_t i = 0; i < rounds; ++i) {
    const double began = now_us();
    write_all(ends[0], request);
    if (!read_all(ends[0], reply)) fail("the child is gone");
    times[i] = now_us() - began;
  }
  const double own = cpu_us(RUSAGE_SELF) - before;
  close(ends[0]);
  if (waitpid(child, NULL, 0) != child) fail("waitpid");
  qsort(times, rounds, sizeof *times, by_size);
  /* The child's start and warm-up are in its time: a thousandth of it or so. */
  printf("{\"p50_us\":%.2f,\"p99_us\":%.2f,\"cpu_us_per_request\":%.2f}\n", times[rounds / 2],
         times[rounds * 99 / 100], own / rounds + cpu_us(RUSAGE_CHILDREN) / (rounds + kWarm));
  return 0;
}
