// One process-wide pool of threads, and the loop that is spread over it.
//
// A job is announced in one atomic word: its number, whether it is still open, and how many workers have joined.
// The caller works through the indices too and then closes the job, so it waits only for workers that did join:
// one that is asleep or was not scheduled costs a small job nothing.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE   // processor numbers and affinity
#endif
#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// Layout of `Pool.job`: bits 0-15 joined workers, bit 16 open, bits 17-63 job number.
#define JOINED_MASK ((uint64_t)0xFFFF)
#define OPEN_BIT ((uint64_t)1 << 16)
#define NUMBER_SHIFT 17
#define MAXIMUM_THREADS 1024
#define SPIN_NANOSECONDS 40000

typedef struct {
    // Written by the caller that owns the pool, before the job is opened.
    void (*body)(void *, int64_t);
    void *context;
    int64_t count;
    _Alignas(64) atomic_int_fast64_t next;
    _Alignas(64) atomic_uint_fast64_t job;
    _Alignas(64) atomic_bool busy;
    atomic_int_fast64_t wanted;   // threads asked for, the caller's included; 0: not known yet
    atomic_int sleepers;          // workers that wait on `wake`
    atomic_bool callerSleeps;
    atomic_int callerProcessor;   // -1: not known
    atomic_int limit;             // workers numbered `limit` and above end themselves
    pthread_mutex_t mutex;
    pthread_cond_t wake;          // a job was opened, or `limit` fell
    pthread_cond_t finished;      // the last worker has left a closed job
    // Used by the caller that owns the pool only.
    int workers;
    int attempted;
    pthread_t threads[MAXIMUM_THREADS];
} Pool;

static Pool pool = {
    .callerProcessor = -1,
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .wake = PTHREAD_COND_INITIALIZER,
    .finished = PTHREAD_COND_INITIALIZER,
};

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// The system likes to wake a worker on the caller's own processor, where the two take turns. So a worker keeps off
// that processor while it sleeps, and when it finds itself there.
#if defined(__linux__)
typedef cpu_set_t Processors;

// Forbids this thread one processor; false when it is left as it was. `allowed` is what it may use otherwise.
static bool avoidProcessor(int processor, Processors *allowed) {
    if (processor < 0 || processor >= CPU_SETSIZE) return false;
    if (pthread_getaffinity_np(pthread_self(), sizeof *allowed, allowed) != 0) return false;
    Processors others = *allowed;
    CPU_CLR(processor, &others);
    return CPU_COUNT(&others) > 0 && pthread_setaffinity_np(pthread_self(), sizeof others, &others) == 0;
}

static void allowProcessors(const Processors *allowed) {
    pthread_setaffinity_np(pthread_self(), sizeof *allowed, allowed);
}

static int currentProcessor(void) {
    return sched_getcpu();
}
#else
typedef int Processors;

static bool avoidProcessor(int processor, Processors *allowed) {
    *allowed = processor;
    return false;
}

static void allowProcessors(const Processors *allowed) {
    (void)allowed;
}

static int currentProcessor(void) {
    return -1;
}
#endif

static void runIndices(void (*body)(void *, int64_t), void *context, int64_t count) {
    for (;;) {
        int64_t index = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
        if (index >= count) return;
        body(context, index);
    }
}

// Joins job `number` if it is still open.
static bool joinJob(uint64_t number) {
    uint64_t word = atomic_load(&pool.job);
    while ((word & OPEN_BIT) && word >> NUMBER_SHIFT == number) {
        if (atomic_compare_exchange_weak(&pool.job, &word, word + 1)) return true;
    }
    return false;
}

static void leaveJob(void) {
    uint64_t word = atomic_fetch_sub(&pool.job, 1);
    if ((word & JOINED_MASK) == 1 && !(word & OPEN_BIT) && atomic_load(&pool.callerSleeps)) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_signal(&pool.finished);
        pthread_mutex_unlock(&pool.mutex);
    }
}

// Waits until another job than `seen` is open: awake for a short while, then asleep. False: this worker is to end.
static bool awaitJob(int worker, uint64_t seen, uint64_t *number) {
    int64_t deadline = nanoseconds() + SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < 16; i++) {
            uint64_t word = atomic_load_explicit(&pool.job, memory_order_acquire);
            if (word >> NUMBER_SHIFT != seen && (word & OPEN_BIT)) {
                *number = word >> NUMBER_SHIFT;
                return true;
            }
            relax();
        }
        // On a busy machine the thread that would open the next job may be waiting for this very processor.
        sched_yield();
    } while (nanoseconds() < deadline);

    bool found = false;
    Processors allowed;
    bool avoids = avoidProcessor(atomic_load(&pool.callerProcessor), &allowed);
    pthread_mutex_lock(&pool.mutex);
    // Counted before the last look at `job`, while the caller opens the job before it looks at `sleepers`: one of
    // the two sees the other.
    atomic_fetch_add(&pool.sleepers, 1);
    while (worker < atomic_load(&pool.limit)) {
        uint64_t word = atomic_load(&pool.job);
        if (word >> NUMBER_SHIFT != seen && (word & OPEN_BIT)) {
            *number = word >> NUMBER_SHIFT;
            found = true;
            break;
        }
        pthread_cond_wait(&pool.wake, &pool.mutex);
    }
    atomic_fetch_sub(&pool.sleepers, 1);
    pthread_mutex_unlock(&pool.mutex);
    if (avoids) allowProcessors(&allowed);
    return found;
}

static void *runWorker(void *argument) {
    int worker = (int)(intptr_t)argument;
    uint64_t number = 0;
    while (awaitJob(worker, number, &number)) {
        int processor = atomic_load_explicit(&pool.callerProcessor, memory_order_relaxed);
        Processors allowed;
        if (processor >= 0 && processor == currentProcessor() && avoidProcessor(processor, &allowed)) {
            allowProcessors(&allowed);
        }
        if (joinJob(number)) {
            runIndices(pool.body, pool.context, pool.count);
            leaveJob();
        }
    }
    return NULL;
}

// Those that this process may run on: under taskset, or in a container, fewer than the machine has.
static int64_t usableProcessors(void) {
    cpu_set_t usable;
    int64_t count = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > MAXIMUM_THREADS ? MAXIMUM_THREADS : count;
}

static int64_t wantedThreads(void) {
    int64_t wanted = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
    if (wanted > 0) return wanted;
    int64_t usable = usableProcessors(), unknown = 0;
    return atomic_compare_exchange_strong(&pool.wanted, &unknown, usable) ? usable : unknown;
}

// Starts or ends workers until there are `workers`. A thread that cannot be started is done without.
static void resizePool(int workers) {
    pthread_mutex_lock(&pool.mutex);
    atomic_store(&pool.limit, workers);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
    while (pool.workers > workers) pthread_join(pool.threads[--pool.workers], NULL);
    // Signals are for the threads that the program started itself.
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    while (pool.workers < workers) {
        void *argument = (void *)(intptr_t)pool.workers;
        if (pthread_create(&pool.threads[pool.workers], NULL, runWorker, argument) != 0) break;
        pool.workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pool.attempted = workers;
}

static void openJob(int64_t count, void (*body)(void *, int64_t), void *context) {
    pool.body = body;
    pool.context = context;
    pool.count = count;
    atomic_store_explicit(&pool.callerProcessor, currentProcessor(), memory_order_relaxed);
    atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
    uint64_t number = (atomic_load_explicit(&pool.job, memory_order_relaxed) >> NUMBER_SHIFT) + 1;
    atomic_store(&pool.job, number << NUMBER_SHIFT | OPEN_BIT);
    if (atomic_load(&pool.sleepers) > 0) {
        // A worker that holds the mutex has yet to look at `job`, or waits already when the mutex is free.
        pthread_mutex_lock(&pool.mutex);
        pthread_mutex_unlock(&pool.mutex);
        if (count > pool.workers) {
            pthread_cond_broadcast(&pool.wake);
        } else {
            for (int64_t i = 1; i < count; i++) pthread_cond_signal(&pool.wake);
        }
    }
}

// Lets nobody join any more and waits for those who did.
static void closeJob(void) {
    atomic_fetch_and(&pool.job, ~OPEN_BIT);
    int64_t deadline = 0;
    for (int round = 0; atomic_load_explicit(&pool.job, memory_order_acquire) & JOINED_MASK; round++) {
        relax();
        if (round % 16 != 15) continue;
        int64_t now = nanoseconds();
        if (deadline == 0) deadline = now + SPIN_NANOSECONDS;
        if (now < deadline) continue;
        pthread_mutex_lock(&pool.mutex);
        atomic_store(&pool.callerSleeps, true);
        while (atomic_load(&pool.job) & JOINED_MASK) pthread_cond_wait(&pool.finished, &pool.mutex);
        atomic_store(&pool.callerSleeps, false);
        pthread_mutex_unlock(&pool.mutex);
        return;
    }
}

int64_t tap_thread_count(void) {
    return wantedThreads();
}

void tap_set_thread_count(int64_t count) {
    atomic_store(&pool.wanted, count < 1 ? 1 : count > MAXIMUM_THREADS ? MAXIMUM_THREADS : count);
}

void tap_parallel_for(int64_t count, void (*body)(void *context, int64_t index), void *context) {
    int64_t threads = wantedThreads();
    if (count <= 1 || threads <= 1 || tap_thread.serial_depth > 0 ||
        atomic_exchange_explicit(&pool.busy, true, memory_order_acquire)) {
        for (int64_t index = 0; index < count; index++) body(context, index);
        return;
    }
    if (pool.attempted != threads - 1) resizePool((int)threads - 1);
    openJob(count, body, context);
    runIndices(body, context, count);
    closeJob();
    atomic_store_explicit(&pool.busy, false, memory_order_release);
}
