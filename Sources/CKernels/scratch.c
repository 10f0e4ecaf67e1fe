// A buffer per thread that grows to what its thread has needed and is freed when the thread ends.
#include "kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    size_t bytes;
    void *memory;
} tap_scratch_buffer;

static _Thread_local tap_scratch_buffer *own_buffer;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void out_of_memory(size_t bytes) {
    fprintf(stderr, "Out of memory: a kernel's scratch buffer of %zu bytes cannot be allocated.\n", bytes);
    abort();
}

static void release(void *pointer) {
    tap_scratch_buffer *buffer = pointer;
    free(buffer->memory);
    free(buffer);
}

static void make_key(void) {
    if (pthread_key_create(&key, release) != 0) { out_of_memory(0); }
}

void *tap_scratch(size_t bytes) {
    tap_scratch_buffer *buffer = own_buffer;
    if (buffer && bytes <= buffer->bytes) { return buffer->memory; }
    if (!buffer) {
        pthread_once(&once, make_key);
        buffer = calloc(1, sizeof *buffer);
        if (!buffer || pthread_setspecific(key, buffer) != 0) { out_of_memory(bytes); }
        own_buffer = buffer;
    }
    size_t rounded = (bytes + 65535) / 65536 * 65536;
    free(buffer->memory);
    buffer->bytes = 0;
    buffer->memory = aligned_alloc(64, rounded);
    if (!buffer->memory) { out_of_memory(rounded); }
    buffer->bytes = rounded;
    return buffer->memory;
}
