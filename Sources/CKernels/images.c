// The program and the libraries that are loaded, as the loader tells of them.
#define _GNU_SOURCE
#include "CKernels.h"

#ifdef __linux__
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    void (*found)(void *context, const tap_image *image);
    void *context;
} Search;

/// The build id in a note segment, or NULL.
static const uint8_t *buildID(const uint8_t *notes, size_t size, int64_t *length) {
    size_t place = 0;
    while (place + sizeof(ElfW(Nhdr)) <= size) {
        ElfW(Nhdr) note;
        memcpy(&note, notes + place, sizeof note);
        size_t name = place + sizeof note, content = name + (note.n_namesz + 3) / 4 * 4;
        if (content + note.n_descsz > size) { break; }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0) {
            *length = note.n_descsz;
            return notes + content;
        }
        place = content + (note.n_descsz + 3) / 4 * 4;
    }
    return NULL;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    char own[4096];
    const char *path = info->dlpi_name;
    if (!path || !path[0]) {
        ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
        if (length <= 0) { return 0; }
        own[length] = 0;
        path = own;
    }
    if (path[0] != '/') { return 0; } // the kernel's own has no file
    tap_image image = {.path = path, .base = UINT64_MAX};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        if (segment->p_type == PT_LOAD && start < image.base) { image.base = start; }
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) && end > image.end_of_text) { image.end_of_text = end; }
        if (segment->p_type == PT_NOTE && !image.build_id) {
            image.build_id = buildID((const uint8_t *)start, segment->p_memsz, &image.build_id_length);
        }
    }
    Search *search = context;
    if (image.base < image.end_of_text) { search->found(search->context, &image); }
    return 0;
}

void tap_each_image(void (*found)(void *context, const tap_image *image), void *context) {
    Search search = {found, context};
    dl_iterate_phdr(visit, &search);
}
#endif
