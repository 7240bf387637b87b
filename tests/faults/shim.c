/* Between a program and its disk (LD_PRELOAD): writes down what is done to files below $FAULTS_BELOW, and lets calls fail.

   Below means: an absolute path that begins with it. What is written down goes to $FAULTS_LOG as records that shim.py
   reads; writes to stdout are among them. A wal-index (…-shm) is shared memory, not disk: its calls can fail, but nothing
   of it is written down. faults_arm() and faults_room() are called from inside the process (shim.py, ctypes). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))
#define FILES 4096

enum { READ = 1, WRITE = 2, OPEN = 4, SYNC = 8, CUT = 16, NAME = 32, MAKE = 64 };
struct head { uint8_t op; uint8_t none; uint16_t path, other; uint16_t none2; uint32_t file; uint32_t none3; uint64_t offset, bytes; };

static const char *below;
static int log_to = -1;
static int id_of[FILES];      /* by descriptor; 0: not ours */
static char quiet[FILES];     /* by descriptor: not written down */
static ino_t inode_of[FILES]; /* by id */
static int ids;
static long fail_at = -1, seen, struck, room = -1, least; /* least: the smallest that room was */
static int fail_kinds, fail_with, fail_on;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void start(void) {
    const char *file = getenv("FAULTS_LOG");
    below = getenv("FAULTS_BELOW");
    if (file && below) {
        log_to = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        struct head begun = {.op = 'P'};
        if (log_to < 0 || syscall(SYS_write, log_to, &begun, sizeof begun) != sizeof begun) abort();
    }
}

void faults_below(const char *folder) { below = strdup(folder); }
void faults_arm(int kinds, long at, int with, int on) { fail_kinds = kinds, fail_at = at, fail_with = with, fail_on = on, seen = struck = 0; }
void faults_room(long bytes) { room = least = bytes; }
long faults_seen(void) { return seen; }
long faults_struck(void) { return struck; }
long faults_least(void) { return least; }

static int ours(const char *path) { return below && path && !strncmp(path, below, strlen(below)); }
static int silent(const char *path) { size_t n = strlen(path); return n > 4 && !strcmp(path + n - 4, "-shm"); }
static int known(int fd) { return fd >= 0 && fd < FILES && id_of[fd]; }

static int fails(int kind) {
    if (!(fail_kinds & kind)) return 0;
    long turn = seen++;
    if (fail_at < 0 || !(turn == fail_at || (fail_on && turn > fail_at))) return 0;
    struck++;
    errno = fail_with;
    return 1;
}

static void take(long bytes) { room -= bytes, least = room < least ? room : least; }

static void put(const void *from, size_t n) {
    while (n) {
        long done = syscall(SYS_write, log_to, from, n);
        if (done < 0) abort();
        from = (const char *)from + done, n -= done;
    }
}

static void tell(char op, int file, const char *path, const char *other, uint64_t offset, const void *bytes, uint64_t n) {
    if (log_to < 0) return;
    int kept = errno;
    struct head h = {.op = op, .file = file, .offset = offset, .bytes = n};
    h.path = path ? strlen(path) : 0, h.other = other ? strlen(other) : 0;
    put(&h, sizeof h), put(path, h.path), put(other, h.other);
    if (bytes) put(bytes, n);
    errno = kept;
}

/* What the disk says of its room. With a quota (faults_quota) it says nothing of it, and takes no more all the same. */
static int quota;
void faults_quota(int on) { quota = on; }
int statvfs64(const char *path, struct statvfs64 *s) {
    int failed = REAL(statvfs64)(path, s);
    if (!failed && room >= 0 && !quota && (ours(path) || !strncmp(path, below, strlen(path)))) s->f_bavail = s->f_bfree = room / s->f_frsize;
    return failed;
}

static long size_of(const char *path) { struct stat s; return stat(path, &s) ? 0 : s.st_size; }
static void give_back(const char *path) { struct stat s; if (room >= 0 && !stat(path, &s) && s.st_nlink == 1) room += s.st_size; }

/* -- opening ---------------------------------------------------------------------------------------------- */

/* The number of a file within this program; first: it had none yet. */
static int file_id(ino_t inode, int fresh, int *first) {
    for (int i = 1; i <= ids; i++) {
        if (inode_of[i] != inode) continue;
        if (!fresh) return i;
        inode_of[i] = 0; /* the inode of a file that is gone, used again */
    }
    if (ids + 1 >= FILES) abort();
    *first = 1, inode_of[++ids] = inode;
    return ids;
}

static int opened(int fd, const char *path, int flags, int fresh, long before) {
    if (fd < 0 || fd >= FILES) return fd;
    id_of[fd] = 0;
    if (!ours(path)) return fd;
    struct stat s;
    fstat(fd, &s);
    int first = 0, id = log_to < 0 ? 1 : file_id(s.st_ino, fresh, &first); /* who is told nothing needs no names */
    id_of[fd] = id, quiet[fd] = silent(path);
    if (!quiet[fd]) {
        if (first) tell(S_ISDIR(s.st_mode) ? 'D' : fresh ? 'C' : 'O', id, path, NULL, 0, NULL, 0);
        if (!fresh && (flags & O_TRUNC)) tell('T', id, NULL, NULL, 0, NULL, 0);
    }
    if (room >= 0 && (flags & O_TRUNC)) room += before;
    return fd;
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    int mine = ours(path), fresh = 0;
    long before = 0;
    if (mine) {
        fresh = (flags & O_CREAT) && access(path, F_OK);
        if (fails(fresh ? MAKE : OPEN)) return -1;
        before = size_of(path);
    }
    return opened(syscall(SYS_openat, folder, path, flags, mode), path, flags, fresh, before);
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); }
int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_at(folder, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    if (known(fd)) id_of[fd] = 0;
    return syscall(SYS_close, fd);
}

/* -- bytes ------------------------------------------------------------------------------------------------ */

ssize_t read(int fd, void *to, size_t n) { return known(fd) && fails(READ) ? -1 : syscall(SYS_read, fd, to, n); }
ssize_t pread(int fd, void *to, size_t n, off_t at) { return known(fd) && fails(READ) ? -1 : syscall(SYS_pread64, fd, to, n, at); }
ssize_t pread64(int fd, void *to, size_t n, off_t at) { return pread(fd, to, n, at); }

/* How much of a write fits on the disk; -1 and ENOSPC when nothing does. */
static ssize_t fitting(int fd, size_t n, off_t at) {
    struct stat s;
    if (room < 0 || fstat(fd, &s) || (off_t)(at + n) <= s.st_size) return n;
    off_t most = s.st_size + room;
    if (at >= most && n) { errno = ENOSPC; return -1; }
    if ((off_t)(at + n) > most) n = most - at;
    take(at + (off_t)n - s.st_size);
    return n;
}

static ssize_t write_at(int fd, const void *from, size_t n, off_t at, int there) {
    if (fails(WRITE)) return -1;
    ssize_t fits = fitting(fd, n, at);
    if (fits < 0) return -1;
    ssize_t done = there ? syscall(SYS_pwrite64, fd, from, fits, at) : syscall(SYS_write, fd, from, fits);
    if (done > 0 && !quiet[fd]) tell('W', id_of[fd], NULL, NULL, at, from, done);
    return done;
}

ssize_t write(int fd, const void *from, size_t n) {
    if (known(fd)) {
        struct stat s;
        int end = fcntl(fd, F_GETFL) & O_APPEND && !fstat(fd, &s);
        return write_at(fd, from, n, end ? s.st_size : lseek(fd, 0, SEEK_CUR), 0);
    }
    ssize_t done = syscall(SYS_write, fd, from, n);
    if (fd == 1 && done > 0) tell('S', 0, NULL, NULL, 0, from, done);
    return done;
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return known(fd) ? write_at(fd, from, n, at, 1) : syscall(SYS_pwrite64, fd, from, n, at); }
ssize_t pwrite64(int fd, const void *from, size_t n, off_t at) { return pwrite(fd, from, n, at); }

/* What would pass us by is refused, so that the program takes its ordinary way. */
ssize_t sendfile64(int to, int from, off_t *at, size_t n) { if (known(to)) { errno = ENOTSOCK; return -1; } return syscall(SYS_sendfile, to, from, at, n); }
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t n, unsigned f) { if (known(to)) { errno = ENOSYS; return -1; } return syscall(SYS_copy_file_range, from, a, to, b, n, f); }

int ftruncate(int fd, off_t size) {
    if (!known(fd)) return syscall(SYS_ftruncate, fd, size);
    struct stat s;
    if (fails(CUT)) return -1;
    fstat(fd, &s);
    if (room >= 0 && size - s.st_size > room) { errno = ENOSPC; return -1; }
    int failed = syscall(SYS_ftruncate, fd, size);
    if (!failed && room >= 0) take(size - s.st_size);
    if (!failed && !quiet[fd]) tell('T', id_of[fd], NULL, NULL, size, NULL, 0);
    return failed;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

static int synced(int fd, long call) {
    if (known(fd) && fails(SYNC)) return -1;
    int failed = syscall(call, fd);
    if (!failed && known(fd) && !quiet[fd]) tell('F', id_of[fd], NULL, NULL, 0, NULL, 0);
    return failed;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

/* -- names ------------------------------------------------------------------------------------------------ */

int rename(const char *from, const char *to) {
    if (ours(to)) { if (fails(NAME)) return -1; give_back(to); }
    int failed = REAL(rename)(from, to);
    if (!failed && ours(to)) tell('R', 0, from, to, 0, NULL, 0);
    return failed;
}
int link(const char *from, const char *to) {
    if (ours(to) && fails(NAME)) return -1;
    int failed = REAL(link)(from, to);
    if (!failed && ours(to)) tell('L', 0, from, to, 0, NULL, 0);
    return failed;
}
int unlink(const char *path) {
    if (ours(path)) { if (fails(NAME)) return -1; give_back(path); }
    int failed = REAL(unlink)(path);
    if (!failed && ours(path) && !silent(path)) tell('U', 0, path, NULL, 0, NULL, 0);
    return failed;
}
int mkdir(const char *path, mode_t mode) {
    if (ours(path) && fails(NAME)) return -1;
    int failed = REAL(mkdir)(path, mode);
    if (!failed && ours(path)) tell('M', 0, path, NULL, 0, NULL, 0);
    return failed;
}
int rmdir(const char *path) {
    if (ours(path) && fails(NAME)) return -1;
    int failed = REAL(rmdir)(path);
    if (!failed && ours(path)) tell('K', 0, path, NULL, 0, NULL, 0);
    return failed;
}
