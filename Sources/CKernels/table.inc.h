// Template of table.c, included for each type: the loops behind one signature for all types.

#define TAP_CALL(RESULT, BASE, PARAMETERS, ARGUMENTS) \
    static RESULT NAME(call_##BASE) PARAMETERS { return NAME(tap_##BASE) ARGUMENTS; }
#define TAP_ENTRY(RESULT, BASE, PARAMETERS, ARGUMENTS) .BASE = NAME(call_##BASE),

TAP_KERNELS(TAP_CALL)

static const tap_kernels NAME(table) = {TAP_KERNELS(TAP_ENTRY)};

const tap_kernels *NAME(tap_kernels)(void) { return &NAME(table); }

#undef TAP_CALL
#undef TAP_ENTRY
