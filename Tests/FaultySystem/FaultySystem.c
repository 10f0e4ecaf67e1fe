// Stands between a process and its file system, and lets it fail at the call that the environment names:
//   FAULT=kill:N       the process is killed at the N-th call that changes files; a write gets half of its bytes out before
//   FAULT=full:N       from the N-th call on there is no space left for writes
//   FAULT=readonly:N   from the N-th call on nothing can be made, renamed or removed
// The program's own definitions come before those of the C library, for the libraries that it loads, too.
#define _GNU_SOURCE
#include "include/FaultySystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

long faulty_system_call_count(void) { return calls; }

enum effect { pass, die, full, read_only };

/// What happens to the call that is under way.
static enum effect next(void) {
    long number = ++calls;
    const char *fault = getenv("FAULT");
    const char *colon = fault ? strchr(fault, ':') : NULL;
    if (!colon || number < atol(colon + 1)) return pass;
    if (!strncmp(fault, "kill", 4)) return number == atol(colon + 1) ? die : pass;
    return strncmp(fault, "full", 4) ? read_only : full;
}

/// - Returns: Whether the call may not be done.
static bool refused(void) {
    switch (next()) {
    case die: kill(getpid(), SIGKILL); return true;
    case read_only: errno = EROFS; return true;
    default: return false;
    }
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (file > 2) {
        switch (next()) {
        case die:
            syscall(SYS_write, file, bytes, count / 2);
            kill(getpid(), SIGKILL);
            break;
        case full: errno = ENOSPC; return -1;
        default: break;
        }
    }
    return syscall(SYS_write, file, bytes, count);
}

int fsync(int file) { return refused() ? -1 : (int)syscall(SYS_fsync, file); }
int rename(const char *from, const char *to) { return refused() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }
int mkdir(const char *path, mode_t mode) { return refused() ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode); }
int unlink(const char *path) { return refused() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
int rmdir(const char *path) { return refused() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return refused() ? -1 : (int)syscall(SYS_unlinkat, folder, path, flags); }
