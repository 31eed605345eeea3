/* A disk that fails from its n-th write on: preloaded before libc, armed by a test.

Where that write is of a large file, the small lines of the journal still fit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { MOST = 20000, LENGTH = 200 };
static char root[4096], labels[MOST][LENGTH];
static long done, from;
static int error, journal_fits;

void disk_arm(const char *folder, long at, int code) {
    snprintf(root, sizeof root, "%s", folder);
    done = 0, from = at, error = code;
}
long disk_writes(void) { return done; }
const char *disk_label(long i) { return labels[i]; }

static int fails(const char *what, const char *path) {
    if (!root[0] || strncmp(path, root, strlen(root))) return 0;
    if (done < MOST) snprintf(labels[done], LENGTH, "%s %.150s", what, path + strlen(root));
    done++;
    if (!from || done < from) return 0;
    if (done == from) journal_fits = !strstr(path, "journal.jsonl");
    else if (journal_fits && strstr(path, "journal.jsonl")) return 0;
    errno = error;
    return 1;
}
static int fails_on(const char *what, int file) {
    char link[64], path[4096];
    int saved = errno;
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (size < 0) return 0;
    path[size] = 0;
    return fails(what, path);
}

#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))
#define MODE(flags) mode_t mode = 0; \
    if ((flags) & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
#define OPEN(name) int name(const char *path, int flags, ...) { NEXT(name); MODE(flags) \
    return WRITES(flags) && fails("open", path) ? -1 : next(path, flags, mode); }
#define OPEN_AT(name) int name(int folder, const char *path, int flags, ...) { NEXT(name); MODE(flags) \
    return WRITES(flags) && fails("open", path) ? -1 : next(folder, path, flags, mode); }
#define TRUNCATE(name, type) int name(int file, type size) { NEXT(name); \
    return fails_on("truncate", file) ? -1 : next(file, size); }
OPEN(open) OPEN(open64) OPEN_AT(openat) OPEN_AT(openat64)
TRUNCATE(ftruncate, off_t) TRUNCATE(ftruncate64, off64_t)

ssize_t write(int file, const void *data, size_t size) {
    NEXT(write);
    return fails_on("write", file) ? -1 : next(file, data, size);
}
int fsync(int file) {
    NEXT(fsync);
    return fails_on("sync", file) ? -1 : next(file);
}
int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    return fails("mkdir", path) ? -1 : next(path, mode);
}
int rename(const char *old, const char *path) {
    NEXT(rename);
    return fails("rename", path) ? -1 : next(old, path);
}
