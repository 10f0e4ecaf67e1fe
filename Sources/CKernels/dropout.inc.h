// Template of dropout.c, included for each type.

TAP_HOT void NAME(tap_dropout)(const REAL *x, REAL *out, int64_t rows, int64_t width, double rate, uint64_t key,
                               uint32_t site, const uint32_t *sample, const uint32_t *position) {
    uint64_t threshold = tap_keep_threshold(rate);
    if (threshold > UINT32_MAX) {
        for (int64_t i = 0; i < rows * width; i++) { out[i] = 0; }
        return;
    }
    uint32_t least = (uint32_t)threshold;
    REAL scale = (REAL)(1 / (1 - rate));
    uint32_t words[TAP_PHILOX_WORDS] __attribute__((aligned(64)));
    for (int64_t r = 0; r < rows; r++) {
        const REAL *source = x + r * width;
        REAL *target = out + r * width;
        for (int64_t c = 0; c < width; c += TAP_PHILOX_WORDS) {
            tap_philox_run(key, (uint32_t)(c / 4), position[r], sample[r], site, words);
            if (width - c >= TAP_PHILOX_WORDS) {
                TAP_PARALLEL for (int64_t j = 0; j < TAP_PHILOX_WORDS; j++) {
                    REAL v = source[c + j] * scale;
                    target[c + j] = words[j] >= least ? v : 0;
                }
            } else {
                for (int64_t j = 0; j < width - c; j++) {
                    REAL v = source[c + j] * scale;
                    target[c + j] = words[j] >= least ? v : 0;
                }
            }
        }
    }
}
