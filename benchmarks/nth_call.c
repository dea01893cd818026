/* Preloaded: kills the process at the n-th file-system call that changes something, every other one half written.
 *
 *   void arm(long n)   begin to count at 0 and kill at call n (0: only count)
 *   long calls(void)   how many calls there were since
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long counted, last;
static atomic_int armed;

void arm(long n) { counted = 0; last = n; armed = 1; }
long calls(void) { return counted; }

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* True where this is the call to die in. */
static int now(void) { return armed && atomic_fetch_add(&counted, 1) + 1 == last; }
static void count(void) { if (now()) die(); }

static int on_disk(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

#define NEXT(type, name, ...) static type (*next)(__VA_ARGS__); if (!next) next = dlsym(RTLD_NEXT, #name)

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        NEXT(int, name, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (flags & (O_CREAT | O_TRUNC)) count(); \
        return next(path, flags, mode); \
    }
OPENS(open) OPENS(open64)

#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        NEXT(int, name, int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (flags & (O_CREAT | O_TRUNC)) count(); \
        return next(folder, path, flags, mode); \
    }
OPENS_AT(openat) OPENS_AT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
    NEXT(ssize_t, write, int, const void *, size_t);
    if (on_disk(fd) && now()) {
        if (last % 2) next(fd, data, size / 2);
        die();
    }
    return next(fd, data, size);
}

#define PWRITES(name, offset_type) \
    ssize_t name(int fd, const void *data, size_t size, offset_type at) { \
        NEXT(ssize_t, name, int, const void *, size_t, offset_type); \
        if (on_disk(fd) && now()) { \
            if (last % 2) next(fd, data, size / 2, at); \
            die(); \
        } \
        return next(fd, data, size, at); \
    }
PWRITES(pwrite, off_t) PWRITES(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int n) {
    NEXT(ssize_t, writev, int, const struct iovec *, int);
    if (on_disk(fd)) count();
    return next(fd, parts, n);
}

ssize_t sendfile(int to, int from, off_t *at, size_t size) {
    NEXT(ssize_t, sendfile, int, int, off_t *, size_t);
    if (on_disk(to)) count();
    return next(to, from, at, size);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *where, size_t size, unsigned flags) {
    NEXT(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    count();
    return next(from, at, to, where, size, flags);
}

#define CALLS(name, parameters, types, arguments) \
    int name parameters { static int (*next) types; if (!next) next = dlsym(RTLD_NEXT, #name); count(); return next arguments; }

CALLS(rename, (const char *a, const char *b), (const char *, const char *), (a, b))
CALLS(renameat, (int f, const char *a, int g, const char *b), (int, const char *, int, const char *), (f, a, g, b))
CALLS(renameat2, (int f, const char *a, int g, const char *b, unsigned how),
      (int, const char *, int, const char *, unsigned), (f, a, g, b, how))
CALLS(unlink, (const char *a), (const char *), (a))
CALLS(unlinkat, (int f, const char *a, int how), (int, const char *, int), (f, a, how))
CALLS(rmdir, (const char *a), (const char *), (a))
CALLS(mkdir, (const char *a, mode_t mode), (const char *, mode_t), (a, mode))
CALLS(mkdirat, (int f, const char *a, mode_t mode), (int, const char *, mode_t), (f, a, mode))
CALLS(link, (const char *a, const char *b), (const char *, const char *), (a, b))
CALLS(ftruncate, (int fd, off_t size), (int, off_t), (fd, size))
CALLS(ftruncate64, (int fd, off64_t size), (int, off64_t), (fd, size))
CALLS(fsync, (int fd), (int), (fd))
CALLS(fdatasync, (int fd), (int), (fd))
