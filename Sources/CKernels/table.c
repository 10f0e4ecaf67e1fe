// Tables of the loops, one for each type.
#include "kernels.h"

#define TAP_IN const void *
#define TAP_OUT void *

#include "real_f32.h"
#include "table.inc.h"
#include "real_f64.h"
#include "table.inc.h"
