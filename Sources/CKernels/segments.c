// Rows picked by index, and reductions over runs of rows.
#include "lanes.h"

#include "real_f32.h"
#include "sums.inc.h"
#include "segments.inc.h"
#include "real_f64.h"
#include "sums.inc.h"
#include "segments.inc.h"
