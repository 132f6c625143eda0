/* Preloaded, it lets every fsync and fdatasync take so many microseconds longer (BENCH_FLUSH): a disk that really writes what
   it is told to, as those of a town hall do, where this machine's answers from its memory. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int after_waiting(const char *name, int file) {
    const char *longer = getenv("BENCH_FLUSH");
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (longer) usleep((useconds_t)atoi(longer));
    return flush(file);
}

int fsync(int file) { return after_waiting("fsync", file); }
int fdatasync(int file) { return after_waiting("fdatasync", file); }
