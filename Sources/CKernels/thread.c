// What belongs to a thread alone.
#include "CKernels.h"

_Thread_local tap_thread_state tap_thread;
